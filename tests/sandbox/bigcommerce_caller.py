"""Asks the stand-in of BigCommerce as an importer does."""

from werkzeug.test import Client

from sandbox import Options, create_app

LOOPBACK = {"REMOTE_ADDR": "127.0.0.1"}


class Caller:
    """Asks one store, and the control address about it."""

    def __init__(self, store="bukowina", people=120, app=None):
        self.client, self.store = Client(app or create_app(Options(people=people))), store
        self.headers = {"X-Auth-Token": f"demo-token-{store}", "Accept": "application/json"}

    def ask(self, path, method="GET", headers=None, **query):
        query = {name.replace("__", ":"): value for name, value in query.items()}
        sent = self.headers if headers is None else headers
        return self.client.open(
            f"/bigcommerce/{self.store}/{path}", method=method, headers=sent, query_string=query, environ_base=LOOPBACK
        )

    def page(self, path="v3/customers", **query):
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def ids(self, path="v3/customers", **query):
        return [record["id"] for record in self.page(path, **query)["data"]]

    def control(self, **wishes):
        body = {"shop": self.store, "vendor": "bigcommerce", **wishes}
        answer = self.client.post("/control", json=body, environ_base=LOOPBACK)
        assert answer.status_code == 200, answer.json
        return answer.json

    def truth(self, of="people"):
        query = {"shop": self.store, "vendor": "bigcommerce", "of": of}
        return self.client.get("/control/truth", query_string=query, environ_base=LOOPBACK).json
