"""Paging that goes wrong: it never ends, runs in a circle, stands still, or sends pages twice."""

from collections.abc import Callable
from dataclasses import replace

from ..faults import Fault
from .paging import Rows, Window, decode, encode

BEFORE_THE_FIRST = {"last_id": -1, "last_value": 0}


def _endless(fault: Fault, page: Rows, window: Window) -> Rows:
    """There is always a next page, under a cursor never seen before; past the end pages are empty."""
    if page.has_next:
        return page
    fault.notes.append(None)
    place = _place(page.end_cursor or window.after)
    return replace(page, has_next=True, end_cursor=encode({**place, "turn": len(fault.notes)}))


def _cursor_loop(fault: Fault, page: Rows, window: Window) -> Rows:
    """A, B, A, B, ...: the first two cursors are handed out again and again."""
    turn = len(fault.notes)
    fault.notes.append(page.end_cursor or window.after)
    return replace(page, has_next=True, end_cursor=fault.notes[turn % 2])


def _cursor_stuck(fault: Fault, page: Rows, window: Window) -> Rows:
    """The cursor that comes back is the one that was sent."""
    return replace(page, has_next=True, end_cursor=window.after or page.end_cursor)


def _duplicate_pages(fault: Fault, page: Rows, window: Window) -> Rows:
    """Each page comes twice, the second time under a new cursor; then it goes on."""
    place = _place(window.after)
    if "again" in place:
        return page
    return replace(page, has_next=True, end_cursor=encode({**place, "again": True}))


def _empty_pages(fault: Fault, page: Rows, window: Window) -> Rows:
    """Every other page holds nobody, but says that there are more."""
    place = _place(window.after)
    if "again" in place:
        return page
    return replace(page, pairs=[], has_next=True, end_cursor=encode({**place, "again": True}))


def _place(cursor: str | None) -> dict[str, int]:
    return decode(cursor) if cursor else BEFORE_THE_FIRST


FAULTS: dict[str, Callable[[Fault, Rows, Window], Rows]] = {
    "endless": _endless,
    "cursor_loop": _cursor_loop,
    "cursor_stuck": _cursor_stuck,
    "duplicate_pages": _duplicate_pages,
    "empty_pages": _empty_pages,
}


def disturbed(page: Rows, window: Window, faults: dict[str, Fault]) -> Rows:
    """The page, spoilt by whichever of these faults is due."""
    for name, fault in faults.items():
        if name in FAULTS:
            page = FAULTS[name](fault, page, window)
    return page
