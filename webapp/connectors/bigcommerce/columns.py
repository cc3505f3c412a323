"""The columns that people of a store have, and how their values are read (vendor page, sections 3 to 5).

A column's key is the path of its value: `address.` is the first address, `attribute:` and `form:` are what the store added.
`accepts_product_review_abandoned_cart_emails` is offered as what it is: it is no consent to a newsletter.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from webapp.connectors.base import Field, FieldKind, Role
from webapp.connectors.bigcommerce.records import Customer
from webapp.values.marks import N_

ADDRESS, ATTRIBUTE, FORM = "address.", "attribute:", "form:"
GROUP, CREDIT = "customer_group", "store_credit"
NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?")
ATTRIBUTE_KINDS = {"number": FieldKind.NUMBER, "date": FieldKind.DATE}

Read = Callable[[Any], Any]

SOURCES = (
    ("storefront", N_("Shop page")),
    ("order", N_("Order")),
    ("custom", N_("Added by hand or by a program")),
)

PERSON_FIELDS = (
    Field("email", N_("E-mail"), FieldKind.EMAIL, Role.EMAIL),
    Field("first_name", N_("First name"), role=Role.FIRST_NAME),
    Field("last_name", N_("Last name"), role=Role.LAST_NAME),
)
DATES = (
    Field("date_created", N_("Created at"), FieldKind.DATETIME),
    Field("date_modified", N_("Updated at"), FieldKind.DATETIME),
)
CUSTOMER_FIELDS = (
    *PERSON_FIELDS,
    Field("phone", N_("Phone"), FieldKind.PHONE),
    Field("company", N_("Company")),
    Field("address.address1", N_("Address")),
    Field("address.address2", N_("Address, second line")),
    Field("address.postal_code", N_("Postal code")),
    Field("address.city", N_("City")),
    Field("address.state_or_province", N_("Province")),
    Field("address.country", N_("Country")),
    Field("address.country_code", N_("Country code"), FieldKind.COUNTRY),
    Field("address.company", N_("Company in the address")),
    Field("address.phone", N_("Phone in the address"), FieldKind.PHONE),
    Field("address.first_name", N_("First name in the address")),
    Field("address.last_name", N_("Last name in the address")),
    Field(GROUP, N_("Customer group")),
    Field("notes", N_("Note")),
    Field(CREDIT, N_("Store credit"), FieldKind.NUMBER),
    Field("tax_exempt_category", N_("Tax exempt category")),
    Field("registration_ip_address", N_("IP address at registration")),
    Field("origin_channel_id", N_("Sales channel number"), FieldKind.NUMBER),
    *DATES,
    Field(
        "accepts_product_review_abandoned_cart_emails",
        N_("Takes e-mails about reviews and abandoned carts"),
        FieldKind.BOOLEAN,
    ),
)
SUBSCRIBER_FIELDS = (
    *PERSON_FIELDS,
    Field("source", N_("Where they signed up"), FieldKind.CHOICE, options=SOURCES),
    Field("order_id", N_("Order number"), FieldKind.NUMBER),
    Field("channel_id", N_("Sales channel number"), FieldKind.NUMBER),
    *DATES,
)
_CUSTOMER_KEYS = frozenset(field.key for field in CUSTOMER_FIELDS)
_SUBSCRIBER_KEYS = frozenset(field.key for field in SUBSCRIBER_FIELDS)


class Attribute(msgspec.Struct):
    """A customer attribute as the store defined it."""

    id: int
    name: str
    type: str = ""

    @property
    def field(self) -> Field:
        return Field(f"{ATTRIBUTE}{self.id}", self.name, ATTRIBUTE_KINDS.get(self.type, FieldKind.TEXT))


@dataclass(frozen=True)
class Chosen:
    """What of a customer is asked for: `include` of the request, and the numbers of the attributes."""

    columns: tuple[str, ...]

    @property
    def include(self) -> str:
        wanted = {
            "addresses": any(column.startswith(ADDRESS) for column in self.columns),
            "attributes": bool(self.attributes),
            "formfields": any(column.startswith(FORM) for column in self.columns),
            "storecredit": CREDIT in self.columns,
        }
        return ",".join(name for name, is_wanted in wanted.items() if is_wanted)

    @property
    def attributes(self) -> tuple[int, ...]:
        texts = (column.removeprefix(ATTRIBUTE) for column in self.columns if column.startswith(ATTRIBUTE))
        return tuple(int(text) for text in texts if text.isascii() and text.isdigit())

    def readers(self, groups: Mapping[int, str]) -> dict[str, Read]:
        """For each column what reads it from a customer; `groups` are the names of the customer groups."""
        return {column: _reader(column, groups) for column in self.columns}


def subscriber_readers(columns: tuple[str, ...]) -> dict[str, Read]:
    """For each column what reads it from a subscriber."""
    return {column: _plain(column) if column in _SUBSCRIBER_KEYS else _nothing for column in columns}


def _reader(column: str, groups: Mapping[int, str]) -> Read:
    if column == GROUP:
        return lambda customer: groups.get(customer.customer_group_id)
    if column == CREDIT:
        return _credit
    if column.startswith(FORM):
        return _form_reader(column.removeprefix(FORM))
    if column.startswith(ATTRIBUTE):
        return _attribute_reader(column.removeprefix(ATTRIBUTE))
    if column not in _CUSTOMER_KEYS:
        return _nothing
    return _address_reader(column.removeprefix(ADDRESS)) if column.startswith(ADDRESS) else _plain(column)


def _nothing(record: Any) -> None:
    return None


def _plain(column: str) -> Read:
    value = attrgetter(column)
    return lambda record: None if (found := value(record)) == "" else found


def _address_reader(name: str) -> Read:
    """No address is marked as the main one: the first counts."""
    read = _plain(name)
    return lambda customer: read(customer.addresses[0]) if customer.addresses else None


def _credit(customer: Customer) -> float | None:
    return customer.store_credit_amounts[0].amount if customer.store_credit_amounts else None


def _form_reader(name: str) -> Read:
    def read(customer: Customer) -> Any:
        value = next((field.value for field in customer.form_fields or () if field.name == name), None)
        return [str(item) for item in value] if isinstance(value, list) else None if value == "" else value

    return read


def _attribute_reader(number: str) -> Read:
    """Values are always text; one that looks like a number is one."""

    def read(customer: Customer) -> Any:
        for value in customer.attributes or ():
            if str(value.attribute_id) == number:
                return _number_or_text(value.attribute_value)
        return None

    return read


def _number_or_text(text: str | None) -> int | float | str | None:
    if not text or not NUMBER.fullmatch(text):
        return text or None
    return float(text) if "." in text else int(text)
