"""The columns of contacts and leads: what describe shows to the person who signed in (vendor page, section 4)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from webapp.connectors.base import Field, FieldKind, Role
from webapp.values.marks import N_

KINDS = {
    "email": FieldKind.EMAIL,
    "phone": FieldKind.PHONE,
    "boolean": FieldKind.BOOLEAN,
    "date": FieldKind.DATE,
    "datetime": FieldKind.DATETIME,
    "int": FieldKind.NUMBER,
    "long": FieldKind.NUMBER,
    "double": FieldKind.NUMBER,
    "currency": FieldKind.NUMBER,
    "percent": FieldKind.NUMBER,
    "picklist": FieldKind.CHOICE,
    "combobox": FieldKind.TEXT,
    "multipicklist": FieldKind.LIST,
}
UNUSABLE = frozenset({"address", "location", "base64", "anyType", "complexvalue", "json", "reference"})
HIDDEN = frozenset({"IsDeleted", "PhotoUrl", "SystemModstamp", "JigsawContactId", "Jigsaw"})
ROLES = {"Email": Role.EMAIL, "FirstName": Role.FIRST_NAME, "LastName": Role.LAST_NAME, "Name": Role.FULL_NAME}
RELATED = {
    "AccountId": Field("Account.Name", N_("Company (account)")),
    "OwnerId": Field("Owner.Name", N_("Owner")),
}
ID, STAMP, OPT_OUT = "Id", "SystemModstamp", "HasOptedOutOfEmail"
Read = Callable[[Mapping[str, Any]], Any]


class Picked(msgspec.Struct):
    value: str | None = None
    label: str | None = None
    active: bool = True


class Described(msgspec.Struct):
    """One field of describe. What the person may not see is not there at all."""

    name: str
    type: str
    label: str = ""
    picklistValues: list[Picked] | None = None  # noqa: N815 - as on the wire

    @property
    def is_usable(self) -> bool:
        return self.type not in UNUSABLE and self.name not in HIDDEN

    @property
    def kind(self) -> FieldKind:
        return KINDS.get(self.type, FieldKind.TEXT)

    @property
    def labels(self) -> dict[str, str]:
        """What people see by what records hold."""
        return {one.value: one.label or one.value for one in self.picklistValues or () if one.value}

    @property
    def field(self) -> Field:
        kind = self.kind
        shown = dict.fromkeys(self.labels.values()) if kind in (FieldKind.CHOICE, FieldKind.LIST) else ()
        options = tuple((text, text) for text in shown)
        return Field(self.name, self.label or self.name, kind, ROLES.get(self.name), options)


class Description(msgspec.Struct):
    """The answer of describe, as far as it is read."""

    fields: list[Described]


def fields_of(described: Sequence[Described]) -> list[Field]:
    """What can be assigned, the address and the names first, then by label; names of related records last."""
    own = sorted(
        (one.field for one in described if one.is_usable),
        key=lambda field: (field.role is None, field.label.casefold()),
    )
    return [*own, *(RELATED[one.name] for one in described if one.name in RELATED)]


def known(columns: Sequence[str], described: Sequence[Described]) -> list[str]:
    """Those of the columns that can be asked for."""
    there = {field.key for field in fields_of(described)}
    return [column for column in columns if column in there]


def readers(columns: Sequence[str], described: Sequence[Described]) -> dict[str, Read]:
    """How each column is read from a record; one that does not exist (any more) is None for everybody."""
    by_name = {one.name: one for one in described}
    return {column: _reader(column, by_name.get(column)) for column in columns}


def _reader(column: str, one: Described | None) -> Read:
    if "." in column:
        parent, _, part = column.partition(".")
        return lambda record: _plain((record.get(parent) or {}).get(part))
    if one is None:
        return lambda record: None
    labels = one.labels
    if one.kind is FieldKind.LIST:
        return lambda record: [labels.get(part, part) for part in (record.get(column) or "").split(";") if part] or None
    if one.kind is FieldKind.CHOICE:
        return lambda record: labels.get(record.get(column), _plain(record.get(column)))
    return lambda record: _plain(record.get(column))


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool)) else None
