"""Customers as `customers/search` shows them. What is not known is left out, never null."""

import time
from collections.abc import Callable
from typing import Any

from ..people import Person, Trait
from .attributes import INTERESTS, SIZES
from .shops import STORES, Shop, group_of, store_of, website_of

SIZE_VALUES = {label: value for value, label in SIZES}


def stamp(seconds: int) -> str:
    """Always UTC, whatever the shop's time zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def customer(shop: Shop, person: Person) -> dict[str, Any]:
    """One item of the answer."""
    item = {
        "id": person.number,
        "group_id": group_of(person),
        "created_at": stamp(person.created_at),
        "updated_at": stamp(person.updated_at),
        "created_in": next(name for number, _code, name, _website in STORES if number == store_of(person)),
        "dob": person.birthday and person.birthday.isoformat(),
        "email": person.email,
        "firstname": person.first_name,
        "lastname": person.last_name,
        "gender": 2 if person.is_woman else 1,
        "store_id": store_of(person),
        "taxvat": person.company and f"PL52{person.index % 100_000_000:08}",
        "website_id": website_of(person),
        "addresses": [_address(person)] if person.has_address else [],
        "disable_auto_group_change": 0,
        "extension_attributes": {} if shop.profile.old else {"is_subscribed": person.consent == "subscribed"},
    }
    if person.has_address:
        item |= {"default_billing": str(person.index * 2 + 1), "default_shipping": str(person.index * 2 + 1)}
    own = _own(person)
    return {name: value for name, value in item.items() if value is not None} | (
        {"custom_attributes": own} if own else {}
    )


def _address(person: Person) -> dict[str, Any]:
    number = person.index * 2 + 1
    address = {
        "id": number,
        "customer_id": person.number,
        "region": {"region_code": person.city.province_code, "region": person.city.province, "region_id": 0},
        "region_id": 0,
        "country_id": "PL",
        "street": [person.street, *([f"m. {person.index % 40 + 1}"] if person.index % 3 == 0 else [])],
        "company": person.company,
        "telephone": person.address_phone,
        "postcode": person.zip,
        "city": person.city.name,
        "firstname": person.first_name,
        "lastname": person.last_name,
        "default_shipping": True,
        "default_billing": True,
    }
    return {name: value for name, value in address.items() if value is not None}


def _own(person: Person) -> list[dict[str, Any]]:
    """The shop's attributes; those with options hold the options' values."""
    interests = [value for place, (value, _) in enumerate(INTERESTS) if person.index >> place & 1]
    values = {
        "rozmiar": SIZE_VALUES.get(person.size or ""),
        "zainteresowania": ",".join(interests) or None,
        "punkty": None if person.points is None else str(person.points),
        "przewodnik": "1" if person.draw(Trait.ACCOUNT, 2) else "0",
    }
    return [{"attribute_code": code, "value": value} for code, value in values.items() if value]


FACTS: dict[str, Callable[[Person], Any]] = {
    "entity_id": lambda person: person.number,
    "updated_at": lambda person: stamp(person.updated_at),
    "created_at": lambda person: stamp(person.created_at),
    "group_id": group_of,
    "store_id": store_of,
    "website_id": website_of,
    "email": lambda person: person.email or "",
    "firstname": lambda person: person.first_name or "",
    "lastname": lambda person: person.last_name or "",
}
