"""The columns of contacts and leads: whatever the organisation has defined, under its own labels (vendor page, section 4)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from webapp.connectors.base import Field, FieldKind, Role

KINDS = {
    "email": FieldKind.EMAIL,
    "phone": FieldKind.PHONE,
    "boolean": FieldKind.BOOLEAN,
    "date": FieldKind.DATE,
    "datetime": FieldKind.DATETIME,
    "integer": FieldKind.NUMBER,
    "bigint": FieldKind.NUMBER,
    "double": FieldKind.NUMBER,
    "currency": FieldKind.NUMBER,
    "percent": FieldKind.NUMBER,
    "picklist": FieldKind.CHOICE,
    "multiselectpicklist": FieldKind.LIST,
}
UNUSABLE = frozenset(
    {
        "subform",
        "profileimage",
        "imageupload",
        "fileupload",
        "layout",
        "multiselectlookup",
        "consent_lookup",
        "event_reminder",
    }
)
ROLES = {"Email": Role.EMAIL, "First_Name": Role.FIRST_NAME, "Last_Name": Role.LAST_NAME, "Full_Name": Role.FULL_NAME}
EMAIL, TAG, OPT_OUT, MODIFIED = "Email", "Tag", "Email_Opt_Out", "Modified_Time"
Read = Callable[[Mapping[str, Any]], Any]


class Picked(msgspec.Struct):
    actual_value: Any = None
    display_value: Any = None


class ViewType(msgspec.Struct):
    view: bool = True


class Described(msgspec.Struct):
    """One entry of settings/fields. Fields that the person may not see are listed too: they are missing in the records."""

    api_name: str
    data_type: str = "text"
    display_label: str | None = None
    field_label: str | None = None
    visible: bool | None = True
    view_type: ViewType | None = None
    pick_list_values: list[Picked] = []

    @property
    def is_usable(self) -> bool:
        shown = self.visible is not False and (self.view_type is None or self.view_type.view)
        return self.api_name in ROLES or (shown and self.data_type not in UNUSABLE)

    @property
    def kind(self) -> FieldKind:
        return FieldKind.LIST if self.api_name == TAG else KINDS.get(self.data_type, FieldKind.TEXT)

    @property
    def labels(self) -> dict[str, str]:
        """What people see by what records hold."""
        return {str(one.actual_value): str(one.display_value) for one in self.pick_list_values if one.display_value}

    @property
    def field(self) -> Field:
        label = self.display_label or self.field_label or self.api_name
        options = tuple((text, text) for text in self.labels.values())
        return Field(self.api_name, label, self.kind, ROLES.get(self.api_name), options)


def fields_of(described: Sequence[Described]) -> list[Field]:
    """What can be assigned, the address and the names first."""
    fields = [one.field for one in described if one.is_usable]
    return sorted(fields, key=lambda field: field.role is None)


def readers(columns: Sequence[str], described: Sequence[Described]) -> dict[str, Read]:
    """How each column is read from a record; one that does not exist (any more) is None for everybody."""
    known = {one.api_name: one for one in described if one.is_usable}
    return {column: _reader(known.get(column)) for column in columns}


def _reader(one: Described | None) -> Read:
    if one is None:
        return lambda record: None
    name, labels = one.api_name, one.labels
    if one.kind is FieldKind.LIST:
        return lambda record: (
            [labels.get(str(part), part) for part in map(_plain, record.get(name) or ()) if part] or None
        )
    if one.kind is FieldKind.CHOICE:
        return lambda record: labels.get(str(record.get(name)), _plain(record.get(name)))
    return lambda record: _plain(record.get(name))


def _plain(value: Any) -> Any:
    """Lookups, owners and tags are objects with a name."""
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, (str, int, float, bool)) else None
