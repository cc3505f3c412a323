"""Cursors that outlive a process: pages are left and found again by key, never by a vendor's token alone."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from webapp.connectors.base import Page, Person
from webapp.connectors.reasons import ConnectorError, Reason

MOST_PAGES_WITHOUT_NEWS = 3


class Batch(NamedTuple):
    """People of one page, the last one's id, whether more follow, and how many were seen, these included."""

    people: list[Person]
    last_id: str
    more: bool
    seen: int


Restart = Callable[[], Iterable[Batch]]


def by_key(batches: Iterable[Batch], last_id: int, keep: Callable[[Person], bool]) -> Iterator[Page]:
    """Pages of a collection that is sorted by id; the cursor is the greatest id so far.

    A repeated or empty page may happen and loses nothing; several in a row are a vendor that goes round in circles.
    """
    still = 0
    for batch in batches:
        reached = max((int(person.external_id) for person in batch.people if person.external_id), default=last_id)
        still = 0 if reached > last_id else still + 1
        if batch.more and still > MOST_PAGES_WITHOUT_NEWS:
            raise ConnectorError(Reason.PAGING_LOOP)
        last_id = max(last_id, reached)
        yield Page([person for person in batch.people if keep(person)], {"last_id": last_id} if batch.more else None)


def by_reading_again(restart: Restart, cursor: dict[str, Any] | None, overlap: int) -> Iterator[Page]:
    """Pages of a collection that cannot be entered in the middle: read from the start, and skip what was delivered.

    The last person delivered marks the place. If they have left meanwhile, those behind them moved forward: then the count
    decides, with an overlap, because someone twice is harmless and someone missed is not. Pages that are skipped are signs of life.
    """
    for batch in restart() if cursor is None else _rest(restart, cursor, overlap):
        if batch is None:
            yield Page([], cursor)
        else:
            yield Page(batch.people, {"last_id": batch.last_id, "position": batch.seen} if batch.more else None)


def _rest(restart: Restart, cursor: dict[str, Any], overlap: int) -> Iterator[Batch | None]:
    """What comes after the cursor; None for each page before it."""
    found = False
    for batch in _behind(restart(), cursor["last_id"]):
        found = found or batch is not None
        yield batch
    if not found:
        yield from _from(restart(), max(0, cursor["position"] - overlap))


def _behind(batches: Iterable[Batch], last_id: str) -> Iterator[Batch | None]:
    found = False
    for batch in batches:
        ids = [person.external_id for person in batch.people]
        if found:
            yield batch
        elif last_id in ids:
            found = True
            yield batch._replace(people=batch.people[ids.index(last_id) + 1 :])
        else:
            yield None


def _from(batches: Iterable[Batch], position: int) -> Iterator[Batch | None]:
    for batch in batches:
        skipped = max(0, position - (batch.seen - len(batch.people)))
        within = skipped < len(batch.people) or not batch.more
        yield batch._replace(people=batch.people[skipped:]) if within else None
