"""One organisation of the Zoho stand-in, and what goes over the wire to it."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.vendors import BASE
from webapp.connectors.base import Group, SignIn
from webapp.connectors.http import Response

from .standins import HOME, WHOLE, Visit, pages, people_of

SIGN_IN = SignIn("the-state", "a-verifier-" * 5, "https://lista.example/integracje/zoho/powrot")
OURS = f"{HOME}/zoho/"


class Org(Visit):
    """Someone who signs in to this organisation; `asked` are the addresses that were asked for, tokens not included."""

    def __init__(self, name: str = "bukowina", people: int = 30):
        self.name, self.asked, self.headers = name, [], []
        super().__init__("zoho", people)
        honest = self.vendors.send

        def send(method: str, url: str, headers: Any, content: bytes) -> Response:
            self.asked.append(url)
            self.headers.append(dict(headers))
            return honest(method, url, headers, content)

        self.send = send

    def answer(self, authorize_url: str, decision: str = "allow") -> dict[str, str]:
        url = urlsplit(authorize_url)
        given = {"org": self.name, "decision": decision}
        page = self.vendors.client.post(url.path, query_string=url.query, base_url=HOME, data=given, environ_base=BASE)
        return dict(parse_qsl(urlsplit(page.location).query))

    def tell(self, **wishes: Any) -> Any:
        return super().tell(shop=self.name, **wishes)

    def truth(self) -> list[dict[str, Any]]:
        return self.vendors.truth(vendor="zoho", shop=self.name)

    def instead(self, part: str, status: int, body: Any, times: int = 1_000) -> None:
        """Answer requests to addresses with this part like that, so many times."""
        honest, left = self.send, [times]

        def send(method: str, url: str, *rest: Any) -> Response:
            answer = honest(method, url, *rest)
            if part not in url or not left[0]:
                return answer
            left[0] -= 1
            return Response(status, {"content-type": "application/json;charset=UTF-8"}, json.dumps(body).encode())

        self.send = send

    def bend(self, change: Callable[[Any], None], part: str = "/Contacts?") -> None:
        """Spoil the first record of each page."""

        def changed(body: Any) -> Any:
            if body.get("data"):
                change(body["data"][0])
            return body

        self.spoil(changed, part)

    def read(self, *columns: str, group=Group.CONTACTS, source="everyone", window=WHOLE, page_size=7, cursor=None):
        return people_of(pages(self.connect(page_size), group, source, columns, window, cursor))


def refusal(code: str) -> dict[str, Any]:
    """The envelope of every refusal of the CRM."""
    return {"code": code, "details": {}, "message": "as the vendor says it", "status": "error"}
