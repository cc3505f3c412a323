"""Bulk read jobs as Zoho runs them: asked for, looked at, fetched (docs: bulk-read v8).

A job is a query over one module, and leaves a ZIP with one CSV of up to 200 000 records, which is there for a day.
"""

import re
from typing import Any, BinaryIO

import msgspec

from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.api import Refused, ZohoApi

UNDER_WAY = frozenset({"ADDED", "QUEUED", "IN PROGRESS", "IN_PROGRESS"})
ID = re.compile(r"[0-9]{1,30}")
MOST_PACKED = 500_000_000
# What is wrong beyond this one job: the ordinary way would meet it too.
GENERAL = frozenset(
    {Reason.UNAUTHORIZED, Reason.WRONG_REGION, Reason.API_DISABLED, Reason.QUOTA_USED_UP, Reason.UNAVAILABLE}
)


class Stumbled(Exception):
    """A job or its file is of no use; another job may be. `reason` is what to say if none is."""

    def __init__(self, reason: Reason):
        super().__init__(reason.value)
        self.reason = reason


class Details(msgspec.Struct):
    id: str


class Added(msgspec.Struct):
    status: str
    details: Details


class Addition(msgspec.Struct):
    data: list[Added]


class Result(msgspec.Struct):
    """What a finished job found."""

    count: int
    more_records: bool = False
    next_page_token: str | None = None


class Job(msgspec.Struct):
    state: str
    result: Any = None


class Look(msgspec.Struct):
    data: list[Job]


class Jobs:
    """The bulk read jobs of one organisation."""

    def __init__(self, api: ZohoApi):
        self._api = api

    def start(self, query: dict[str, Any]) -> str:
        """The id of a new job; raises Refused where Zoho does not take the query, ConnectorError."""
        found = self._api.bulk("read", Addition, {"query": query})
        if len(found.data) != 1 or not ID.fullmatch(found.data[0].details.id):
            raise ConnectorError(Reason.BAD_RESPONSE)
        return found.data[0].details.id

    def look(self, job: str) -> Result | None:
        """What the job found, None while it is under way; raises Stumbled for one that failed or is gone."""
        try:
            found = self._api.bulk(f"read/{job}", Look)
        except Refused as refused:
            raise _stumbled(refused) from None
        if len(found.data) != 1:
            raise ConnectorError(Reason.BAD_RESPONSE)
        state, result = found.data[0].state, found.data[0].result
        if state in UNDER_WAY:
            return None
        if state != "COMPLETED":
            raise Stumbled(Reason.UNAVAILABLE)
        return _result(result)

    def pause(self, seconds: float) -> None:
        """Wait here for a job that may be short."""
        self._api.pause(seconds)

    def fetch(self, job: str, file: BinaryIO) -> None:
        """Write the job's file; raises Stumbled for one that is gone, too large or too slow to be had, NoRoom."""
        try:
            self._api.download(f"read/{job}/result", file, MOST_PACKED)
        except Refused as refused:
            raise _stumbled(refused) from None
        except ConnectorError as error:
            if error.reason not in (Reason.TOO_LARGE, Reason.TIMEOUT):
                raise
            raise Stumbled(error.reason) from None


def _result(found: Any) -> Result:
    try:
        result = msgspec.convert(found, Result)
    except msgspec.ValidationError:
        raise ConnectorError(Reason.BAD_RESPONSE) from None
    if result.count < 0 or (result.more_records and not result.next_page_token):
        raise ConnectorError(Reason.BAD_RESPONSE)
    return result


def _stumbled(refused: Refused) -> Exception:
    return refused if refused.reason in GENERAL else Stumbled(Reason.UNAVAILABLE)
