"""Metafields: the columns that a shop adds itself. Their values always travel as text (vendor page, section 6)."""

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

from webapp.connectors.base import Field, FieldKind

PREFIX = "metafield:"
DOCUMENT = """query MetafieldDefinitions($after: String) {
  page: metafieldDefinitions(ownerType: CUSTOMER, first: 250, after: $after) {
    nodes { namespace key name type { name } } pageInfo { hasNextPage endCursor } } }"""

NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?")
KINDS = {
    "number_integer": FieldKind.NUMBER,
    "number_decimal": FieldKind.NUMBER,
    "rating": FieldKind.NUMBER,
    "money": FieldKind.NUMBER,
    "boolean": FieldKind.BOOLEAN,
    "date": FieldKind.DATE,
    "date_time": FieldKind.DATETIME,
}


class Metafield(msgspec.Struct):
    value: str
    type: str = ""


class DefinitionType(msgspec.Struct):
    name: str


class Definition(msgspec.Struct):
    """One metafield that the shop has defined for its customers."""

    namespace: str
    key: str
    name: str
    type: DefinitionType

    @property
    def field(self) -> Field:
        return Field(f"{PREFIX}{self.namespace}.{self.key}", self.name or self.key, kind_of(self.type.name))


def kind_of(type_name: str) -> FieldKind:
    """The kind of a metafield type; what we do not know is text."""
    return FieldKind.LIST if type_name.startswith("list.") else KINDS.get(type_name, FieldKind.TEXT)


def metafield_selection(alias: str, column: str) -> str | None:
    """GraphQL that selects the metafield of this column under an alias, or None if the column is no metafield."""
    match = re.fullmatch(rf"{PREFIX}([^.\s]+)\.([^.\s]+)", column)
    if not match:
        return None
    namespace, key = (json.dumps(part) for part in match.groups())
    return f"{alias}: metafield(namespace: {namespace}, key: {key}) {{ value type }}"


def parse(metafield: Metafield | None) -> Any:
    """The value as number, boolean, list or text; one that is not what its type says stays text."""
    if metafield is None or metafield.value == "":
        return None
    read = _READERS.get(metafield.type, _read_list if metafield.type.startswith("list.") else str)
    try:
        return read(metafield.value)
    except (ValueError, KeyError, RecursionError, msgspec.DecodeError):
        return metafield.value


def number(text: str) -> int | float:
    """`"12"` -> 12, `"12.50"` -> 12.5; raises ValueError for anything else."""
    if not NUMBER.fullmatch(text):
        raise ValueError
    return float(text) if "." in text else int(text)


def number_or_text(text: str) -> int | float | str:
    """A number that Shopify sent as text; whatever is none stays as it came."""
    try:
        return number(text)
    except ValueError:
        return text


def _read_boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _read_list(text: str) -> list[Any]:
    items = msgspec.json.decode(text, type=list)
    return [item if isinstance(item, str | int | float) else json.dumps(item, ensure_ascii=False) for item in items]


def _read_within(key: str) -> Callable[[str], int | float]:
    return lambda text: number(str(msgspec.json.decode(text, type=dict)[key]))


_READERS: dict[str, Callable[[str], Any]] = {
    "number_integer": number,
    "number_decimal": number,
    "rating": _read_within("value"),
    "money": _read_within("amount"),
    "boolean": _read_boolean,
}
