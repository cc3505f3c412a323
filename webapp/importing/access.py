"""Where integrations and connectors meet: a connector with the credentials of one vendor account."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import select

from webapp.connectors import CONNECTORS
from webapp.connectors.base import Access, Connector, ConnectorError, Reason
from webapp.connectors.http import Http
from webapp.extensions import db
from webapp.models import Integration
from webapp.models.database import writing
from webapp.values.secrets import InvalidSecret

Keep = Callable[[Mapping[str, str]], None]


@contextmanager
def asking(integration: Integration) -> Iterator[Connector]:
    """A connector for a connected vendor account. Ends the open transaction: none may wait for a vendor.

    Raises ConnectorError(UNAUTHORIZED) where the credentials cannot be decrypted: connecting again is the cure for both.
    """
    credentials = _opened(integration)
    integration_id = integration.id
    db.session.commit()
    with _network() as http:
        yield _connector(integration.vendor, http, credentials, lambda fresh: _store(integration_id, fresh))


@contextmanager
def trying(vendor: str, credentials: Mapping[str, str]) -> Iterator[tuple[Connector, dict[str, str]]]:
    """A connector for credentials that are not stored yet, and the renewed ones that it hands out meanwhile."""
    kept: dict[str, str] = {}
    db.session.commit()
    with _network() as http:
        yield _connector(vendor, http, credentials, kept.update), kept


def _opened(integration: Integration) -> dict[str, str]:
    try:
        return integration.credentials
    except InvalidSecret:
        raise ConnectorError(Reason.UNAUTHORIZED) from None


def _network() -> Http:
    config = current_app.config
    return Http(config["EGRESS_ALLOW"], **config.get("HTTP_OPTIONS", {}))


def _connector(vendor: str, http: Http, credentials: Mapping[str, str], keep: Keep) -> Connector:
    config = current_app.config
    access = Access(http, credentials, keep, config["ENDPOINTS"].get(vendor, {}), config["PAGE_SIZE"])
    return CONNECTORS[vendor](access)


def _store(integration_id: int, fresh: Mapping[str, str]) -> None:
    """Keep renewed credentials under the row's lock; a row that was disconnected meanwhile takes none."""
    with writing():
        row = db.session.scalar(
            select(Integration).where(Integration.id == integration_id).with_for_update(of=Integration)
        )
        if row and row.connected:
            row.keep(fresh)
        db.session.commit()
