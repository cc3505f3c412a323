"""Finding customers: filters, order and pages, with the page past the end that has misled many."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..faults import Fault
from ..people import Person
from ..population import STEP
from .criteria import Criteria, Filter, Unknown
from .customers import FACTS
from .shops import Shop

BY_ID = "entity_id"


class Found(NamedTuple):
    """The customers of one page, and how many there are on all pages."""

    people: list[Person]
    total: int


def search(shop: Shop, criteria: Criteria, faults: dict[str, Fault]) -> Found:
    """The page that was asked for; raises Unknown for an attribute that does not exist."""
    indexes = _chosen(shop, criteria, ignored=BY_ID if "cursor_stuck" in faults else "")
    indexes = _ordered(shop, indexes, criteria.orders)
    size = criteria.size or max(len(indexes), 1)
    start = (_shown_page(shop, criteria.page, len(indexes), size) - 1) * size
    found = [shop.population.person(index) for index in indexes[start : start + size]]
    return Found([person for person in found if person], len(indexes))


def _shown_page(shop: Shop, page: int, total: int, size: int) -> int:
    """Past the end an older shop shows the last page again, a newer one the first."""
    last = max(1, -(-total // size))
    return page if page <= last else last if shop.past_end == "last" else 1


def _chosen(shop: Shop, criteria: Criteria, ignored: str) -> Sequence[int]:
    """The indexes that pass all groups, by rising id. Bounds of the id cost nothing: ids rise with the index."""
    after = [
        f for group in criteria.groups for f in group if len(group) == 1 and f.field == BY_ID and f.condition == "gt"
    ]
    others = tuple(group for group in criteria.groups if not (len(group) == 1 and group[0] in after))
    indexes = shop.population.remember(("magento", others), lambda: _filtered(shop, others))
    if not after or ignored:
        return indexes
    lowest = max(_number(f.value) for f in after)
    first = (lowest - shop.population.number(0)) // STEP + 1
    return indexes[_place(indexes, first) :]


def _place(indexes: array, first: int) -> int:
    low, high = 0, len(indexes)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if indexes[middle] < first else (low, middle)
    return low


def _filtered(shop: Shop, groups: tuple[tuple[Filter, ...], ...]) -> array:
    tests = [[_test(one) for one in group] for group in groups]
    people = (person for person in shop.population if all(any(test(person) for test in group) for group in tests))
    return array("q", (person.index for person in people))


def _test(one: Filter) -> Callable[[Person], bool]:
    fact = FACTS.get(one.field)
    if fact is None:
        raise Unknown(one.field)
    number = isinstance(fact(Person(0, 0, 1)), int)
    convert: Callable[[str], Any] = _number if number else str
    values = (
        [convert(value) for value in one.value.split(",")] if one.condition in ("in", "nin") else [convert(one.value)]
    )
    value = values[0]
    tests: dict[str, Callable[[Any], bool]] = {
        "eq": lambda found: found == value,
        "neq": lambda found: found != value,
        "gt": lambda found: found > value,
        "gteq": lambda found: found >= value,
        "moreq": lambda found: found >= value,
        "from": lambda found: found >= value,
        "lt": lambda found: found < value,
        "lteq": lambda found: found <= value,
        "to": lambda found: found <= value,
        "in": lambda found: found in values,
        "nin": lambda found: found not in values,
        "like": lambda found: str(value).strip("%").lower() in str(found).lower(),
    }
    if one.condition not in tests:
        raise Unknown(one.condition)
    passes = tests[one.condition]
    return lambda person: passes(fact(person))


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def _ordered(shop: Shop, indexes: Sequence[int], orders: list[tuple[str, str]]) -> Sequence[int]:
    """Without an order Magento promises none: here the newest come first, so that whoever relies on one is found out."""
    if not orders:
        return indexes[::-1]
    name, direction = orders[0]
    if name not in FACTS:
        raise Unknown(name)
    if name != BY_ID:
        fact = FACTS[name]
        indexes = sorted(indexes, key=lambda index: (fact(shop.population.person(index)), index))
    return indexes[::-1] if direction == "DESC" else indexes
