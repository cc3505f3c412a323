"""The sandbox as its callers see it: through WSGI, and for faults of the wire through a real socket."""

from threading import Thread

import pytest
from werkzeug.test import Client, TestResponse

from sandbox import Options, create_app
from sandbox.server import serve

VERSION = "2026-10"
EVERYONE = """
query($first: Int!, $after: String, $query: String, $sort: CustomerSortKeys = ID, $reverse: Boolean = false) {
  customers(first: $first, after: $after, query: $query, sortKey: $sort, reverse: $reverse) {
    nodes { id legacyResourceId updatedAt createdAt tags defaultEmailAddress { emailAddress marketingState } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


class Caller:
    """Asks one shop, and the control address about it."""

    def __init__(self, app, shop="bukowina"):
        self.client = Client(app)
        self.shop = shop
        self.token = f"shpat_demo-token-{shop}"

    def graphql(self, document: str, /, *, version: str = VERSION, **variables) -> TestResponse:
        path = f"/shopify/{self.shop}/admin/api/{version}/graphql.json"
        body = {"query": document, "variables": variables}
        return self.client.post(path, json=body, headers={"X-Shopify-Access-Token": self.token})

    def data(self, document: str, /, **variables) -> dict:
        body = self.graphql(document, **variables).json
        assert "errors" not in body, body["errors"]
        return body["data"]

    def page(self, first=250, **variables) -> dict:
        return self.data(EVERYONE, first=first, **variables)["customers"]

    def ids(self, **variables) -> list[str]:
        """The ids of all pages."""
        ids, after = [], None
        while True:
            page = self.page(after=after, **variables)
            ids += [node["legacyResourceId"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return ids

    def mint(self, **fields) -> TestResponse:
        path = f"/shopify/{self.shop}/admin/oauth/access_token"
        known = {"client_id": f"demo-client-{self.shop}", "client_secret": f"demo-secret-{self.shop}"}
        return self.client.post(path, data={**known, **fields})

    def control(self, path: str = "", **wishes) -> dict:
        response = self.client.post(f"/control{path}", json={"shop": self.shop, **wishes}, environ_base=LOOPBACK)
        assert response.status_code == 200, response.json
        return response.json

    def fault(self, fault: str, **wishes) -> dict:
        return self.control(fault=fault, **wishes)

    def ask_control(self, path: str, **query) -> dict | list:
        asked = {"shop": self.shop, **query}
        return self.client.get(f"/control{path}", query_string=asked, environ_base=LOOPBACK).json

    def truth(self, **query) -> list[dict]:
        return self.ask_control("/truth", **query)


LOOPBACK = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def app():
    return create_app(Options(people=120))


@pytest.fixture
def bukowina(app):
    return Caller(app)


@pytest.fixture
def caller(app):
    return lambda shop: Caller(app, shop)


@pytest.fixture
def server(app):
    """The address of a running sandbox."""
    running = serve(app, "127.0.0.1", 0)
    Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{running.port}"
    running.shutdown()
    running.server_close()
