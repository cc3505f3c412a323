"""Paging that goes wrong, as far as a search by id can: it never ends, runs in a circle, stands still, or comes twice."""

from collections.abc import Callable

from ..faults import Fault
from ..people import Person
from .criteria import Criteria
from .search import Found
from .shops import Shop


def _endless(fault: Fault, found: Found, shop: Shop, asked: Criteria) -> Found:
    """Past the end there is always somebody more, under an id never seen before."""
    if found.total > len(found.people):
        return found
    fault.notes.append(None)
    last = shop.population.number(shop.population.size)
    more = [] if found.people else [Person(shop.population.seed, 0, last + len(fault.notes))]
    return Found(found.people + more, len(found.people + more) + 1)


def _cursor_loop(fault: Fault, found: Found, shop: Shop, asked: Criteria) -> Found:
    """The first two pages again and again."""
    turn = len(fault.notes)
    fault.notes.append(found)
    return fault.notes[turn % 2]._replace(total=1_000)


def _cursor_stuck(fault: Fault, found: Found, shop: Shop, asked: Criteria) -> Found:
    """The filter on the id is ignored, as by a firewall that drops brackets: always the first page."""
    return found


def _duplicate_pages(fault: Fault, found: Found, shop: Shop, asked: Criteria) -> Found:
    """Each page comes twice: what is asked for after it brings it once more."""
    fault.notes.append(found)
    before = fault.notes[-2] if len(fault.notes) > 1 else None
    if before and before.people and len(fault.notes) % 2 == 0:
        return before
    return found


def _empty_pages(fault: Fault, found: Found, shop: Shop, asked: Criteria) -> Found:
    """Every other page holds nobody, but says that there are more."""
    fault.notes.append(None)
    return found._replace(people=[]) if len(fault.notes) % 2 else found


FAULTS: dict[str, Callable[[Fault, Found, Shop, Criteria], Found]] = {
    "endless": _endless,
    "cursor_loop": _cursor_loop,
    "cursor_stuck": _cursor_stuck,
    "duplicate_pages": _duplicate_pages,
    "empty_pages": _empty_pages,
}


def disturbed(found: Found, shop: Shop, asked: Criteria, faults: dict[str, Fault]) -> Found:
    """The page, spoilt by whichever of these faults is due. Counting alone (one customer a page) is left as it is."""
    if asked.size == 1:
        return found
    for name, fault in faults.items():
        if name in FAULTS:
            found = FAULTS[name](fault, found, shop, asked)
    return found
