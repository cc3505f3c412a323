"""The bulk way of reading many customers: Shopify writes them into a file by itself, and we read that (vendor page, section 5).

The file's order is not promised. It is looked through once before anybody is taken from it: only if its ids rise does the
last one delivered become the cursor's key position. Otherwise that position stays before everyone, and whoever needs it
reads everyone again; people who did not change are free. The operation and the place in its file are a shortcut
beside the position, for as long as the file is fresh.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from webapp.connectors.base import Page, Person
from webapp.connectors.shopify.api import ShopifyApi
from webapp.connectors.shopify.errors import TooCostly
from webapp.connectors.shopify.files import GivenUp, ResultFile
from webapp.connectors.shopify.operations import Operation, Operations
from webapp.connectors.shopify.reader import Reader, number_within

SHORT_WAITS = (1.0, 2.0, 4.0)
COME_BACK, MOST_VISITS = 60.0, 30
ASK_AGAIN, MOST_REFUSALS = 60.0, 10
# The file lives for a week, but somebody in it may have withdrawn meanwhile: the pages are never older than a moment.
FRESH = timedelta(hours=2)
LOOKED_THROUGH_AT_ONCE = 2_000
LARGEST_PAGE = 2_000


class Shortcut(msgspec.Struct):
    """The cursor's second half: the operation ("" until it could be started), how often was asked for it, and the place in its file.

    `query` is a digest of what was asked for: whoever asks for other columns cannot read this file.
    """

    started_at: datetime
    query: str
    operation: str = ""
    asked: int = 0
    offset: int = 0
    in_order: bool | None = None


class Bulk:
    """One reading of everyone whom `query` finds. `last_id`: everyone up to this id was delivered."""

    def __init__(self, api: ShopifyApi, reader: Reader, query: str | None, keep: Callable[[Person], bool], size: int):
        self._api, self._reader, self._query, self._keep = api, reader, query, keep
        self._operations, self._size = Operations(api), min(size, LARGEST_PAGE)
        self._document = reader.bulk_document(query)
        self._place = Shortcut(datetime.now(UTC), hashlib.sha256(self._document.encode()).hexdigest())
        self.last_id = 0

    def pages(self, cursor: dict[str, Any] | None) -> Iterator[Page]:
        """Pages to the end; raises GivenUp where the rest must be read otherwise, and ConnectorError."""
        waits: list[float] = []
        if cursor:
            self._take_up(cursor)
        if not self._place.operation:
            yield from self._start()
            waits = list(SHORT_WAITS)
        operation = yield from self._wait(waits)
        file = ResultFile(self._api.http, operation.url or "", self._api.base_url)
        if self._place.in_order is None:
            yield from self._look_through(file, operation)
        yield from self._deliver(file)

    def _take_up(self, cursor: dict[str, Any]) -> None:
        self.last_id, place = int(cursor["last_id"]), msgspec.convert(cursor["bulk"], Shortcut)
        if place.query != self._place.query:
            raise GivenUp("other columns are asked for now")
        if datetime.now(UTC) - place.started_at > FRESH:
            raise GivenUp("the file is too old")
        self._place = place

    def _start(self) -> Iterator[Page]:
        try:
            self._reader.probe(self._query)
        except TooCostly:
            raise GivenUp("one person costs too much") from None
        while not self._place.operation:
            self._place.operation = self._operations.start(self._document)
            if not self._place.operation:
                yield self._later(ASK_AGAIN, MOST_REFUSALS)
        self._place.asked, self._place.started_at = 0, datetime.now(UTC)
        yield Page([], self._cursor)

    def _wait(self, waits: list[float]) -> Iterator[Page]:
        """Returns the operation that has ended. A short one is waited for here, a long one while the worker is elsewhere."""
        while True:
            if waits:
                self._api.pause(waits.pop(0))
            if operation := self._operations.ended(self._place.operation):
                return operation
            if not waits:
                yield self._later(COME_BACK, MOST_VISITS)

    def _later(self, seconds: float, most: int) -> Page:
        self._place.asked += 1
        if self._place.asked > most:
            if self._place.operation:
                self._operations.cancel(self._place.operation)
            raise GivenUp("the operation does not end" if self._place.operation else "others are in the way")
        return Page([], self._cursor, later=seconds)

    def _look_through(self, file: ResultFile, operation: Operation) -> Iterator[Page]:
        """Whether the file is whole, and in order; pages are signs of life."""
        rows, last, in_order = 0, 0, True
        for line, _ in file.lines(0):
            if _is_child(line):
                continue
            number = int(number_within(line) or 0)
            rows, in_order, last = rows + 1, in_order and number > last, number
            if rows % LOOKED_THROUGH_AT_ONCE == 0:
                yield Page([], self._cursor)
        if rows < max(1, operation.rows):
            raise GivenUp(f"the file holds {rows} of {operation.rows}")
        self._place.in_order = in_order

    def _deliver(self, file: ResultFile) -> Iterator[Page]:
        lines, more = file.lines(self._place.offset), True
        while more:
            taken = list(islice(lines, self._size))
            people = [self._reader.person(line) for line, _ in taken if not _is_child(line)]
            self._place.offset = taken[-1][1] if taken else self._place.offset
            if self._place.in_order and people:
                self.last_id = int(people[-1].external_id)
            more = bool(taken) and self._place.offset < (file.size or 0)
            yield Page([person for person in people if self._keep(person)], self._cursor if more else None)

    @property
    def _cursor(self) -> dict[str, Any]:
        return {"last_id": self.last_id, "bulk": msgspec.to_builtins(self._place)}


def _is_child(line: bytes) -> bool:
    """Rows of nested connections name their parent; within a text these quotes would be escaped."""
    return b'"__parentId"' in line
