"""From a person as the source delivers it to a row that can be merged: checked, converted, cleaned."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from webapp.connectors.base import Consent, Page, Person
from webapp.models import CustomField, WriteRule
from webapp.values import email, mojibake
from webapp.values.fields import FieldType, LeftOut, Unfit, converter, sample
from webapp.values.masking import mask
from webapp.values.names import split_full_name
from webapp.values.text import clean

EMAIL = "email"
UNREADABLE = "unreadable"
# What rows call the parts of a name, and where contacts have them. No field's key has a blank.
FIRST_NAME, LAST_NAME = "first name", "last name"
NAME_PARTS = {FIRST_NAME: "first_name", LAST_NAME: "last_name"}

# So many different values that did not fit are kept of a column; a value table is made of those of a choice.
MOST_UNFIT, MOST_UNFIT_CHOICES = 10, 200


# What a row says about one field: FIRST_NAME, LAST_NAME or a custom field's key; its value, None for an empty one; the rule.
# A plain tuple: millions of them are made.
Change = tuple[str, Any, WriteRule]


@dataclass(eq=False, slots=True)
class Row:
    """A person who may be merged. `order` ranks the people of one source who share an address: the newest data wins."""

    external_id: str
    email_key: str
    email: str
    changes: list[Change]
    consent: Consent | None
    updated_at: datetime | None
    deleted: bool = False

    @property
    def order(self) -> tuple[float, int, str]:
        return rank(self.updated_at, self.external_id)


def rank(updated_at: datetime | None, external_id: str) -> tuple[float, int, str]:
    return (updated_at.timestamp() if updated_at else 0.0, len(external_id), external_id)


class Rejection(NamedTuple):
    """A person who cannot be merged; `value` is masked."""

    external_id: str
    field: str
    value: str
    reason: str


@dataclass
class Notes:
    """What a page shows besides its rows: values left out, and values that look wrongly decoded, by column."""

    dropped: Counter[str] = field(default_factory=Counter)
    unfit: dict[str, dict[str, Any]] = field(default_factory=dict)
    garbled: dict[str, dict[str, Any]] = field(default_factory=dict)

    def drop(self, column: str, kind: FieldType, value: Any, external_id: str) -> None:
        """Count a value that did not fit, and keep some of them."""
        self.dropped[column] += 1
        kept = self.unfit.setdefault(column, {"type": kind.value, "values": {}})
        keep_unfit(kept, sample(kind, value), {"count": 1, "id": external_id})

    def garble(self, column: str, seen: str, meant: str) -> None:
        """Count such a value, and keep the first one."""
        known = self.garbled.setdefault(column, {"count": 0, "seen": clean(seen, 80), "meant": clean(meant, 80)})
        known["count"] += 1


def keep_unfit(kept: dict[str, Any], text: str, found: dict[str, Any]) -> None:
    """Add a value to those of a column that did not fit, as ImportRun.unfit keeps them: counted, and while there is room."""
    values = kept["values"]
    if known := values.get(text):
        values[text] = {**known, "count": known["count"] + found["count"]}
    elif len(values) < (MOST_UNFIT_CHOICES if kept["type"] == FieldType.CHOICE else MOST_UNFIT):
        values[text] = found


@dataclass(frozen=True)
class Mapped:
    """A page, and what became of each of its people, in the same order."""

    page: Page
    items: list[Row | Rejection]
    notes: Notes

    @property
    def weight(self) -> int:
        """Its people, but at least 1: pages of nobody must not pile up either."""
        return len(self.items) or 1

    @property
    def is_enough(self) -> bool:
        """Whether nothing more is to be read until this page is dealt with: the source is at its end, or not ready."""
        return self.page.cursor is None or bool(self.page.later)

    @property
    def rows(self) -> list[Row]:
        return [item for item in self.items if isinstance(item, Row)]

    @property
    def rejections(self) -> list[Rejection]:
        return [item for item in self.items if isinstance(item, Rejection)]


class Mapper:
    """Applies one run's mapping. `columns` are FieldMapping.snapshot()s, `fields` the account's custom fields."""

    def __init__(self, columns: Sequence[dict[str, str]], fields: Sequence[CustomField]):
        by_key = {one.key: one for one in fields}
        self._mended = {c["column"] for c in columns if c.get("repair")}
        self.email_column = next((c["column"] for c in columns if c["target"] == EMAIL), None)
        self._names = [
            (c["column"], c["target"], WriteRule(c["rule"])) for c in columns if c["target"].endswith("_name")
        ]
        self._customs = [
            (
                c["column"],
                one.key,
                converter(FieldType(one.type), tuple(one.options or ()), c.get("reading")),
                WriteRule(c["rule"]),
            )
            for c in columns
            if c["target"].startswith("field:") and (one := by_key.get(c["target"][6:]))
        ]

    @property
    def columns(self) -> list[str]:
        """The source columns that are needed, and no others."""
        return [column for column, *_ in ((self.email_column,), *self._names, *self._customs) if column]

    def read_page(self, page: Page) -> Mapped:
        notes = Notes()
        return Mapped(page, [self.read(person, notes) for person in page.people], notes)

    def read(self, person: Person, notes: Notes) -> Row | Rejection:
        """The row, or why there is none. Values that do not fit their field are left out and noted."""
        if person.unreadable:
            return Rejection(person.external_id, "", "", UNREADABLE)
        raw = person.values.get(self.email_column)
        try:
            address = email.parse(raw)
        except email.InvalidEmail as error:
            if person.deleted:
                return Row(person.external_id, "", "", [], person.consent, person.updated_at, deleted=True)
            return Rejection(person.external_id, EMAIL, clean(mask("email", raw), 120), error.reason.value)
        changes = [*self._name_changes(person, notes), *self._custom_changes(person, notes)]
        return Row(
            person.external_id, address.key, address.display, changes, person.consent, person.updated_at, person.deleted
        )

    def _name_changes(self, person: Person, notes: Notes) -> list[Change]:
        changes = []
        for column, target, rule in self._names:
            text = clean(self._value(person, column, notes))
            if target == "full_name":
                first_name, last_name = split_full_name(text)
                changes += [(FIRST_NAME, first_name or None, rule), (LAST_NAME, last_name or None, rule)]
            else:
                changes.append((FIRST_NAME if target == "first_name" else LAST_NAME, text or None, rule))
        return changes

    def _custom_changes(self, person: Person, notes: Notes) -> list[Change]:
        changes = []
        for column, key, convert, rule in self._customs:
            value = self._value(person, column, notes)
            try:
                changes.append((key, convert(value), rule))
            except Unfit as unfit:
                notes.drop(column, unfit.type, value, person.external_id)
            except LeftOut:
                continue
        return changes

    def _value(self, person: Person, column: str, notes: Notes) -> Any:
        """What the source has, mended where that was agreed to; else what looks wrong is noted and taken as it is."""
        value = person.values.get(column)
        if type(value) is not str or value.isascii():
            return value
        meant = mojibake.repaired(value)
        if meant is None:
            return value
        if column in self._mended:
            return meant
        notes.garble(column, value, meant)
        return value
