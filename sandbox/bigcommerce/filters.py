"""Which customers and subscribers a query asks for."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from ..people import Person
from ..population import Population
from . import subscribers
from .groups import in_groups
from .shoppers import email_of, everyone

PAGING = frozenset({"page", "limit", "after", "before", "include", "sort"})
Test = Callable[[Any], bool]
DATES = {"date_created": "created_at", "date_modified": "updated_at"}


def customers(people: Population, asked: dict[str, Any]) -> Sequence[int]:
    """The indexes of the customers that pass, by id or as `sort` says. What was found is remembered until something changes."""
    filters = {name: value for name, value in asked.items() if name not in PAGING}
    key = ("customers", repr(sorted(filters.items())), asked.get("sort"))
    return people.remember(key, lambda: _sorted(people, _found(people, filters), asked.get("sort")))


def _found(people: Population, filters: dict[str, Any]) -> Sequence[int]:
    candidates = _candidates(people, filters)
    tests = [_test(name, value) for name, value in filters.items()]
    if not tests:
        return candidates
    persons = (people.person(index) for index in candidates)
    return array("q", (person.index for person in persons if person and all(test(person) for test in tests)))


def _candidates(people: Population, filters: dict[str, Any]) -> Sequence[int]:
    """A small superset where a filter names its people."""
    if "email:in" in filters:
        known = people.remember("by email", lambda: _by_email(people))
        return sorted(index for email in set(filters["email:in"]) for index in known.get(email.lower(), ()))
    if "id:in" in filters:
        return sorted({person.index for number in filters["id:in"] if (person := people.find(number))})
    if "customer_group_id:in" in filters:
        return people.chosen(in_groups(frozenset(filters["customer_group_id:in"])))
    return people.chosen(everyone)


def _by_email(people: Population) -> dict[str, list[int]]:
    known: dict[str, list[int]] = {}
    for person in people:
        known.setdefault(email_of(person).lower(), []).append(person.index)
    return known


def _test(name: str, wanted: Any) -> Test:
    fact, _, bound = name.partition(":")
    if fact in DATES:
        return _moment_test(lambda person: getattr(person, DATES[fact]), bound, wanted)
    return TESTS[name](wanted)


def _moment_test(moment: Callable[[Any], int], bound: str, wanted: int) -> Test:
    """Without a bound it is that very instant."""
    if bound == "min":
        return lambda item: moment(item) >= wanted
    if bound == "max":
        return lambda item: moment(item) <= wanted
    return lambda item: moment(item) == wanted


def _names(person: Person) -> str:
    return f"{person.first_name or ''} {person.last_name or ''}".casefold()


TESTS: dict[str, Callable[[Any], Test]] = {
    "id:in": lambda wanted: lambda person: person.number in wanted,
    "email:in": lambda wanted: lambda person: True,
    "company:in": lambda wanted: lambda person: person.company in wanted,
    "phone:in": lambda wanted: lambda person: person.phone in wanted,
    "name:in": lambda wanted: lambda person: _names(person) in {name.casefold() for name in wanted},
    "name:like": lambda wanted: lambda person: any(name.casefold() in _names(person) for name in wanted),
    "customer_group_id:in": lambda wanted: in_groups(frozenset(wanted)),
}
SORTED_BY: dict[str, Callable[[Person], Any]] = {
    "date_created": lambda person: person.created_at,
    "date_modified": lambda person: person.updated_at,
    "last_name": lambda person: (person.last_name or "").casefold(),
}


def _sorted(people: Population, found: Sequence[int], sort: str | None) -> Sequence[int]:
    if sort is None:
        return found
    fact, _, way = sort.partition(":")
    facts = {index: SORTED_BY[fact](people.person(index)) for index in found}
    return sorted(found, key=lambda index: (facts[index], index), reverse=way == "desc")


def subscriber_places(people: Population, asked: dict[str, Any]) -> Sequence[int]:
    """The places of the subscribers that pass, by id."""
    filters = {name: value for name, value in asked.items() if name not in PAGING}
    if not filters:
        return subscribers.places(people)
    if "email" in filters:
        place = subscribers.by_email(people).get(filters["email"].lower())
        return [] if place is None else [place]
    key = ("subscribers", repr(sorted(filters.items())))
    return people.remember(key, lambda: array("q", _subscribers(people, filters)))


def _subscribers(people: Population, filters: dict[str, Any]) -> list[int]:
    rows = ((place, subscribers.record(people, place)) for place in subscribers.places(people))
    return [place for place, row in rows if all(_row_passes(row, *wish) for wish in filters.items())]


def _row_passes(row: dict[str, Any], name: str, wanted: Any) -> bool:
    fact, _, bound = name.partition(":")
    if fact.startswith("date_"):
        return _moment_test(lambda found: found, bound, wanted)(subscribers.seconds(row[fact]))
    return row["id"] in wanted if name == "id:in" else row[name] == wanted
