"""The vendors' stand-ins inside the test process."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client

from webapp.connectors.http import Response

BASE = {"REMOTE_ADDR": "127.0.0.1"}


class Vendors:
    """Requests of the application go through `send`, which notes their paths; the rest tells the sandbox what to do and asks it for the truth."""

    def __init__(self, client: Client):
        self.client = client
        self.calls: list[str] = []
        self.deleted: list[str] = []

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Response:
        parts = urlsplit(url)
        self.calls.append(parts.path)
        self.deleted += [parts.path] if method == "DELETE" else []
        answer = self.client.open(
            parts.path,
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            headers=dict(headers),
            data=content,
            environ_base=BASE,
        )
        return Response(answer.status_code, {key.lower(): value for key, value in answer.headers}, answer.data)

    def tell(self, shop: str = "bukowina", **wishes: Any) -> Any:
        """Post to the control address: tell(fault="status", code=503, times=2), tell(action="resize", people=0)."""
        return self._ask("POST", "/control", json={"shop": shop, **wishes})

    def truth(self, shop: str = "bukowina", vendor: str = "shopify", of: str = "people") -> list[dict[str, Any]]:
        """Who is really there."""
        return self._ask("GET", f"/control/truth?shop={shop}&vendor={vendor}&of={of}")

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        answer = self.client.open(path, method=method, environ_base=BASE, **options)
        assert answer.status_code == 200, answer.data
        return answer.json
