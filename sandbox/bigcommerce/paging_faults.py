"""Paging that goes wrong: it never ends, runs in a circle, stands still, or sends pages twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..faults import Fault
from .paging import Rows, decode, encode

BEFORE_THE_FIRST = {"id": -1, "epoch": 0}
NUMBERED = frozenset({"cursor_loop", "cursor_stuck"})


def _endless(fault: Fault, rows: Rows, asked: dict[str, Any]) -> Rows:
    """There is always a next page, under a cursor never seen before; past the end pages are empty."""
    if rows.has_next:
        return rows
    fault.notes.append(None)
    place = _place(rows.end_cursor or asked.get("after"))
    return _with_cursor(replace(rows, has_next=True), encode({**place, "turn": len(fault.notes)}))


def _cursor_loop(fault: Fault, rows: Rows, asked: dict[str, Any]) -> Rows:
    """A, B, A, B, ...: the first two cursors are handed out again and again."""
    turn = len(fault.notes)
    fault.notes.append(rows.end_cursor or asked.get("after"))
    return _with_cursor(replace(rows, has_next=True), fault.notes[turn % 2])


def _cursor_stuck(fault: Fault, rows: Rows, asked: dict[str, Any]) -> Rows:
    """The cursor that comes back is the one that was sent."""
    return _with_cursor(replace(rows, has_next=True), asked.get("after") or rows.end_cursor)


def _duplicate_pages(fault: Fault, rows: Rows, asked: dict[str, Any]) -> Rows:
    """Each page comes twice, the second time under a new cursor; then it goes on."""
    place = _place(asked.get("after"))
    if "again" in place or rows.end_cursor is None:
        return rows
    return _with_cursor(replace(rows, has_next=True), _again(rows, place))


def _empty_pages(fault: Fault, rows: Rows, asked: dict[str, Any]) -> Rows:
    """Every other page holds nobody, but says that there are more."""
    place = _place(asked.get("after"))
    if "again" in place or rows.end_cursor is None:
        return rows
    return _with_cursor(replace(rows, places=[], has_next=True), _again(rows, place))


def _again(rows: Rows, place: dict[str, Any]) -> str:
    return encode({**place, "epoch": decode(rows.end_cursor or "")["epoch"], "again": True})


def _with_cursor(rows: Rows, cursor: str | None) -> Rows:
    """Pages by number have no cursor to spoil."""
    return rows if rows.end_cursor is None and rows.page is not None else replace(rows, end_cursor=cursor)


def _place(cursor: str | None) -> dict[str, Any]:
    return decode(cursor) if cursor else BEFORE_THE_FIRST


FAULTS: dict[str, Callable[[Fault, Rows, dict[str, Any]], Rows]] = {
    "endless": _endless,
    "cursor_loop": _cursor_loop,
    "cursor_stuck": _cursor_stuck,
    "duplicate_pages": _duplicate_pages,
    "empty_pages": _empty_pages,
}


def misled(asked: dict[str, Any], faults: dict[str, Fault]) -> dict[str, Any]:
    """Where a list has no cursors, the page number is what counts for nothing."""
    return {**asked, "page": 1} if NUMBERED & faults.keys() and "after" not in asked else asked


def disturbed(rows: Rows, asked: dict[str, Any], faults: dict[str, Fault]) -> Rows:
    """The page, spoilt by whichever of these faults is due."""
    for name, fault in faults.items():
        if name in FAULTS:
            rows = FAULTS[name](fault, rows, asked)
    return rows
