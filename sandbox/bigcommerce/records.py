"""How people look in the vendor's answers (vendor page, sections 3 to 5)."""

from collections.abc import Set
from datetime import UTC, datetime
from typing import Any

from ..people import Person
from . import extras
from .groups import group_of
from .shoppers import email_of

INLINE = 10
LONGEST_NAME = 100


def iso(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def name(text: str | None) -> str:
    """As the vendor's column holds it."""
    return (text or "")[:LONGEST_NAME]


def customer(person: Person, include: Set[str]) -> dict[str, Any]:
    """A customer; addresses, attributes and form fields only where they are asked for, and ten of each at most."""
    values = extras.attribute_values(person)
    record = {
        "id": person.number,
        "email": email_of(person),
        "first_name": name(person.first_name),
        "last_name": name(person.last_name),
        "company": person.company or "",
        "phone": person.phone or "",
        "notes": person.note or "",
        "registration_ip_address": "",
        "tax_exempt_category": "",
        "customer_group_id": group_of(person),
        "date_created": iso(person.created_at),
        "date_modified": iso(person.updated_at),
        "address_count": _address_count(person),
        "attribute_count": len(values),
        "authentication": {"force_password_reset": False},
        "accepts_product_review_abandoned_cart_emails": person.index % 2 == 0,
        "origin_channel_id": 1,
        "channel_ids": None,
    }
    if "addresses" in include:
        record["addresses"] = [_address(person, n) for n in range(min(INLINE, _address_count(person)))]
    if "attributes" in include:
        record["attributes"] = values[:INLINE]
    if "formfields" in include:
        record["form_fields"] = extras.form_fields(person)
    if "storecredit" in include:
        record["store_credit_amounts"] = [{"amount": 0}]
    return record


def _address_count(person: Person) -> int:
    """One or none; some people collect a dozen."""
    return (12 if person.index % 50 == 7 else 1) if person.has_address else 0


def _address(person: Person, n: int) -> dict[str, Any]:
    return {
        "id": person.number * 20 + n,
        "customer_id": person.number,
        "first_name": name(person.first_name),
        "last_name": name(person.last_name),
        "company": person.company or "",
        "address1": person.street if n == 0 else f"Skrytka {n}",
        "address2": "",
        "city": person.city.name,
        "state_or_province": person.city.province,
        "postal_code": person.zip,
        "country": "Poland",
        "country_code": "PL",
        "phone": person.address_phone,
        "address_type": "residential",
    }
