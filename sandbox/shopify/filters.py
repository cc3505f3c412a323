"""By which fields customers and abandoned checkouts can be searched, as the vendor's schema says."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ..people import DAY, Person
from .search import COMPARE, FieldTest, Test


def moment(fact: Callable[[Any], int]) -> FieldTest:
    """ISO 8601 or `now`; a bare date means its whole day."""
    return lambda comparator, text: _moment_test(fact, comparator, text)


def _moment_test(fact: Callable[[Any], int], comparator: str, text: str) -> Test:
    start = time.time() if text == "now" else _seconds(text)
    is_day = len(text) == 10
    if is_day and comparator == "":
        return lambda item: start <= fact(item) < start + DAY
    compare, bound = COMPARE[comparator], start + DAY - 1 if is_day and comparator in (">", "<=") else start
    return lambda item: compare(fact(item), bound)


def _seconds(text: str) -> float:
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def number(fact: Callable[[Any], float]) -> FieldTest:
    def test(comparator: str, text: str) -> Test:
        compare, bound = COMPARE[comparator], float(text)
        return lambda item: compare(fact(item), bound)

    return test


def text(fact: Callable[[Any], str | None]) -> FieldTest:
    """Equal but for case; `*` asks for any value at all."""

    def test(comparator: str, wanted: str) -> Test:
        if wanted == "*":
            return lambda item: bool(fact(item))
        return lambda item: (fact(item) or "").casefold() == wanted.casefold()

    return test


def choice(fact: Callable[[Any], str], *options: str) -> FieldTest:
    """One of a closed set of values."""
    return lambda comparator, wanted: _choice_test(fact, options, wanted.lower())


def _choice_test(fact: Callable[[Any], str], options: tuple[str, ...], wanted: str) -> Test:
    if wanted not in options:
        raise ValueError(wanted)
    return lambda item: fact(item) == wanted


def _tagged(comparator: str, wanted: str) -> Test:
    """One or more tags, separated by commas; any of them is enough."""
    tags = {tag.strip().casefold() for tag in wanted.split(",")}
    return lambda person: any(tag.casefold() in tags for tag in person.tags)


def _not_tagged(comparator: str, wanted: str) -> Test:
    has_tag = _tagged(comparator, wanted)
    return lambda person: not has_tag(person)


def _named(comparator: str, wanted: str) -> Test:
    """A word without a field: names and e-mail."""
    word = wanted.casefold()
    return lambda person: any(word in (fact or "").casefold() for fact in _names(person))


def _names(person: Person) -> tuple[str | None, ...]:
    return person.first_name, person.last_name, person.email


def accepts_marketing(person: Person) -> str:
    return "true" if person.email is not None and person.consent == "subscribed" else "false"


CUSTOMERS: dict[str, FieldTest] = {
    "id": number(lambda person: person.number),
    "updated_at": moment(lambda person: person.updated_at),
    "customer_date": moment(lambda person: person.created_at),
    "accepts_marketing": choice(accepts_marketing, "true", "false"),
    "email": text(lambda person: person.email),
    "phone": text(lambda person: person.phone),
    "first_name": text(lambda person: person.first_name),
    "last_name": text(lambda person: person.last_name),
    "country": choice(lambda person: "pl", "pl", "poland"),
    "state": choice(lambda person: person.account, "disabled", "enabled", "invited", "declined"),
    "orders_count": number(lambda person: person.orders),
    "total_spent": number(lambda person: float(person.spent)),
    "tag": _tagged,
    "tag_not": _not_tagged,
}
# The vendor counts by far fewer fields than it lists by; anything else is ignored with a warning.
CUSTOMERS_COUNT: dict[str, FieldTest] = {
    "id": CUSTOMERS["id"],
    "updated_at": CUSTOMERS["updated_at"],
    "created_at": CUSTOMERS["customer_date"],
}
CHECKOUTS: dict[str, FieldTest] = {
    "id": number(lambda checkout: checkout.number),
    "created_at": moment(lambda checkout: checkout.created_at),
    "updated_at": moment(lambda checkout: checkout.updated_at),
    "recovery_state": choice(
        lambda checkout: "recovered" if checkout.completed_at else "not_recovered", "recovered", "not_recovered"
    ),
    "status": choice(lambda checkout: "closed" if checkout.completed_at else "open", "open", "closed"),
}
customer_default = _named


def checkout_default(comparator: str, wanted: str) -> Test:
    test = _named(comparator, wanted)
    return lambda checkout: test(checkout.person)
