"""Reading subscribers, who can only be asked for by page number (vendor page, section 4).

When somebody before the place is deleted, everyone behind moves forward. Each page therefore begins before the end of the one
before: as long as the last one delivered is on it, nobody was missed.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from webapp.connectors.bigcommerce.api import BigCommerceApi, Listing
from webapp.connectors.bigcommerce.records import Reading, Subscriber
from webapp.connectors.guard import PageGuard

PATH = "v3/customers/subscribers"


class Place(msgspec.Struct, frozen=True):
    """Where a reading stands: behind `last_id`, after `position` of `total` rows."""

    last_id: int = 0
    position: int = 0
    total: int | None = None


class Batch(NamedTuple):
    """Rows that are new (some of them Unreadable), the place behind them, and whether more follow."""

    records: list[Any]
    place: Place
    more: bool


class Page(NamedTuple):
    """A page as it came, and at which position it starts."""

    records: list[Any]
    start: int
    more: bool
    total: int | None


class Subscribers:
    """The rows of the newsletter's list that a query finds."""

    def __init__(self, api: BigCommerceApi, query: dict[str, Any], page_size: int):
        self._api, self._query, self._size = api, query, max(2, page_size)
        self._reading = Reading(msgspec.json.Decoder(Subscriber))

    def batches(self, place: Place) -> Iterator[Batch]:
        """Pages behind a place; raises ConnectorError(PAGING_LOOP) when the store pages for ever."""
        guard = None
        while True:
            number, limit = overlapping(place.position, self._size)
            page = self._page(number, limit)
            records = self._new(page, place, limit)
            place = _behind(place, page)
            guard = guard or PageGuard(place.total, limit)
            if page.more:
                guard.pass_through((number, limit))
            yield Batch(records, place, page.more)
            if not page.more:
                return

    def _page(self, number: int, limit: int) -> Page:
        query = {"limit": limit, "page": number, **self._query}
        listing = self._api.get(PATH, query, Listing[msgspec.Raw])
        numbered = listing.meta.pagination
        more = numbered.more if numbered else len(listing.data) >= limit
        return Page([self._reading.record(raw) for raw in listing.data], (number - 1) * limit, more, listing.total)

    def _new(self, page: Page, place: Place, limit: int) -> list[Any]:
        """What stands behind the last one delivered; where they are not on the page, one page before is looked at as well."""
        if place.position in (0, page.start):
            return page.records
        rest = _behind_id(page.records, place.last_id)
        if rest is not None or page.start == 0:
            return page.records if rest is None else rest
        before = self._page(page.start // limit, limit)
        rest = _behind_id(before.records, place.last_id)
        return (before.records if rest is None else rest) + page.records


def _behind_id(records: list[Any], last_id: int) -> list[Any] | None:
    ids = [record.id for record in records]
    return records[ids.index(last_id) + 1 :] if last_id in ids else None


def _behind(place: Place, page: Page) -> Place:
    last_id = next((record.id for record in reversed(page.records) if record.id), place.last_id)
    return Place(last_id, page.start + len(page.records), place.total if page.total is None else page.total)


def overlapping(position: int, size: int) -> tuple[int, int]:
    """The page (its number from 1, and its size) that holds the row before the position, and reaches furthest behind it.

    Where every size divides the position there is none, and the page simply follows.
    """
    pages = [((position - 1) // limit + 1, limit) for limit in range(size, 1, -1)] if position else [(1, size)]
    number, limit = max(pages, key=lambda page: page[0] * page[1])
    return (number, limit) if number * limit > position else (position // size + 1, size)
