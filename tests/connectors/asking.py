"""The way out as the tests use it: one attempt, no real waiting."""

import pytest

from webapp.connectors.http import Http
from webapp.connectors.reasons import ConnectorError, Reason

from .servers import Server


def http(server: Server | None = None, **options) -> Http:
    options = {"attempts": 1, "sleep": lambda seconds: None, **options}
    return Http(server.allowed if server else frozenset(), **options)


def reason_of(call) -> Reason:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value.reason
