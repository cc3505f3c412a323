"""Saved segments, and the part of the segment language that they and the importers use."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import GraphQLError

from ..people import Person

CONDITION = re.compile(r"(\w+)\s*(=|!=|>=|<=|>|<|NOT CONTAINS|CONTAINS)\s*(?:'([^']*)'|(-?[\d.]+))")
FACTS: dict[str, Callable[[Person], Any]] = {
    "email_subscription_status": lambda person: (
        person.consent.upper() if person.email is not None else "NOT_SUBSCRIBED"
    ),
    "customer_tags": lambda person: [tag.casefold() for tag in person.tags],
    "customer_cities": lambda person: [f"{person.city.province_code}-{person.city.name}".casefold()],
    "number_of_orders": lambda person: person.orders,
    "amount_spent": lambda person: float(person.spent),
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda fact, wanted: fact == wanted,
    "!=": lambda fact, wanted: fact != wanted,
    ">": lambda fact, wanted: fact > wanted,
    ">=": lambda fact, wanted: fact >= wanted,
    "<": lambda fact, wanted: fact < wanted,
    "<=": lambda fact, wanted: fact <= wanted,
    "CONTAINS": lambda fact, wanted: wanted.casefold() in fact,
    "NOT CONTAINS": lambda fact, wanted: wanted.casefold() not in fact,
}


@dataclass(frozen=True)
class Segment:
    """A group of customers with a name, defined by a query."""

    number: int
    name: str
    query: str
    created_at: int = 1_735_689_600


SEGMENTS = (
    Segment(501_000_000_001, "VIP", "customer_tags CONTAINS 'vip'"),
    Segment(501_000_000_002, "Łódź", "customer_cities CONTAINS 'PL-10-Łódź'"),
    Segment(501_000_000_003, "Subskrybenci e-mail", "email_subscription_status = 'SUBSCRIBED'"),
    Segment(501_000_000_004, "Kupili więcej niż raz", "number_of_orders > 1"),
)


@lru_cache(maxsize=64)
def member_test(query: str) -> Callable[[Person], bool]:
    """Who belongs to a segment of this query; conditions are joined by AND. The same query gives the same test."""
    conditions = [_condition(part.strip()) for part in re.split(r"\s+AND\s+", query)]
    return lambda person: all(condition(person) for condition in conditions)


def _condition(text: str) -> Callable[[Person], bool]:
    match = CONDITION.fullmatch(text)
    if match is None or match[1] not in FACTS:
        raise GraphQLError(f"Segment query is not valid: {text}", extensions={"code": "INVALID"})
    fact, compare = FACTS[match[1]], OPERATORS[match[2]]
    wanted = float(match[4]) if match[4] is not None else match[3]
    return lambda person: compare(fact(person), wanted)
