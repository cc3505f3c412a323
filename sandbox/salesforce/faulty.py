"""Paging that goes wrong, as far as queries by id can: it never ends, runs in a circle, comes twice, or is empty in between."""

from collections.abc import Callable

from ..faults import Fault
from ..people import Person
from .orgs import Org
from .soql import Query


def _endless(fault: Fault, people: list[Person], query: Query, org: Org) -> list[Person]:
    """Past the end there is always another page of people, under ids never seen before."""
    if len(people) == (query.limit or 0):
        return people
    fault.notes.append(None)
    population = org.people_of(query.entity)
    first = population.size + 1_000 * len(fault.notes)
    missing = (query.limit or 0) - len(people)
    return people + [Person(population.seed, first + n, population.number(first + n)) for n in range(missing)]


def _cursor_loop(fault: Fault, people: list[Person], query: Query, org: Org) -> list[Person]:
    """The first two pages again and again."""
    turn = len(fault.notes)
    fault.notes.append(people)
    return fault.notes[turn % 2]


def _cursor_stuck(fault: Fault, people: list[Person], query: Query, org: Org) -> list[Person]:
    """The condition on the id is ignored: always the first page."""
    return people


def _duplicate_pages(fault: Fault, people: list[Person], query: Query, org: Org) -> list[Person]:
    """Each page comes twice: what is asked for after it brings it once more."""
    fault.notes.append(people)
    again = len(fault.notes) % 2 == 0 and len(fault.notes[-2]) == query.limit
    return fault.notes[-2] if again else people


FAULTS: dict[str, Callable[[Fault, list[Person], Query, Org], list[Person]]] = {
    "endless": _endless,
    "cursor_loop": _cursor_loop,
    "cursor_stuck": _cursor_stuck,
    "duplicate_pages": _duplicate_pages,
}


def disturbed(people: list[Person], query: Query, org: Org, faults: dict[str, Fault]) -> list[Person]:
    """The people, spoilt by whichever of these faults is due."""
    for name, fault in faults.items():
        if name in FAULTS:
            people = FAULTS[name](fault, people, query, org)
    return people
