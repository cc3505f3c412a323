"""Reading records page by page, and those that were deleted (vendor page, section 2).

Zoho pages by tokens that live a day and are bound to all other parameters. A cursor is the place by id besides: once the
token is gone, the pages before the place are read again and skipped.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from webapp.connectors.base import Consent, Page, Person
from webapp.connectors.guard import PageGuard
from webapp.connectors.paging import Batch
from webapp.connectors.zoho.api import Refused, ZohoApi
from webapp.connectors.zoho.columns import EMAIL, MODIFIED, OPT_OUT, Described, readers

MOST_FIELDS = 50
LOST = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"})
CONSENTS = {True: Consent.WITHDRAWN, False: Consent.GRANTED}


class Info(msgspec.Struct):
    more_records: bool = False
    next_page_token: str | None = None


class Records(msgspec.Struct):
    """A page; records stay loose, so that one of them cannot spoil the others."""

    data: list[Any]
    info: Info


class TokenLost(Exception):
    """The page token is no longer good: the pages have to be read again from the first."""


class Reader:
    """Reads one module with the chosen columns. `query` says which records, `since` (ISO 8601) which changes."""

    def __init__(
        self,
        api: ZohoApi,
        module: str,
        query: Mapping[str, str],
        columns: Sequence[str],
        described: Sequence[Described],
        page_size: int,
        since: str | None,
    ):
        self._api, self._module, self._size, self._since = api, module, page_size, since
        self._readers = readers(columns, described)
        known = {one.api_name for one in described}
        self._knows_consent = OPT_OUT in known
        always = [name for name in (EMAIL, MODIFIED, OPT_OUT) if name in known] or [EMAIL]
        wanted = list(dict.fromkeys([*always, *(name for name in columns if name in known)]))
        self._query = {**query, "fields": ",".join(wanted[:MOST_FIELDS]), "per_page": page_size}
        self._rest = [wanted[start : start + MOST_FIELDS] for start in range(MOST_FIELDS, len(wanted), MOST_FIELDS)]

    def batches(self, total: int | None, token: str | None = None, seen: int = 0) -> Iterator[tuple[Batch, str | None]]:
        """Pages, each with the token of the next one; raises TokenLost, ConnectorError(PAGING_LOOP) for a token that came before."""
        guard, last_id = PageGuard(total, self._size), ""
        while True:
            page = self._page(token)
            records = page.data if page else []
            people = [self._person(record) for record in self._joined(records)]
            more, seen = bool(page and page.info.more_records), seen + len(people)
            token = page.info.next_page_token if page else None
            if more:
                guard.pass_through(token)
            last_id = next((one.external_id for one in reversed(people) if one.external_id), last_id)
            yield Batch(people, last_id, more, seen), token
            if not more:
                return

    def _page(self, token: str | None) -> Records | None:
        query = {**self._query, **({"page_token": token} if token else {})}
        try:
            return self._api.get(self._module, query, Records, self._since)
        except Refused as refused:
            if token and refused.code in LOST:
                raise TokenLost from None
            raise

    def _joined(self, records: list[Any]) -> list[Any]:
        """Fields beyond the fiftieth are asked for by the ids of the page, and joined by id."""
        ids = [record["id"] for record in records if isinstance(record, dict) and isinstance(record.get("id"), str)]
        for names in self._rest if ids else ():
            query = {"fields": ",".join(names), "ids": ",".join(ids), "per_page": self._size}
            more = self._api.get(self._module, query | self._converted(), Records)
            by_id = {one.get("id"): one for one in (more.data if more else ()) if isinstance(one, dict)}
            records = [{**by_id.get(one.get("id"), {}), **one} if isinstance(one, dict) else one for one in records]
        return records

    def _converted(self) -> dict[str, str]:
        return {"converted": "both"} if "converted" in self._query else {}

    def _person(self, record: Any) -> Person:
        number = record.get("id") if isinstance(record, dict) else None
        if not isinstance(number, str) or not number.isdigit():
            return Person("", dict.fromkeys(self._readers), unreadable=True)
        try:
            values = {column: read(record) for column, read in self._readers.items()}
            consent = CONSENTS.get(record.get(OPT_OUT), Consent.NONE) if self._knows_consent else None
            return Person(number, values, consent, _moment(record.get(MODIFIED)))
        except (ValueError, TypeError, AttributeError):
            return Person(number, dict.fromkeys(self._readers), unreadable=True)


def _moment(text: str | None) -> datetime | None:
    """An aware time; raises ValueError, TypeError."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


class Gone(msgspec.Struct):
    id: str


class GonePage(msgspec.Struct):
    data: list[Gone]
    info: Info


def deleted(api: ZohoApi, module: str, columns: Sequence[str], since: str, page: int, page_size: int) -> Iterator[Page]:
    """Who was deleted since then, from this page on; the recycle bin and what left it."""
    guard = PageGuard(None, page_size)
    while True:
        query = {"type": "all", "page": page, "per_page": page_size}
        found = api.get(f"{module}/deleted", query, GonePage, since)
        people = [Person(one.id, dict.fromkeys(columns), deleted=True) for one in (found.data if found else ())]
        more = bool(found and found.info.more_records and people)
        guard.pass_through(page)
        page += 1
        yield Page(people, {"deleted": page} if more else None)
        if not more:
            return
