"""Two systems of paging: by number and by cursor (vendor page, section 3)."""

import base64
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from .params import Invalid

USUAL_SIZE = 50


@dataclass(frozen=True)
class Listing:
    """Places in their order; `number` gives the id of a place. `by_id`: ids rise. `epoch` dates the cursors given out."""

    places: Sequence[int]
    number: Callable[[int], int]
    cursors: bool = True
    by_id: bool = True
    epoch: int = 0


@dataclass(frozen=True)
class Rows:
    """A page as found. `page` is None where a cursor was used, `end_cursor` where the page holds nobody."""

    places: Sequence[int]
    total: int
    size: int
    page: int | None
    has_next: bool
    start_cursor: str | None = None
    end_cursor: str | None = None


def encode(cursor: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()


def decode(cursor: str) -> dict[str, Any]:
    """What a cursor says; raises Invalid."""
    try:
        parsed = json.loads(base64.b64decode(cursor, validate=True))
        return {**parsed, "id": int(parsed["id"]), "epoch": int(parsed["epoch"])}
    except (ValueError, KeyError, TypeError):
        raise Invalid("after", "The cursor is not valid.") from None


def rows(listing: Listing, asked: dict[str, Any]) -> Rows:
    """The page that is asked for; a cursor makes `page` count for nothing."""
    size = asked.get("limit", USUAL_SIZE)
    if "after" in asked:
        start, page = _behind(listing, asked["after"]), None
    elif "before" in asked:
        start, page = max(0, _behind(listing, asked["before"]) - 1 - size), None
    else:
        page = asked.get("page", 1)
        start = (page - 1) * size
    found = listing.places[start : start + size]
    ends = [encode({"id": listing.number(place), "epoch": listing.epoch}) for place in (*found[:1], *found[-1:])]
    more = start + size < len(listing.places)
    return Rows(found, len(listing.places), size, page, more, *(ends if listing.cursors else ()))


def _behind(listing: Listing, cursor: str) -> int:
    """Where the row after the cursor's stands."""
    place = decode(cursor)
    if place["epoch"] != listing.epoch:
        raise Invalid("after", "The cursor is not valid any more.")
    if listing.by_id:
        return bisect_right(listing.places, place["id"], key=listing.number)
    return next((n + 1 for n, row in enumerate(listing.places) if listing.number(row) == place["id"]), 0)


def meta(rows: Rows, asked: dict[str, Any]) -> dict[str, Any]:
    """The number block unless a cursor was used; the cursor block on the first page and with cursors."""
    facts: dict[str, Any] = {}
    if rows.page is not None:
        facts["pagination"] = _numbered(rows)
    if rows.end_cursor is not None and rows.page in (None, 1):
        facts["cursor_pagination"] = _cursors(rows, asked)
    return facts


def _numbered(rows: Rows) -> dict[str, Any]:
    page, last = rows.page or 1, -(-rows.total // rows.size)
    links = {"current": _link(page=page, limit=rows.size)}
    if page > 1:
        links["previous"] = _link(page=page - 1, limit=rows.size)
    if rows.has_next:
        links["next"] = _link(page=page + 1, limit=rows.size)
    return {
        "total": rows.total,
        "count": len(rows.places),
        "per_page": rows.size,
        "current_page": page,
        "total_pages": last,
        "links": links,
    }


def _cursors(rows: Rows, asked: dict[str, Any]) -> dict[str, Any]:
    links = {"next": _link(after=rows.end_cursor, limit=rows.size)} if rows.has_next else {}
    if "after" in asked:
        links["current"] = _link(after=asked["after"], limit=rows.size)
    return {
        "count": len(rows.places),
        "per_page": rows.size,
        "start_cursor": rows.start_cursor,
        "end_cursor": rows.end_cursor,
        "links": links,
    }


def _link(**query: Any) -> str:
    return f"?{urlencode(query)}"
