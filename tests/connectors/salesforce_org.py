"""One organisation of the Salesforce stand-in, where somebody has signed in."""

import json
from urllib.parse import parse_qsl, urlsplit

from webapp.connectors.base import Group
from webapp.connectors.http import Response

from .standins import HOME, WHOLE, Visit, pages, people_of

JSON = {"content-type": "application/json;charset=UTF-8"}


class Org(Visit):
    """`name` is the organisation that people choose when they sign in."""

    def __init__(self, name="bukowina", people=30, **form):
        self.name, self._typed = name, form
        super().__init__("salesforce", people)

    def sign_in(self, decision="allow"):
        self.credentials |= self._typed
        super().sign_in(decision)

    def answer(self, authorize_url, decision):
        url = urlsplit(authorize_url)
        agreed = {"org": self.name, "decision": decision}
        page = self.vendors.client.post(url.path, query_string=url.query, base_url=HOME, data=agreed)
        return dict(parse_qsl(urlsplit(page.location).query))

    def tell(self, **wishes):
        return super().tell(shop=self.name, **wishes)

    def refuse(self, status, body, on="query", **wishes):
        """Every request of this kind gets this answer instead."""
        self.tell(fault="body", status=status, body=json.dumps(body), on=on, **wishes)

    def replace(self, part, status, body):
        """Every address with this part answers so, that of signing in too."""
        honest, content = self.send, body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send = lambda method, url, *rest: (
            Response(status, JSON, content) if part in url else honest(method, url, *rest)
        )

    def requested(self, part):
        return [path for path in self.vendors.calls if part in path]

    def read(self, *columns, source="everyone", group=Group.CONTACTS, window=WHOLE, page_size=7, cursor=None):
        return people_of(pages(self.connect(page_size), group, source, columns, window, cursor))


def trouble(code, message="x"):
    return [{"errorCode": code, "message": message}]
