"""BigCommerce's records as far as they are read: a value of another type makes its record unreadable, not the page."""

from datetime import UTC, datetime
from typing import Any

import msgspec


class Address(msgspec.Struct):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    postal_code: str | None = None
    country: str | None = None
    country_code: str | None = None
    phone: str | None = None


class AttributeValue(msgspec.Struct):
    attribute_id: int
    attribute_value: str | None = None
    customer_id: int = 0


class FormField(msgspec.Struct):
    """A field of the sign-up form. Its name is its only key; several choices are a list."""

    name: str
    value: str | int | float | bool | list[Any] | None = None


class Credit(msgspec.Struct):
    amount: float | None = None


class Customer(msgspec.Struct):
    """A customer; addresses, attributes, form fields and credit only where they were asked for."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    phone: str | None = None
    notes: str | None = None
    tax_exempt_category: str | None = None
    registration_ip_address: str | None = None
    customer_group_id: int | None = None
    date_created: str | None = None
    date_modified: str | None = None
    accepts_product_review_abandoned_cart_emails: bool | None = None
    origin_channel_id: int | None = None
    attribute_count: int | None = None
    addresses: list[Address] | None = None
    attributes: list[AttributeValue] | None = None
    form_fields: list[FormField] | None = None
    store_credit_amounts: list[Credit] | None = None


class Subscriber(msgspec.Struct):
    """A row of the newsletter's list; `consents` without `marketing_newsletter` is no consent."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    source: str | None = None
    order_id: int | None = None
    channel_id: int | None = None
    consents: list[str] | None = None
    date_created: str | None = None
    date_modified: str | None = None

    @property
    def agreed(self) -> bool:
        return "marketing_newsletter" in (self.consents or ())


class Unreadable(msgspec.Struct):
    """What is left of a record that could not be understood."""

    id: int = 0


class Reading(msgspec.Struct, frozen=True):
    """Reads the records of a page, each on its own."""

    decoder: msgspec.json.Decoder

    def record(self, raw: msgspec.Raw) -> Any:
        """The record, or Unreadable."""
        try:
            return self.decoder.decode(raw)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return _identified(raw)


def _identified(raw: msgspec.Raw) -> Unreadable:
    try:
        return msgspec.json.decode(raw, type=Unreadable)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Unreadable()


def moment(text: str | None) -> datetime | None:
    """An aware time; without a zone it is UTC. Raises ValueError."""
    if not text:
        return None
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
