"""Reading customers by cursor, and finding the place again when a cursor is no longer good (vendor page, section 3).

A cursor of BigCommerce's is opaque and nobody says how long it lives. The place in the list is therefore kept three times:
as the cursor, as the last id, and as a count.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from webapp.connectors.bigcommerce.api import BigCommerceApi, Listing
from webapp.connectors.bigcommerce.errors import Rejected
from webapp.connectors.bigcommerce.records import Customer, Reading
from webapp.connectors.guard import PageGuard
from webapp.connectors.reasons import ConnectorError, Reason

PATH = "v3/customers"
HALVINGS = 2


class Place(msgspec.Struct, frozen=True):
    """Where a reading stands: behind `last_id`, after `position` of `total` records; `after` is BigCommerce's cursor."""

    after: str | None = None
    last_id: int = 0
    position: int = 0
    total: int | None = None


class Batch(NamedTuple):
    """Customers of one page (some of them Unreadable), the place behind them, and whether more follow."""

    records: list[Any]
    place: Place
    more: bool


class Customers:
    """The customers of one store that a query finds, with what `include` adds to each."""

    def __init__(self, api: BigCommerceApi, query: dict[str, Any], include: str, page_size: int):
        self._api = api
        self._query = {**query, **({"include": include} if include else {})}
        self._size, self._smallest = page_size, max(1, page_size >> HALVINGS) if include else page_size
        self._reading = Reading(msgspec.json.Decoder(Customer))

    def batches(self, place: Place) -> Iterator[Batch | None]:
        """Pages behind a place; None for each page that is read only to be skipped."""
        first = True
        try:
            for batch in self._walk(place):
                if first and _stands_elsewhere(batch, place):
                    break
                first, place = False, batch.place
                yield batch
            else:
                return
        except Rejected:
            if place.after is None:
                raise
        yield from self._again(place)

    def _walk(self, place: Place) -> Iterator[Batch]:
        """Pages by cursor; raises ConnectorError(PAGING_LOOP) when the store pages for ever."""
        guard = None
        while True:
            try:
                listing = self._page(place)
            except ConnectorError as error:
                if error.reason is not Reason.UNAVAILABLE or self._size <= self._smallest:
                    raise
                self._size, guard = self._size // 2, None
                continue
            records = [self._reading.record(raw) for raw in listing.data]
            after = _next(listing, self._size)
            place = _behind(place, records, after, listing.total)
            guard = guard or PageGuard(place.total, self._size)
            if after is not None:
                guard.pass_through(after)
            yield Batch(records, place, after is not None)
            if after is None:
                return

    def _page(self, place: Place) -> Listing[msgspec.Raw]:
        where = {"after": place.after} if place.after is not None else {}
        return self._api.get(PATH, {"limit": self._size, **self._query, **where}, Listing[msgspec.Raw])

    def _again(self, place: Place) -> Iterator[Batch | None]:
        """From the start. If the last one delivered is gone, the count decides, with an overlap: twice is harmless, missed is not."""
        found = False
        for batch in self._walk(Place()):
            ids = [] if found else [record.id for record in batch.records]
            if place.last_id in ids:
                found = True
                yield batch._replace(records=batch.records[ids.index(place.last_id) + 1 :])
            else:
                yield batch if found else None
        if not found:
            yield from self._from(place.position - self._size)

    def _from(self, position: int) -> Iterator[Batch | None]:
        for batch in self._walk(Place()):
            started = batch.place.position - len(batch.records)
            left = batch.records[max(0, position - started) :]
            yield batch._replace(records=left) if left or not batch.more else None


def _stands_elsewhere(batch: Batch, place: Place) -> bool:
    """Ids rise: a page that begins before the place was not what its cursor meant."""
    return place.after is not None and bool(batch.records) and 0 < batch.records[0].id <= place.last_id


def _behind(place: Place, records: list[Any], after: str | None, total: int | None) -> Place:
    last_id = next((record.id for record in reversed(records) if record.id), place.last_id)
    return Place(after, last_id, place.position + len(records), place.total if total is None else total)


def _next(listing: Listing[msgspec.Raw], size: int) -> str | None:
    """The cursor of the next page. A full page has one even where the store forgot the link."""
    cursors = listing.meta.cursor_pagination
    if cursors is None or not cursors.end_cursor:
        return None
    full = len(listing.data) >= min(size, cursors.per_page or size) > 0
    return cursors.end_cursor if cursors.links.next or full else None
