"""Speaking REST with one organisation: sessions, refusals, and the day's budget of requests (vendor page, sections 1 and 5)."""

import re
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from webapp.connectors.base import Access
from webapp.connectors.decoding import converted, decode
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce.tokens import Tokens

DATA = "/services/data/v67.0/"
PATIENCE = 3600.0
OTHERS_SHARE = 0.2
REASONS = {
    "API_DISABLED_FOR_ORG": Reason.API_DISABLED,
    "API_CURRENTLY_DISABLED": Reason.API_DISABLED,
    "INSUFFICIENT_ACCESS": Reason.MISSING_SCOPE,
    "INSUFFICIENT_ACCESS_OR_READONLY": Reason.MISSING_SCOPE,
    "INVALID_TYPE": Reason.MISSING_SCOPE,
    "NOT_FOUND": Reason.SOURCE_GONE,
    "QUERY_TIMEOUT": Reason.UNAVAILABLE,
    "SERVER_UNAVAILABLE": Reason.UNAVAILABLE,
    "INVALID_SESSION_ID": Reason.UNAUTHORIZED,
}
DONE = frozenset({200, 204})
EDGE = frozenset({406, 420})
LOST_FIELD = re.compile(r"(?:No such column|relationship) '([\w.]+)'")
# With these words another session would be refused like this one (vendor page, section 1).
POINTLESS = (b"not valid for use with the REST API", b"not attached to Agent")
T = TypeVar("T")


class UnknownField(ConnectorError):
    """A column that the query names does not exist (any more), or may not be seen; `name` is empty where none is said."""

    def __init__(self, name: str) -> None:
        super().__init__(Reason.BAD_RESPONSE)
        self.name = name


class Trouble(msgspec.Struct):
    """One entry of a refusal."""

    errorCode: str = ""  # noqa: N815 - as on the wire
    message: str = ""


class Found(msgspec.Struct, rename="camel"):
    """The answer to a query; records stay loose, so that one of them cannot spoil the others."""

    total_size: int
    done: bool
    records: list[Any]


class SalesforceApi:
    """The data of one organisation. Nothing in it is changed."""

    def __init__(self, access: Access):
        self._http, self.tokens = access.http, Tokens(access)
        self._used: tuple[int, int] | None = None

    def get(self, path: str, kind: type[T]) -> T:
        """`path` is below /services/data/v…/. Raises ConnectorError, UnknownField."""
        return decode(self.ask("GET", path), kind)

    def ask(self, method: str, path: str, json: Any = None, accept: str = "application/json") -> Response:
        """What Salesforce answered, if it did as it was asked; raises ConnectorError, UnknownField."""
        response = self._send(method, path, json, accept)
        if response.status == 401 and not any(words in response.body for words in POINTLESS):
            self.tokens.forget()
            response = self._send(method, path, json, accept)
        self._note_usage(response)
        if response.status not in DONE:
            raise _refused(response)
        return response

    def query(self, soql: str, deleted: bool = False) -> Found:
        """A query from its start; `deleted` looks into the recycle bin too."""
        return self.get(f"{'queryAll' if deleted else 'query'}?{urlencode({'q': soql})}", Found)

    def rows(self, soql: str, kind: type[T]) -> list[T]:
        """The records of a short query as `kind`."""
        return converted(self.query(soql).records, list[kind])

    def count(self, soql: str, deleted: bool = False) -> int:
        return self.query(soql, deleted).total_size

    def require_budget(self) -> None:
        """A fifth of the organisation's requests stays for its other programs; raises ConnectorError(QUOTA_USED_UP)."""
        if self._used and self._used[0] > (1 - OTHERS_SHARE) * self._used[1]:
            raise ConnectorError(Reason.QUOTA_USED_UP, wait=PATIENCE)

    def pause(self, seconds: float) -> None:
        """Wait here; only for a moment."""
        self._http.pause(ConnectorError(Reason.UNAVAILABLE, wait=seconds))

    def _send(self, method: str, path: str, json: Any, accept: str) -> Response:
        headers = {"Authorization": f"Bearer {self.tokens.current()}", "Accept": accept}
        return self._http.request(method, f"{self.tokens.instance}{DATA}{path}", headers=headers, json=json)

    def _note_usage(self, response: Response) -> None:
        """`api-usage=18/15000; per-app-api-usage=…`"""
        match = re.search(r"(?<!-)api-usage=(\d+)/(\d+)", response.headers.get("sforce-limit-info", ""), re.ASCII)
        self._used = (int(match[1]), int(match[2])) if match else self._used


def _refused(response: Response) -> ConnectorError:
    trouble = _trouble(response)
    if trouble.errorCode == "INVALID_FIELD":
        named = LOST_FIELD.search(trouble.message)
        return UnknownField(named[1] if named else "")
    if trouble.errorCode == "REQUEST_LIMIT_EXCEEDED":
        daily = "TotalRequests" in trouble.message
        return ConnectorError(Reason.QUOTA_USED_UP, wait=PATIENCE) if daily else ConnectorError(Reason.RATE_LIMITED)
    if trouble.errorCode in REASONS:
        return ConnectorError(REASONS[trouble.errorCode])
    if response.status == 401:
        return ConnectorError(Reason.UNAUTHORIZED)
    if response.status in EDGE:
        return ConnectorError(Reason.UNAVAILABLE)
    return ConnectorError(Reason.MISSING_SCOPE if response.status == 403 else Reason.BAD_RESPONSE)


def _trouble(response: Response) -> Trouble:
    try:
        return next(iter(decode(response, list[Trouble])), Trouble())
    except ConnectorError:
        return Trouble()
