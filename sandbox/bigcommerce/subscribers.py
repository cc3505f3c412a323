"""Subscribers of the newsletter: most of them customers, some of them only an address that was typed into the footer."""

from array import array
from datetime import datetime
from typing import Any

from .. import awkward, names
from ..people import Person, Trait
from ..population import Population
from .records import iso, name
from .shoppers import email_of

CONSENTS = {"subscribed": ["marketing_newsletter"], "pending": ["abandoned_cart"], "unsubscribed": []}


def subscribes(person: Person) -> bool:
    """Whether a row stands under the customer's address: they decided once, and nobody else has the same address."""
    domain = email_of(person).rpartition("@")[2]
    return person.consent in CONSENTS and "." in domain and awkward.kind_of(person.index) != "twin"


def has_guest(index: int) -> bool:
    """Next to about every fifteenth customer stands somebody without an account."""
    return index % 15 == 4


def places(people: Population) -> array:
    """Rows in the order of their ids: twice the customer's index, one more for the guest beside."""
    return people.remember("subscribers", lambda: array("q", _places(people)))


def _places(people: Population) -> Any:
    for person in people:
        if subscribes(person):
            yield person.index * 2
        if has_guest(person.index):
            yield person.index * 2 + 1


def number(people: Population, place: int) -> int:
    return people.number(place // 2) * 2 + place % 2


def record(people: Population, place: int) -> dict[str, Any]:
    """One row, as the vendor answers it."""
    person = people.person(place // 2)
    return _guest(people, person, place) if place % 2 else _customer(people, person, place)


def modified_at(person: Person) -> int:
    return getattr(person, "subscribed_at", None) or person.consent_at or person.updated_at


def email_at(people: Population, place: int) -> str:
    """In lower case, whatever the customer wrote."""
    return f"gosc{place // 2 + 1}@example.com" if place % 2 else email_of(people.person(place // 2)).lower()


def by_email(people: Population) -> dict[str, int]:
    """Place by address."""
    return people.remember("subscribers by email", lambda: {email_at(people, place): place for place in places(people)})


def consent_of(people: Population, person: Person) -> str | None:
    """The vendor's word for a customer's consent: None without a row, "none" where the row names no consent."""
    place = by_email(people).get(email_of(person).lower())
    return None if place is None else (consents_at(people, place) or ["none"])[0]


def consents_at(people: Population, place: int) -> list[str]:
    person = people.person(place // 2)
    if place % 2:
        return ["marketing_newsletter"]
    both = person.consent == "subscribed" and person.double_opt_in
    return [*CONSENTS[person.consent], *(["abandoned_cart"] if both else [])]


def _customer(people: Population, person: Person, place: int) -> dict[str, Any]:
    ordered = person.orders > 0
    return _row(people, place) | {
        "first_name": name(person.first_name),
        "last_name": name(person.last_name),
        "source": "order" if ordered else "storefront",
        "order_id": 1000 + person.index if ordered else None,
        "date_created": iso(min(person.created_at, modified_at(person))),
        "date_modified": iso(modified_at(person)),
    }


def _guest(people: Population, person: Person, place: int) -> dict[str, Any]:
    return _row(people, place) | {
        "first_name": person.pick(Trait.CHECKOUT, names.WOMEN),
        "last_name": "",
        "source": "custom" if person.index % 2 else "storefront",
        "order_id": None,
        "date_created": iso(person.created_at),
        "date_modified": iso(person.created_at),
    }


def _row(people: Population, place: int) -> dict[str, Any]:
    return {
        "id": number(people, place),
        "email": email_at(people, place),
        "channel_id": 1,
        "consents": consents_at(people, place),
    }


def seconds(text: str) -> int:
    """A date of a row, in seconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp())
