"""Reading records page by page by rising id (vendor page, sections 2 and 7).

A cursor of Salesforce's own belongs to the session that opened it, and is lost with it. A page is a query of its own
instead, which begins after the last id: as many requests, and no session to outlive.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote_plus

from webapp.connectors.base import Consent, Page, Person
from webapp.connectors.decoding import moment
from webapp.connectors.guard import PageGuard
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce import soql
from webapp.connectors.salesforce.api import Found, SalesforceApi, UnknownField
from webapp.connectors.salesforce.columns import ID, OPT_OUT, STAMP, Described, known, readers
from webapp.connectors.salesforce.sources import People

LONGEST_QUERY, SHORTEST_LIST = 14_000, 2_000  # letters of an address; Salesforce takes about 16 000
MOST_LOST_FIELDS = 10
PATIENCE = 3
Describe = Callable[[], Sequence[Described]]
UNREADABLE = {STAMP: ""}
CONSENTS = {True: Consent.WITHDRAWN, False: Consent.GRANTED}


class Reader:
    """Reads the people of a source with the chosen columns. `asked`: what is asked for, with the types of describe."""

    def __init__(self, api: SalesforceApi, people: People, columns: Sequence[str], describe: Describe, page_size: int):
        self._api, self._people, self._size = api, people, page_size
        self._columns, self._describe = columns, describe
        self._lost: set[str] = set()
        self._choose()

    def _choose(self) -> None:
        """What can be asked for now, of what is wanted."""
        hidden = {name + end for name in self._lost if name for end in ("", "Id")}
        described = [one for one in self._describe() if one.name not in hidden]
        self._knows_consent = any(one.name == OPT_OUT for one in described)
        self._readers = readers(self._columns, described)
        always = [ID, STAMP] + ([OPT_OUT] if self._knows_consent else [])
        room = max(LONGEST_QUERY - len(quote_plus(" ".join(self._people.conditions))), SHORTEST_LIST)
        asked = list(dict.fromkeys([*always, *known(self._columns, described)]))
        types = {one.name: one.type for one in described}
        self.asked = {name: types.get(name, "string") for name in asked}
        self._parts = _parts(asked, room)

    def pages(
        self,
        bounds: Sequence[str],
        last_id: str,
        total: int,
        then: dict[str, Any] | None,
        kept: Mapping[str, Any] = MappingProxyType({}),
    ) -> Iterator[Page]:
        """Everybody behind `last_id`; cursors carry `kept` with them, and the last page's cursor is `then`.

        Raises ConnectorError: PAGING_LOOP, QUOTA_USED_UP.
        """
        for records, last, more in self._walk(bounds, last_id, total, deleted=False):
            yield Page([self.person(record) for record in records], {"last_id": last, **kept} if more else then)

    def everyone_behind(self, last_id: str) -> str:
        """One query for all of them, as long as it may be."""
        scope = [*self._people.conditions, soql.behind(last_id)]
        return soql.select(list(self.asked), self._people.entity, self._people.scope, scope)

    def gone(self, bounds: Sequence[str], last_id: str) -> Iterator[Page]:
        """Who of everybody was deleted in the window, as far as the recycle bin still holds them (about 15 days)."""
        conditions = [*bounds, "IsDeleted = true"]
        total = self._api.count(soql.count(self._people.entity, "", conditions), deleted=True)
        for records, last, more in self._walk(conditions, last_id, total, deleted=True):
            people = [Person(_id_of(one), dict.fromkeys(self._columns), deleted=True) for one in records if _id_of(one)]
            yield Page(people, {"deleted_after": last} if more else None)

    def _walk(
        self, conditions: Sequence[str], last_id: str, total: int, *, deleted: bool
    ) -> Iterator[tuple[list[Any], str, bool]]:
        """Salesforce may give fewer records at once than were asked for: people bound this walk, not pages."""
        guard, still, left = PageGuard(None, self._size), 0, 1.5 * total + 5 * self._size
        while True:
            self._api.require_budget()
            found = self._page_anew(conditions, last_id, deleted)
            records = [one for one in found.records if not _id_of(one) or _is_behind(_id_of(one), last_id)]
            reached = next((_id_of(one) for one in reversed(records) if _id_of(one)), last_id)
            more = not found.done or len(found.records) >= self._size
            still = 0 if reached != last_id else still + 1
            left -= len(records)
            if more and (still > PATIENCE or left < 0):
                raise ConnectorError(Reason.PAGING_LOOP)
            if more and reached != last_id:
                guard.pass_through(reached)
            last_id = reached
            if records or not more:
                yield records, last_id, more
            if not more:
                return

    def _page_anew(self, conditions: Sequence[str], last_id: str, deleted: bool) -> Found:
        """A field may be deleted or hidden while people are read: the page is asked for once more without it."""
        while True:
            try:
                return self._page(conditions, last_id, deleted)
            except UnknownField as error:
                if error.name in self._lost or len(self._lost) >= MOST_LOST_FIELDS:
                    raise
                self._lost.add(error.name)
                self._choose()

    def _page(self, conditions: Sequence[str], last_id: str, deleted: bool) -> Found:
        """Columns that do not fit into one address are asked for in parts, which are joined by id."""
        scope = [*([] if deleted else self._people.conditions), *conditions, soql.behind(last_id)]
        entity, parts = self._people.entity, [[ID, STAMP]] if deleted else self._parts
        asked = "" if deleted else self._people.scope
        found = self._api.query(soql.select(parts[0], entity, asked, scope, self._size), deleted)
        last = next((_id_of(one) for one in reversed(found.records) if _id_of(one)), "")
        for names in parts[1:] if last else ():
            within = [*scope, f"Id <= {soql.literal(last)}"]
            more = self._api.query(soql.select([ID, *names], entity, asked, within, self._size), deleted)
            found = _joined(found, more)
        return found

    def person(self, record: Any) -> Person:
        """A record of a query; one that cannot be understood is unreadable."""
        number = _id_of(record)
        if not number:
            return Person("", dict.fromkeys(self._readers), unreadable=True)
        try:
            values = {column: read(record) for column, read in self._readers.items()}
            consent = CONSENTS.get(record.get(OPT_OUT), Consent.NONE) if self._knows_consent else None
            return Person(number, values, consent, moment(record.get(STAMP)))
        except (ValueError, TypeError, AttributeError, OverflowError):
            return Person(number, dict.fromkeys(self._readers), unreadable=True)


def _joined(found: Found, more: Found) -> Found:
    """Records with the columns of both, as far as both go; whom the second does not know (any more) is unreadable."""
    by_id = {_id_of(one): one for one in more.records if _id_of(one)}
    reach = len(found.records)
    if not more.done:
        reach = 1 + max((place for place, one in enumerate(found.records) if _id_of(one) in by_id), default=-1)
    records = [
        {**one, **by_id.get(_id_of(one), UNREADABLE)} if isinstance(one, dict) else one for one in found.records[:reach]
    ]
    return Found(found.total_size, found.done and more.done, records)


def _parts(columns: list[str], room: int) -> list[list[str]]:
    """Lists of columns that leave room for the rest of an address."""
    parts: list[list[str]] = [[]]
    left = room
    for column in columns:
        left -= len(quote_plus(f", {column}"))
        if left < 0 and parts[-1]:
            parts.append([])
            left = room - len(quote_plus(f", {column}"))
        parts[-1].append(column)
    return parts


def _id_of(record: Any) -> str:
    number = record.get(ID) if isinstance(record, dict) else None
    return number if isinstance(number, str) else ""


def _is_behind(number: str, last_id: str) -> bool:
    """Salesforce's own order counts; only the very record that was last is known to have come before."""
    return number != last_id
