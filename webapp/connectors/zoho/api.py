"""Speaking with one organisation's CRM: tokens, refusals, and answers that have no body (vendor page, sections 1 and 2)."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlencode

import msgspec

from webapp.connectors.base import Access
from webapp.connectors.decoding import decode
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.tokens import Tokens

NOBODY, GOOD = frozenset({204, 304}), frozenset({200, 201})
REASONS = {
    "OAUTH_SCOPE_MISMATCH": Reason.MISSING_SCOPE,
    "NO_PERMISSION": Reason.MISSING_SCOPE,
    "INVALID_HOST": Reason.WRONG_REGION,
    "INVALID_MODULE": Reason.SOURCE_GONE,
    "API_LIMIT_EXCEEDED": Reason.QUOTA_USED_UP,
    "PAGINATION_LIMIT_EXCEEDED": Reason.TOO_LARGE,
    "CRM_NOT_ENABLED": Reason.API_DISABLED,
    "NO_API_ACCESS": Reason.API_DISABLED,
    "INTERNAL_ERROR": Reason.UNAVAILABLE,
}
T = TypeVar("T")


class Refused(ConnectorError):
    """A refusal with Zoho's own code, for those that a caller can answer."""

    def __init__(self, reason: Reason, trouble: "Trouble"):
        super().__init__(reason)
        self.code, self.field = trouble.code, trouble.field


class Trouble(msgspec.Struct):
    """The envelope of every refusal; the details may name a field."""

    code: str = ""
    details: Any = None

    @property
    def field(self) -> str:
        found = self.details.get("api_name") if isinstance(self.details, dict) else None
        return found if isinstance(found, str) else ""


class ZohoApi:
    """The CRM of one organisation, read only."""

    def __init__(self, access: Access):
        self._http, self.tokens = access.http, Tokens(access)

    def get(self, path: str, query: Mapping[str, Any], kind: type[T], since: str | None = None) -> T | None:
        """The answer as `kind`, or None where there is nobody. `since` (ISO 8601) asks for what changed from then on.

        Raises Refused, ConnectorError.
        """
        path, changed = (
            f"v8/{path}?{urlencode(query, safe=',')}".rstrip("?"),
            {"If-Modified-Since": since} if since else {},
        )
        response = self._asked(lambda headers: self._http.request("GET", self._url(path), headers=headers | changed))
        if response.status in NOBODY:
            return None
        return decode(_good(response), kind)

    def bulk(self, path: str, kind: type[T], body: Any = None) -> T:
        """The answer of the bulk API as `kind`, to a question or (with a body) an order; raises Refused, ConnectorError."""
        url, method = self._url(f"bulk/v8/{path}"), "GET" if body is None else "POST"
        response = self._asked(lambda headers: self._http.request(method, url, headers=headers, json=body))
        return decode(_good(response), kind)

    def download(self, path: str, file: BinaryIO, most: int) -> None:
        """Write a file of the bulk API, of so many bytes at most; raises Refused, ConnectorError, NoRoom."""
        url = self._url(f"bulk/v8/{path}")
        _good(self._asked(lambda headers: self._http.download(url, file, headers=headers, most=most)))

    def pause(self, seconds: float) -> None:
        """Wait here: a few seconds, while Zoho prepares something."""
        self._http.pause(ConnectorError(Reason.UNAVAILABLE, wait=seconds))

    def _url(self, path: str) -> str:
        return f"{self.tokens.api}/crm/{path}"

    def _asked(self, send: Callable[[dict[str, str]], Response]) -> Response:
        """With a token that is valid for now, and once more with another where Zoho ended it before its time."""
        response = send(self._authorization)
        if response.status == 401 and _trouble(response).code != "OAUTH_SCOPE_MISMATCH":
            self.tokens.forget()
            response = send(self._authorization)
        return response

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Zoho-oauthtoken {self.tokens.current()}"}


def _good(response: Response) -> Response:
    if response.status not in GOOD:
        raise _refused(response)
    return response


def _refused(response: Response) -> ConnectorError:
    trouble = _trouble(response)
    if trouble.code in REASONS:
        return Refused(REASONS[trouble.code], trouble)
    if response.status == 401:
        return Refused(Reason.UNAUTHORIZED, trouble)
    return Refused(Reason.MISSING_SCOPE if response.status == 403 else Reason.BAD_RESPONSE, trouble)


def _trouble(response: Response) -> Trouble:
    try:
        return decode(response, Trouble)
    except ConnectorError:
        return Trouble()
