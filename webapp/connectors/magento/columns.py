"""The columns of Magento's customers: attributes as the shop describes them, addresses, and what stands beside (vendor page, section 4)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from webapp.connectors.base import Field, FieldKind, Role
from webapp.values.marks import N_

SUBSCRIBED, ADDRESS = "is_subscribed", "address."
# Where the shop keeps what no list is to hold, and what stands elsewhere in this table.
HIDDEN = frozenset(
    {
        "password_hash",
        "rp_token",
        "rp_token_created_at",
        "confirmation",
        "failures_num",
        "first_failure",
        "lock_expires",
    }
    | {"default_billing", "default_shipping", "disable_auto_group_change", "session_cutoff", "created_at", "updated_at"}
    | {"created_in", "store_id"}
)
HIDDEN_OF_ADDRESSES = frozenset(
    {"region_id", "vat_is_valid", "vat_request_date", "vat_request_id", "vat_request_success"}
)
ROLES = {"email": Role.EMAIL, "firstname": Role.FIRST_NAME, "lastname": Role.LAST_NAME}
KINDS = {
    "date": FieldKind.DATE,
    "datetime": FieldKind.DATETIME,
    "boolean": FieldKind.BOOLEAN,
    "multiselect": FieldKind.LIST,
}
KINDS_BY_CODE = {"email": FieldKind.EMAIL, "telephone": FieldKind.PHONE, "country_id": FieldKind.COUNTRY}
IN_THE_ADDRESS = {
    "firstname": N_("First name in the address"),
    "lastname": N_("Last name in the address"),
}
UNREADABLE_INPUTS = frozenset({"image", "file", "hidden"})
BESIDE = (
    Field(SUBSCRIBED, N_("Newsletter subscription"), FieldKind.BOOLEAN),
    Field("created_in", N_("Store view")),
    Field("created_at", N_("Created at"), FieldKind.DATETIME),
    Field("updated_at", N_("Updated at"), FieldKind.DATETIME),
    Field("id", N_("Customer number"), FieldKind.NUMBER),
)
Read = Callable[[Mapping[str, Any]], Any]


class Option(msgspec.Struct):
    label: Any = ""
    value: Any = ""


class Attribute(msgspec.Struct):
    """One entry of attributeMetadata. A shop's modules may leave out or change anything but the code."""

    attribute_code: str
    frontend_input: str | None = ""
    frontend_label: str | None = ""
    store_label: str | None = ""
    backend_type: str | None = ""
    visible: bool = True
    options: list[Option] = []

    @property
    def kind(self) -> FieldKind:
        if self.attribute_code in KINDS_BY_CODE:
            return KINDS_BY_CODE[self.attribute_code]
        if self.frontend_input == "select":
            return FieldKind.CHOICE
        number = self.backend_type in ("int", "decimal") and self.frontend_input == "text"
        return KINDS.get(self.frontend_input or "", FieldKind.NUMBER if number else FieldKind.TEXT)

    @property
    def labels(self) -> dict[str, str]:
        """The label of each option by its value, as customers hold it."""
        return {str(one.value): str(one.label).strip() for one in self.options if str(one.value) != ""}

    def field(self, prefix: str = "") -> Field:
        code, label = self.attribute_code, self.store_label or self.frontend_label or self.attribute_code
        label = IN_THE_ADDRESS.get(code, label) if prefix else label
        options = (
            tuple((text, text) for text in self.labels.values())
            if self.kind in (FieldKind.CHOICE, FieldKind.LIST)
            else ()
        )
        return Field(prefix + code, label, self.kind, None if prefix else ROLES.get(code), options)


def fields_of(customer: Sequence[Attribute], address: Sequence[Attribute]) -> list[Field]:
    """What can be assigned: the e-mail and the names first, then the rest as the shop orders it."""
    own = [one.field() for one in customer if _is_shown(one, HIDDEN)]
    own.sort(key=lambda field: field.role is None)
    beside = [field for field in BESIDE if field.key not in {one.key for one in own}]
    return [*own, *(one.field(ADDRESS) for one in address if _is_shown(one, HIDDEN_OF_ADDRESSES)), *beside]


