"""A store of the sandbox in this process, and the connector that speaks to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client

from sandbox import Options, create_app
from tests.vendors import BASE, Vendors
from webapp.connectors.base import Access, Group, Page, Person, Window
from webapp.connectors.bigcommerce import BigCommerce
from webapp.connectors.http import Http
from webapp.connectors.reasons import ConnectorError

HOST = "127.0.0.1:8010"
NOW = datetime.now(UTC)
WHOLE = Window(None, NOW)
RECENT = Window(NOW - timedelta(minutes=5), NOW + timedelta(minutes=5))


class Store:
    """`asked` are the requests since the start (path below the store, query), `waits` the seconds that were waited."""

    def __init__(self, people: int = 30, name: str = "bukowina"):
        self.name, self.vendors = name, Vendors(Client(create_app(Options(people=people))))
        self.waits: list[float] = []
        self.asked: list[tuple[str, dict[str, str]]] = []

    def connect(self, page_size: int = 250, **changes: str) -> BigCommerce:
        http = Http(frozenset({HOST}), send=self._send, sleep=self.waits.append, backoff=lambda attempt: 1.0)
        credentials = {"store": self.name, "access_token": f"demo-token-{self.name}", **changes}
        endpoints = {"base_url": f"http://{HOST}/bigcommerce/{{store_hash}}"}
        return BigCommerce(Access(http, credentials, lambda kept: None, endpoints, page_size))

    def tell(self, **wishes: Any) -> Any:
        return self.vendors.tell(self.name, vendor="bigcommerce", **wishes)

    def truth(self, of: str = "people") -> list[dict[str, Any]]:
        query = {"shop": self.name, "vendor": "bigcommerce", "of": of}
        return self.vendors.client.get("/control/truth", query_string=query, environ_base=BASE).json

    def pages(
        self, source="everyone", columns: Sequence[str] = (), window=WHOLE, cursor=None, page_size=7
    ) -> list[Page]:
        return list(self.connect(page_size).people(Group.CONTACTS, source, list(columns), window, cursor))

    def read(self, source="everyone", columns: Sequence[str] = (), window=WHOLE, **options: Any) -> list[Person]:
        return [person for page in self.pages(source, columns, window, **options) for person in page.people]

    def queries(self, path: str) -> list[dict[str, str]]:
        """The queries that were asked of one address."""
        return [query for asked, query in self.asked if asked == path]

    def _send(self, method, url, headers, content):
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.asked.append((parts.path.removeprefix(f"/bigcommerce/{self.name}/"), query))
        return self.vendors.send(method, url, headers, content)


def ids(people: Sequence[Person]) -> list[str]:
    return [person.external_id for person in people]


def failure(call) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value
