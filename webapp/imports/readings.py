"""How one column's values are read: which option each becomes, and what 01/02/2026, "1,240" or a phone without a country code mean there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request
from flask_babel import get_locale, gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from webapp.connectors import CONNECTORS
from webapp.extensions import db
from webapp.formats import gettext_of
from webapp.imports import drafts
from webapp.imports.columns import CUSTOM
from webapp.models import CustomField, RecurringImport
from webapp.values import choice, phone
from webapp.values.date import DAY_FIRST, MONTH_FIRST
from webapp.values.fields import TEXT_LIMIT, TYPE_LABELS, UNFIT_SENTENCES, FieldType
from webapp.values.marks import N_
from webapp.values.number import COMMA, POINT
from webapp.values.text import clean, search_key

# What the form says of a value; an option is written after its mark, so that it may be called anything.
AUTOMATIC, LEAVE, OPTION = "", "leave", "="
MOST_SELECT_OPTIONS = 3000

WAYS = {
    FieldType.DATE: (
        "order",
        (
            ("", N_("Take only what is certain: 23/11/2026, but not 01/02/2026")),
            (DAY_FIRST, N_("The day comes first: 01/02/2026 is 1 February")),
            (MONTH_FIRST, N_("The month comes first: 01/02/2026 is 2 January")),
        ),
    ),
    FieldType.NUMBER: (
        "decimal",
        (
            ("", N_("Take only what is certain: 1 240,50 and 1,240.50, but not 1,240")),
            (COMMA, N_("The comma begins the decimals: 1,240 is 1.24, and 1.240 is 1240")),
            (POINT, N_("The point begins the decimals: 1.240 is 1.24, and 1,240 is 1240")),
        ),
    ),
}


@dataclass
class Line:
    """A value of the source. `said` is AUTOMATIC, LEAVE or OPTION and an option; `automatic` the option that it finds by itself."""

    value: str
    label: str = ""
    count: int = 0
    said: str = AUTOMATIC
    automatic: str = ""
    proposed: bool = False
    error: str = ""

    @property
    def option(self) -> str:
        """The option that was chosen, if one was."""
        return self.said.removeprefix(OPTION) if self.said.startswith(OPTION) else ""

    @property
    def rank(self) -> tuple[int, int, str]:
        """What needs a decision comes first, and of that what most people have."""
        undecided = self.said == AUTOMATIC and not self.automatic
        return (0 if undecided or self.proposed else 1 if self.said else 2, -self.count, search_key(self.value))


@dataclass
class Reading:
    """The page of one column. `said` is what the draft or the import says already."""

    recurring_import: RecurringImport
    column: str
    label: str
    target: str
    field: CustomField
    said: dict[str, Any]
    lines: list[Line] = field(default_factory=list)
    misfits: list[tuple[str, int]] = field(default_factory=list)
    trouble: str = ""
    new_option: str = ""
    error: str = ""
    added: str = ""
    typed: int | None = None
    focus: int | None = None
    full: bool = False

    @property
    def is_table(self) -> bool:
        return self.field.type is FieldType.CHOICE

    @property
    def ways(self) -> list[tuple[str, str]]:
        """The answers that may be given for another type than choice, the first being what holds without one."""
        if self.field.type is FieldType.PHONE:
            return [("" if region == phone.POLAND else region, label) for region, label in regions()]
        return [(value, gettext_of(label)) for value, label in WAYS[self.field.type][1]]

    @property
    def way(self) -> str:
        return self.said.get(self.name, "")

    @property
    def advice(self) -> str:
        """What to do about values that fit in no way (a message id)."""
        return UNFIT_SENTENCES[self.field.type]

    @property
    def name(self) -> str:
        return "region" if self.field.type is FieldType.PHONE else WAYS[self.field.type][0]

    @property
    def lazy(self) -> bool:
        """Whether a select holds only its chosen option until somebody opens it."""
        return not self.full and len(self.lines) * len(self.field.options) > MOST_SELECT_OPTIONS

    def offered(self, line: Line) -> list[str]:
        """The options that the select of a line holds from the start."""
        return [line.option] * bool(line.option) if self.lazy else self.field.options

    def render(self) -> str:
        """The page, or for htmx its form."""
        return render_template(
            "imports/_reading.html" if request.htmx else "imports/reading.html",
            reading=self,
            recurring_import=self.recurring_import,
            connector=CONNECTORS[self.recurring_import.integration.vendor],
            type_label=gettext_of(TYPE_LABELS[self.field.type]).lower(),
            mark=drafts.mark(self.recurring_import),
        )


def regions() -> list[tuple[str, str]]:
    """Countries with their codes, Poland first: Niemcy (+49)."""
    names = get_locale().territories
    found = [(region, f"{names.get(region, region)} (+{code})") for region, code in phone.regions().items()]
    return sorted(found, key=lambda one: (one[0] != phone.POLAND, search_key(one[1])))


def find(recurring_import: RecurringImport, column: str) -> Reading | None:
    """The column as its draft has it, where it goes to a custom field about whose values something can be said."""
    entry = drafts.of(recurring_import)["columns"].get(column)
    if entry is None or not entry["target"].startswith(CUSTOM):
        return None
    target = entry["target"]
    found = db.session.scalar(select(CustomField).filter_by(key=target.removeprefix(CUSTOM)))
    if found is None or not (found.type in WAYS or found.type in (FieldType.CHOICE, FieldType.PHONE)):
        return None
    label = gettext_of(entry["label"]) or column
    return Reading(recurring_import, column, label, target, found, entry.get("readings", {}).get(target) or {})


def meant(text: str, options: Sequence[str]) -> str:
    try:
        return choice.parse(text, options)
    except ValueError:
        return ""


def read_form(reading: Reading, form: MultiDict[str, str]) -> None:
    """Fill the page with what was sent; raises ValueError where that is not one of ours."""
    if not reading.is_table:
        said = form.get("said", "")
        if said not in dict(reading.ways):
            raise ValueError("not one of the answers")
        reading.said = {reading.name: said} if said else {}
        return
    rows = zip(*(form.getlist(part) for part in ("value", "label", "count", "option")), strict=True)
    *lines, typed = [
        Line(clean(value, TEXT_LIMIT), clean(label), int(count or 0), option) for value, label, count, option in rows
    ]
    reading.lines = lines
    if typed.value:
        number = add_typed(lines, typed)
        reading.typed = number if lines[number].said == AUTOMATIC else None
    for number, line in enumerate(lines):
        line.automatic = meant(line.value, reading.field.options)
        line.error = fault(line, reading.field.options, needs_option=number == reading.typed)
    reading.said = {"table": table} if (table := table_of(lines)) else {}


def add_typed(lines: list[Line], typed: Line) -> int:
    """The number of the line of a value that was typed by hand: a new one, or the one that it has already."""
    known = (number for number, line in enumerate(lines) if choice.fold(line.value) == choice.fold(typed.value))
    number = next(known, len(lines))
    if number == len(lines):
        lines.append(typed)
    elif typed.said:
        lines[number].said = typed.said
    return number


def fault(line: Line, options: Sequence[str], needs_option: bool) -> str:
    """What is wrong with what was sent of a value."""
    if line.said not in (AUTOMATIC, LEAVE) and line.option not in options:
        return gettext("This option no longer exists. Choose another one.")
    if needs_option and not line.automatic:
        return gettext("Choose an option for this value.")
    return ""


def table_of(lines: Sequence[Line]) -> dict[str, str]:
    said = {line.value: line.said for line in lines if line.value and line.said != AUTOMATIC}
    return {value: choice.LEAVE_OUT if one == LEAVE else one.removeprefix(OPTION) for value, one in said.items()}


def add_option(reading: Reading, wanted: str, new_option: str) -> None:
    """Create an option: for the line whose button was pressed, or of another name, for the value that was typed beside it. Commits."""
    of_line = wanted.isdecimal() and int(wanted) < len(reading.lines)
    reading.focus = int(wanted) if of_line else reading.typed
    line = reading.lines[reading.focus] if reading.focus is not None else None
    text = (line.label or line.value) if line and of_line else clean(new_option, choice.OPTION_LIMIT)
    row = db.session.get(CustomField, reading.field.id, with_for_update=True, populate_existing=True)
    try:
        reading.added = row.add_option(text)
    except ValueError:
        reading.error, reading.new_option, reading.focus = refusal(text), new_option, None
        return
    db.session.commit()
    if line:
        line.said, line.error = OPTION + reading.added, ""
    for one in reading.lines:
        one.automatic = meant(one.value, row.options)


def refusal(text: str) -> str:
    if not text:
        return gettext("Enter the name of the new option.")
    return gettext("A field may have at most %(most)d options. Remove some.", most=choice.MOST_OPTIONS)
