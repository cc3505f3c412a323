"""The columns that Shopify's people have, and how their values are asked for and read (vendor page, section 4).

A column's key is the GraphQL path of its value. `displayName` is offered as what it is, never as a name: it falls back to
the e-mail address or the phone number.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from webapp.connectors.base import Field, FieldKind, Role
from webapp.connectors.shopify.metafields import number_or_text
from webapp.values.marks import N_


@dataclass(frozen=True)
class Column:
    """A column; `also` are paths to look at where the first one is empty, `member` says that segment members have it."""

    key: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    role: Role | None = None
    options: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    member: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.key, *self.also)

    def read(self, node: Any) -> Any:
        """The value in this record: text, number, boolean or list, None where there is none."""
        for names in self.attributes:
            value = value_at(node, names)
            if value not in (None, ""):
                return number_or_text(value) if self.kind is FieldKind.NUMBER else value
        return None

    @cached_property
    def attributes(self) -> tuple[tuple[str, ...], ...]:
        return tuple(_attributes(path) for path in self.paths)

    @property
    def field(self) -> Field:
        return Field(self.key, self.label, self.kind, self.role, self.options)


CONSENT_OPTIONS = (
    ("SUBSCRIBED", N_("Subscribed")),
    ("NOT_SUBSCRIBED", N_("Not subscribed")),
    ("PENDING", N_("Waiting for confirmation")),
    ("UNSUBSCRIBED", N_("Unsubscribed")),
    ("INVALID", N_("Invalid")),
)
STATE_OPTIONS = (
    ("DISABLED", N_("No account")),
    ("INVITED", N_("Invited")),
    ("ENABLED", N_("Active account")),
    ("DECLINED", N_("Invitation declined")),
)

CONTACT_COLUMNS = (
    Column("defaultEmailAddress.emailAddress", N_("E-mail"), FieldKind.EMAIL, Role.EMAIL),
    Column("firstName", N_("First name"), role=Role.FIRST_NAME),
    Column("lastName", N_("Last name"), role=Role.LAST_NAME),
    Column("defaultPhoneNumber.phoneNumber", N_("Phone"), FieldKind.PHONE),
    Column("defaultAddress.company", N_("Company")),
    Column("defaultAddress.address1", N_("Address")),
    Column("defaultAddress.address2", N_("Address, second line")),
    Column("defaultAddress.zip", N_("Postal code")),
    Column("defaultAddress.city", N_("City")),
    Column("defaultAddress.province", N_("Province")),
    Column("defaultAddress.provinceCode", N_("Province code")),
    Column("defaultAddress.country", N_("Country")),
    Column("defaultAddress.countryCodeV2", N_("Country code"), FieldKind.COUNTRY),
    Column("defaultAddress.phone", N_("Phone in the address"), FieldKind.PHONE),
    Column("defaultAddress.firstName", N_("First name in the address")),
    Column("defaultAddress.lastName", N_("Last name in the address")),
    Column("numberOfOrders", N_("Orders count"), FieldKind.NUMBER),
    Column("amountSpent.amount", N_("Amount spent"), FieldKind.NUMBER),
    Column("amountSpent.currencyCode", N_("Currency")),
    Column("tags", N_("Tags"), FieldKind.LIST, member=False),
    Column("locale", N_("Language"), member=False),
    Column("note", N_("Note")),
    Column("state", N_("Account state"), FieldKind.CHOICE, options=STATE_OPTIONS, member=False),
    Column("verifiedEmail", N_("E-mail verified"), FieldKind.BOOLEAN, member=False),
    Column("createdAt", N_("Created at"), FieldKind.DATETIME, member=False),
    Column("updatedAt", N_("Updated at"), FieldKind.DATETIME, member=False),
    Column("defaultEmailAddress.marketingState", N_("Marketing consent"), FieldKind.CHOICE, options=CONSENT_OPTIONS),
    Column("defaultEmailAddress.marketingUpdatedAt", N_("Marketing consent changed at"), FieldKind.DATETIME),
    Column("displayName", N_("Display name")),
)


def _from_addresses(name: str) -> tuple[str, str]:
    return (f"shippingAddress.{name}", f"billingAddress.{name}")


def _address(name: str, label: str, kind: FieldKind = FieldKind.TEXT) -> Column:
    shipping, billing = _from_addresses(name)
    return Column(shipping, label, kind, also=(billing,))


LEAD_COLUMNS = (
    Column("customer.defaultEmailAddress.emailAddress", N_("E-mail"), FieldKind.EMAIL, Role.EMAIL),
    Column("customer.firstName", N_("First name"), role=Role.FIRST_NAME, also=_from_addresses("firstName")),
    Column("customer.lastName", N_("Last name"), role=Role.LAST_NAME, also=_from_addresses("lastName")),
    Column("customer.defaultPhoneNumber.phoneNumber", N_("Phone"), FieldKind.PHONE, also=_from_addresses("phone")),
    _address("company", N_("Company")),
    _address("address1", N_("Address")),
    _address("address2", N_("Address, second line")),
    _address("zip", N_("Postal code")),
    _address("city", N_("City")),
    _address("province", N_("Province")),
    _address("country", N_("Country")),
    _address("countryCodeV2", N_("Country code"), FieldKind.COUNTRY),
    Column("name", N_("Checkout number")),
    Column("abandonedCheckoutUrl", N_("Link to the abandoned checkout")),
    Column("note", N_("Note")),
    Column("createdAt", N_("Created at"), FieldKind.DATETIME),
    Column("updatedAt", N_("Updated at"), FieldKind.DATETIME),
    Column("customer.locale", N_("Language")),
    Column("customer.tags", N_("Tags"), FieldKind.LIST),
    Column("customer.numberOfOrders", N_("Orders count"), FieldKind.NUMBER),
    Column("customer.amountSpent.amount", N_("Amount spent"), FieldKind.NUMBER),
)


def selection(paths: Iterable[str]) -> str:
    """GraphQL that selects these paths: `a.b`, `a.c` -> `a { b c }`."""
    tree: dict[str, Any] = {}
    for path in paths:
        branch = tree
        for name in path.split("."):
            branch = branch.setdefault(name, {})
    return _written(tree)


def _written(tree: dict[str, Any]) -> str:
    return " ".join(f"{name} {{ {_written(branch)} }}" if branch else name for name, branch in tree.items())


def _attributes(path: str) -> tuple[str, ...]:
    """The path as attribute names of the structs: `defaultAddress.countryCodeV2` -> default_address, country_code_v2."""
    return tuple(re.sub(r"(?<!^)([A-Z])", r"_\1", path).lower().split("."))


def value_at(node: Any, names: tuple[str, ...]) -> Any:
    """What stands at the end of these attributes, or None where one on the way is missing."""
    for name in names:
        if node is None:
            return None
        node = getattr(node, name)
    return node
