"""Paging that goes wrong: it never ends, runs in a circle, stands still, or sends pages twice."""

from collections.abc import Callable, Sequence
from typing import Any

from ..faults import Fault

Place = dict[str, Any]


def _endless(fault: Fault, place: Place, indexes: Sequence[int], size: int) -> Place:
    """There is always a next page; past the end nobody is on it."""
    fault.notes.append(None)
    return place if place["more"] else place | {"more": True, "marks": {"turn": len(fault.notes)}}


def _cursor_loop(fault: Fault, place: Place, indexes: Sequence[int], size: int) -> Place:
    """The first two pages again and again."""
    turn = len(fault.notes)
    fault.notes.append(None)
    return {"shown": indexes[:size] if turn % 2 == 0 else indexes[size : 2 * size], "more": True, "start": size}


def _cursor_stuck(fault: Fault, place: Place, indexes: Sequence[int], size: int) -> Place:
    """The token that comes back leads to where it came from."""
    return place | {"more": True, "start": place["start"] - len(place["shown"])}


def _duplicate_pages(fault: Fault, place: Place, indexes: Sequence[int], size: int) -> Place:
    """Each page comes twice, the second time behind a new token; then it goes on."""
    fault.notes.append(None)
    if len(fault.notes) % 2 == 0:
        return place
    return place | {"more": True, "start": place["start"] - len(place["shown"]), "marks": {"again": True}}


def _empty_pages(fault: Fault, place: Place, indexes: Sequence[int], size: int) -> Place:
    """Every other page holds nobody, but says that there are more."""
    fault.notes.append(None)
    if len(fault.notes) % 2 == 0:
        return place
    return {"shown": [], "more": True, "start": place["start"] - len(place["shown"]), "marks": {"again": True}}


FAULTS: dict[str, Callable[[Fault, Place, Sequence[int], int], Place]] = {
    "endless": _endless,
    "cursor_loop": _cursor_loop,
    "cursor_stuck": _cursor_stuck,
    "duplicate_pages": _duplicate_pages,
    "empty_pages": _empty_pages,
}


def disturbed(place: Place, indexes: Sequence[int], size: int, faults: dict[str, Fault]) -> Place:
    """The page, spoilt by whichever of these faults is due."""
    for name, fault in faults.items():
        if name in FAULTS:
            place = FAULTS[name](fault, place, indexes, size)
    return place
