"""The custom fields of customers: three with a definition, and one that only exists as a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..people import Person


@dataclass(frozen=True)
class Definition:
    """A custom field; the value is text, as the vendor sends it, or None where the person has none."""

    number: int
    namespace: str
    key: str
    name: str
    type: str
    category: str
    value: Callable[[Person], str | None]
    description: str | None = None


@dataclass(frozen=True)
class Metafield:
    """One value of one person."""

    definition: Definition
    person: Person
    value: str

    @property
    def number(self) -> int:
        return self.person.number * 10 + self.definition.number


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


DEFINED = (
    Definition(1, "custom", "birthday", "Data urodzenia", "date", "DATE_TIME", lambda person: _text(person.birthday)),
    Definition(
        2,
        "custom",
        "rozmiar",
        "Rozmiar",
        "single_line_text_field",
        "TEXT",
        lambda person: person.size,
        "Rozmiar odzieży",
    ),
    Definition(
        3, "custom", "punkty", "Punkty lojalnościowe", "number_integer", "NUMBER", lambda person: _text(person.points)
    ),
)
UNDEFINED = Definition(
    4, "erp", "numer", "", "single_line_text_field", "TEXT", lambda person: f"K/{person.index:05}/PL"
)
ALL = (*DEFINED, UNDEFINED)


def metafield(person: Person, namespace: str | None, key: str) -> Metafield | None:
    """The value under a namespace and key; `namespace.key` in one is understood too."""
    full_key = f"{namespace}.{key}" if namespace else key
    return next((found for found in metafields(person) if _full_key(found.definition) == full_key), None)


def metafields(person: Person, namespace: str | None = None, keys: list[str] | None = None) -> list[Metafield]:
    """All values of a person, or those of a namespace, or those under the keys (`namespace.key`)."""
    return [
        Metafield(definition, person, value)
        for definition in ALL
        if namespace in (None, definition.namespace)
        and (keys is None or _full_key(definition) in keys)
        and (value := definition.value(person)) is not None
    ]


def _full_key(definition: Definition) -> str:
    return f"{definition.namespace}.{definition.key}"
