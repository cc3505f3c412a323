"""Connections: a page of a sorted listing, with the vendor's cursors."""

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from .search import EVERYONE, Filter

Key = tuple[int, int]


@dataclass(frozen=True)
class Listing:
    """Positions in their order. `key` gives sort value and id of a position, `load` the item or None if it is gone."""

    positions: Sequence[int]
    key: Callable[[int], Key]
    load: Callable[[int], Any]
    by_id: bool = False

    def cursor(self, position: int) -> str:
        """Base64 of the last id and sort value; sorted by id the value is text, by time milliseconds."""
        value, number = self.key(position)
        return encode({"last_id": number, "last_value": str(value) if self.by_id else value})


@dataclass(frozen=True)
class Window:
    """Which part of a listing is asked for."""

    first: int | None = None
    after: str | None = None
    reverse: bool = False


@dataclass(frozen=True)
class Rows:
    """A page as found: (cursor, item) pairs, and whether more follow or came before."""

    pairs: list[tuple[str, Any]]
    has_next: bool
    has_previous: bool
    end_cursor: str | None

    def connection(self) -> dict[str, Any]:
        """As the schema's connection types want it."""
        return {
            "edges": [{"cursor": cursor, "node": item} for cursor, item in self.pairs],
            "nodes": [item for _, item in self.pairs],
            "pageInfo": {
                "hasNextPage": self.has_next,
                "hasPreviousPage": self.has_previous,
                "startCursor": self.pairs[0][0] if self.pairs else None,
                "endCursor": self.end_cursor,
            },
        }


def encode(cursor: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()


def decode(cursor: str) -> dict[str, Any]:
    try:
        parsed = json.loads(base64.b64decode(cursor, validate=True))
        return {**parsed, "last_id": int(parsed["last_id"]), "last_value": int(parsed["last_value"])}
    except (ValueError, KeyError, TypeError):
        raise GraphQLError("Malformed cursor") from None


def rows(listing: Listing, window: Window, wanted: Filter = EVERYONE, maximum: int = 250) -> Rows:
    """The page of a window; refuses a missing or too big `first`, and cursors that are not the vendor's."""
    size = _checked(window.first, maximum)
    pairs: list[tuple[str, Any]] = []
    for position in _positions(listing, window, wanted.floor):
        item = listing.load(position)
        if item is None or not wanted.passes(item):
            continue
        if len(pairs) == size:
            return Rows(pairs, True, window.after is not None, pairs[-1][0] if pairs else None)
        pairs.append((listing.cursor(position), item))
    return Rows(pairs, False, window.after is not None, pairs[-1][0] if pairs else None)


def _checked(first: int | None, maximum: int) -> int:
    if first is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    if not 0 <= first <= maximum:
        raise GraphQLError(f"first must be between 0 and {maximum}", extensions={"code": "BAD_REQUEST"})
    return first


def _positions(listing: Listing, window: Window, floor: int) -> Iterator[int]:
    """Positions after the cursor. Sorted by id, those under the filter's floor are not even looked at."""
    after = _key_of(window.after) if window.after else None
    start, end = 0, len(listing.positions)
    if after and window.reverse:
        end = bisect_left(listing.positions, after, key=listing.key)
    elif after:
        start = bisect_right(listing.positions, after, key=listing.key)
    if listing.by_id:
        start = max(start, bisect_left(listing.positions, (floor, floor), key=listing.key))
    order = range(end - 1, start - 1, -1) if window.reverse else range(start, end)
    return (listing.positions[place] for place in order)


def _key_of(cursor: str) -> Key | None:
    """The key in a cursor; one that stands before the first row says -1."""
    parsed = decode(cursor)
    return (parsed["last_value"], parsed["last_id"]) if parsed["last_id"] >= 0 else None