def _is_shown(attribute: Attribute, hidden: frozenset[str]) -> bool:
    needed = attribute.attribute_code in ROLES
    usable = attribute.visible and attribute.frontend_input not in UNREADABLE_INPUTS
    return needed or (usable and attribute.attribute_code not in hidden)


def readers(columns: Sequence[str], attributes: Sequence[Attribute]) -> dict[str, Read]:
    """How each column is read from a customer; one that does not exist (any more) is None for everybody."""
    known = {one.attribute_code: one for one in attributes}
    return {column: _reader(column, known.get(column)) for column in columns}


def _reader(column: str, attribute: Attribute | None) -> Read:
    if column.startswith(ADDRESS):
        code = column.removeprefix(ADDRESS)
        return lambda customer: _address_value(customer, code)
    if column == SUBSCRIBED:
        return is_subscribed
    if attribute is None:
        return lambda customer: (
            _plain(customer.get(column)) if column in ("id", "created_at", "updated_at", "created_in") else None
        )
    return _typed(attribute)


def _typed(attribute: Attribute) -> Read:
    code, kind, labels = attribute.attribute_code, attribute.kind, attribute.labels
    if kind is FieldKind.BOOLEAN:
        return lambda customer: {"1": True, "true": True, "0": False, "false": False}.get(
            str(_value(customer, code)).lower()
        )
    if kind is FieldKind.CHOICE:
        return lambda customer: _labelled(_value(customer, code), labels)
    if kind is FieldKind.LIST:
        return lambda customer: [_labelled(one, labels) for one in _split(_value(customer, code))] or None
    return lambda customer: _plain(_value(customer, code))


def _value(customer: Mapping[str, Any], code: str) -> Any:
    """Magento's own attributes stand in the customer, the shop's in a list beside them."""
    if code in customer:
        return customer[code]
    return next(
        (one.get("value") for one in customer.get("custom_attributes") or () if one.get("attribute_code") == code), None
    )


def _labelled(value: Any, labels: Mapping[str, str]) -> Any:
    plain = _plain(value)
    return None if plain in (None, "") else labels.get(str(plain), plain)


def _split(value: Any) -> list[Any]:
    parts = value if isinstance(value, list) else str(_plain(value) or "").split(",")
    return [part for part in parts if _plain(part) not in (None, "")]


def _plain(value: Any) -> Any:
    """Modules put anything into a value; what is no scalar cannot be assigned."""
    return value if isinstance(value, (str, int, float, bool)) else None


def is_subscribed(customer: Mapping[str, Any]) -> bool | None:
    """The newsletter flag; None where the shop (before 2.4) does not tell."""
    flag = (customer.get("extension_attributes") or {}).get(SUBSCRIBED)
    return flag if isinstance(flag, bool) else None


def _address_value(customer: Mapping[str, Any], code: str) -> Any:
    """From the billing address, else the shipping address, else the first one."""
    addresses = customer.get("addresses") or ()
    chosen = next((one for mark in ("default_billing", "default_shipping") for one in addresses if one.get(mark)), None)
    value = (chosen or next(iter(addresses), {})).get(code)
    if code == "street" and isinstance(value, list):
        return ", ".join(str(line) for line in value if line) or None
    if code == "region" and isinstance(value, dict):
        value = value.get("region")
    own = (chosen or next(iter(addresses), {})).get("custom_attributes") if value is None else None
    return (
        next((_plain(one.get("value")) for one in own or () if one.get("attribute_code") == code), None)
        if own
        else _plain(value)
    )


def wanted(columns: Sequence[str], attributes: Sequence[Attribute]) -> str:
    """The `fields` of a search: nothing is sent that nobody asked for."""
    codes = {column for column in columns if not column.startswith(ADDRESS)} - {SUBSCRIBED}
    parts = sorted({"id", "updated_at"} | codes | ({"custom_attributes[attribute_code,value]"} if codes else set()))
    addressed = sorted({column.removeprefix(ADDRESS) for column in columns if column.startswith(ADDRESS)})
    if addressed:
        inner = ",".join(["default_billing", "default_shipping", "custom_attributes", *addressed])
        parts.append(f"addresses[{inner}]")
    return f"items[{','.join(parts)},extension_attributes[{SUBSCRIBED}]],total_count"
