"""Reading records page by page, and those that were deleted (vendor page, section 2).

Zoho pages by tokens that live a day and are bound to all other parameters. A cursor is the place by id besides: once the
token is gone, the pages before the place are read again and skipped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from webapp.connectors.base import Consent, Page, Person
from webapp.connectors.decoding import moment
from webapp.connectors.guard import PageGuard
from webapp.connectors.paging import Batch
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.api import Refused, ZohoApi
from webapp.connectors.zoho.columns import EMAIL, MODIFIED, OPT_OUT, Described, knows_consent, readers

LARGEST_PAGE, LEADS = 200, "Leads"
MOST_FIELDS, MOST_IDS, MOST_RECORDS = 50, 100, 100_000
LOST = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"})
ID = re.compile(r"[0-9]{1,30}")
CONSENTS = {True: Consent.WITHDRAWN, False: Consent.GRANTED}


class Info(msgspec.Struct):
    more_records: bool = False
    next_page_token: str | None = None


class Records(msgspec.Struct):
    """A page; records stay loose, so that one of them cannot spoil the others."""

    data: list[Any]
    info: Info


class TokenLost(ConnectorError):
    """The page token is no longer good: the pages have to be read again from the first."""

    def __init__(self) -> None:
        super().__init__(Reason.UNAVAILABLE)


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
        known = {one.api_name for one in described if one.is_usable}
        self._knows_consent = knows_consent(described)
        always = [name for name in (EMAIL, MODIFIED, OPT_OUT) if name in known] or [EMAIL]
        self.wanted = list(dict.fromkeys([*always, *(name for name in columns if name in known)]))
        self._query = {**query, "fields": ",".join(self.wanted[:MOST_FIELDS]), "per_page": page_size}

    def batches(self, total: int | None, token: str | None = None, seen: int = 0) -> Iterator[tuple[Batch, str | None]]:
        """Pages, each with the token of the next one; raises TokenLost, ConnectorError(PAGING_LOOP) for a token that came before."""
        guard, last_id = PageGuard(MOST_RECORDS if total is None else total, self._size), ""
        while True:
            page = self._page(token)
            records = page.data if page else []
            people = [self.person(record) for record in self.joined(records, self.wanted[MOST_FIELDS:])]
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

    def joined(self, records: list[Any], names: Sequence[str]) -> list[Any]:
        """The records with more fields (those beyond the fiftieth), which are asked for by their ids and joined by id."""
        ids = [number for record in records if (number := number_of(record))]
        for first in range(0, len(names), MOST_FIELDS):
            for start in range(0, len(ids), MOST_IDS):
                by_id = self._more(names[first : first + MOST_FIELDS], ids[start : start + MOST_IDS])
                records = [{**by_id.get(number_of(one), {}), **one} if number_of(one) else one for one in records]
        return records

    def _more(self, names: Sequence[str], ids: Sequence[str]) -> dict[str, Any]:
        query = {"fields": ",".join(names), "ids": ",".join(ids), "per_page": len(ids)}
        found = self._api.get(self._module, query | ({"converted": "both"} if self._module == LEADS else {}), Records)
        return {number_of(one): one for one in (found.data if found else ()) if number_of(one)}

    def person(self, record: Any) -> Person:
        """Whoever a record is about; unreadable where it is none."""
        number = number_of(record)
        if not number:
            return Person("", dict.fromkeys(self._readers), unreadable=True)
        try:
            values = {column: read(record) for column, read in self._readers.items()}
            consent = CONSENTS.get(record.get(OPT_OUT), Consent.NONE) if self._knows_consent else None
            return Person(number, values, consent, moment(record.get(MODIFIED)))
        except (ValueError, TypeError, AttributeError, OverflowError):
            return Person(number, dict.fromkeys(self._readers), unreadable=True)


def number_of(record: Any) -> str:
    """The id of a record, or "" for what is none."""
    number = record.get("id") if isinstance(record, dict) else None
    return number if isinstance(number, str) and ID.fullmatch(number) else ""


def deleted(api: ZohoApi, module: str, columns: Sequence[str], since: str, page: int) -> Iterator[Page]:
    """Who was deleted since then, from this page on; the recycle bin and what left it.

    Pages have always the largest size: their number is the cursor, whatever size the next reading has for people.
    """
    guard = PageGuard(MOST_RECORDS, LARGEST_PAGE)
    while True:
        query = {"type": "all", "page": page, "per_page": LARGEST_PAGE}
        found = api.get(f"{module}/deleted", query, Records, since)
        ids = [number for one in (found.data if found else ()) if (number := number_of(one))]
        people = [Person(number, dict.fromkeys(columns), deleted=True) for number in ids]
        more = bool(found and found.info.more_records and people)
        if more:
            guard.pass_through(ids)
        page += 1
        yield Page(people, {"deleted": page} if more else None)
        if not more:
            return
