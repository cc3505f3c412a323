"""Speaking with one organisation's CRM: tokens, refusals, and answers that have no body (vendor page, sections 1 and 2)."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from webapp.connectors.base import Access
from webapp.connectors.decoding import decode
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.tokens import Tokens

NOBODY = frozenset({204, 304})
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

    def __init__(self, reason: Reason, code: str):
        super().__init__(reason)
        self.code = code


class Trouble(msgspec.Struct):
    """The envelope of every refusal."""

    code: str = ""


class ZohoApi:
    """The CRM of one organisation, read only."""

    def __init__(self, access: Access):
        self._http, self.tokens = access.http, Tokens(access)

    def get(self, path: str, query: Mapping[str, Any], kind: type[T], since: str | None = None) -> T | None:
        """The answer as `kind`, or None where there is nobody. `since` (ISO 8601) asks for what changed from then on.

        Raises Refused, ConnectorError.
        """
        response = self._send(path, query, since)
        if response.status == 401 and _code(response) != "OAUTH_SCOPE_MISMATCH":
            self.tokens.forget()
            response = self._send(path, query, since)
        if response.status in NOBODY:
            return None
        if response.status != 200:
            raise _refused(response)
        return decode(response, kind)

    def _send(self, path: str, query: Mapping[str, Any], since: str | None) -> Response:
        headers = {"Authorization": f"Zoho-oauthtoken {self.tokens.current()}"}
        url = f"{self.tokens.api}/crm/v8/{path}?{urlencode(query, safe=',')}".rstrip("?")
        if since:
            headers["If-Modified-Since"] = since
        return self._http.request("GET", url, headers=headers)


def _refused(response: Response) -> ConnectorError:
    code = _code(response)
    if code in REASONS:
        return Refused(REASONS[code], code)
    if response.status == 401:
        return Refused(Reason.UNAUTHORIZED, code)
    return Refused(Reason.MISSING_SCOPE if response.status == 403 else Reason.BAD_RESPONSE, code)


def _code(response: Response) -> str:
    try:
        return decode(response, Trouble).code
    except ConnectorError:
        return ""
