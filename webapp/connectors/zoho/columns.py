"""The columns of contacts and leads: whatever the organisation has defined, under its own labels (vendor page, section 4)."""

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
        "multiuserlookup",
        "multi_module_lookup",
        "consent_lookup",
        "event_reminder",
    }
)
ROLES = {"Email": Role.EMAIL, "First_Name": Role.FIRST_NAME, "Last_Name": Role.LAST_NAME, "Full_Name": Role.FULL_NAME}
EMAIL, TAG, OPT_OUT, MODIFIED = "Email", "Tag", "Email_Opt_Out", "Modified_Time"
NOTHING = "-None-"
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
    pick_list_values: list[Picked] | None = None
    json_type: str | None = None
    lookup: Any = None

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
        picked = [one for one in self.pick_list_values or () if one.display_value and one.actual_value != NOTHING]
        return {str(one.actual_value): str(one.display_value) for one in picked}

    @property
    def field(self) -> Field:
        label = self.display_label or self.field_label or self.api_name
        options = tuple((text, text) for text in dict.fromkeys(self.labels.values()))
        return Field(self.api_name, label, self.kind, ROLES.get(self.api_name), options)


def fields_of(described: Sequence[Described]) -> list[Field]:
    """What can be assigned, the address and the names first. An address that the organisation has removed stays nobody's."""
    fields = [one.field for one in described if one.is_usable]
    if not any(field.key == EMAIL for field in fields):
        fields.append(Field(EMAIL, N_("E-mail"), FieldKind.EMAIL, Role.EMAIL))
    return sorted(fields, key=lambda field: field.role is None)


def knows_consent(described: Sequence[Described]) -> bool:
    """Whether this person may see who opted out."""
    return any(one.api_name == OPT_OUT and one.is_usable for one in described)


def readers(columns: Sequence[str], described: Sequence[Described]) -> dict[str, Read]:
    """How each column is read from a record; one that does not exist (any more) is None for everybody."""
    known = {one.api_name: one for one in described if one.is_usable}
    return {column: _reader(known.get(column)) for column in columns}


def _reader(one: Described | None) -> Read:
    if one is None:
        return lambda record: None
    name, labels = one.api_name, one.labels
    if one.kind is FieldKind.LIST:
        return lambda record: [labels.get(str(part), part) for part in _parts(record.get(name)) if part] or None
    if one.kind is FieldKind.CHOICE:
        return lambda record: labels.get(str(record.get(name)), _plain(record.get(name)))
    return lambda record: _plain(record.get(name))


def _parts(value: Any) -> list[Any]:
    """Choices or tags; raises TypeError for what is no list of them."""
    if not isinstance(value, list | None):
        raise TypeError
    return [_plain(part) for part in value or ()]


def _plain(value: Any) -> Any:
    """Lookups, owners and tags are objects with a name."""
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, (str, int, float, bool)) else None
