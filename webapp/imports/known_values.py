"""Which values of a column are known already, so that nobody has to type them into a value table."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from webapp.extensions import db
from webapp.formats import gettext_of
from webapp.imports import drafts
from webapp.imports.readings import AUTOMATIC, LEAVE, OPTION, Line, Reading, meant
from webapp.imports.vendor import read_values
from webapp.models import ImportRun
from webapp.values import choice
from webapp.values.fields import FieldType, sample
from webapp.values.masking import HIDDEN

MOST_LINES, MOST_MISFITS, RUNS_BACK = 300, 10, 20


def fill(reading: Reading) -> None:
    """The lines of a value table: what was said, what did not fit before, what the source declares, and what a few people have.

    Of a column of another type only what did not fit before.
    """
    if not reading.is_table:
        newest: dict[str, int] = {}
        for text, _label, count in dropped(reading):
            newest.setdefault(text, count)
        reading.misfits = list(newest.items())[:MOST_MISFITS]
        return
    known: dict[str, Line] = {}
    for value, option in (reading.said.get("table") or {}).items():
        known[choice.fold(value)] = Line(value, said=OPTION + option if option else LEAVE)
    asked = read_values(
        reading.recurring_import.integration, drafts.of(reading.recurring_import)["settings"], reading.column
    )
    reading.trouble = asked.trouble
    declared = [(value, gettext_of(label)) for value, label in asked.options]
    samples = [(text, "") for value in asked.values if (text := sample(FieldType.CHOICE, value))]
    for value, label, count in [*dropped(reading), *((*one, 0) for one in declared + samples)]:
        if (line := known.get(choice.fold(value))) is not None:
            line.label, line.count = line.label or label, line.count or count
        elif len(known) < MOST_LINES and HIDDEN not in value:
            known[choice.fold(value)] = Line(value, label, count)
    reading.lines = list(known.values())
    for line in reading.lines:
        line.label = "" if line.label == line.value else line.label
        propose(line, reading.field.options)
    reading.lines.sort(key=lambda line: line.rank)


def dropped(reading: Reading) -> Iterator[tuple[str, str, int]]:
    """Values of the column that earlier runs left out, the newest run's first, each with how often it came there."""
    query = select(ImportRun.unfit).where(ImportRun.recurring_import_id == reading.recurring_import.id)
    for unfit in db.session.scalars(query.order_by(ImportRun.id.desc()).limit(RUNS_BACK)):
        kept = unfit.get(reading.column)
        if kept and kept["type"] == reading.field.type:
            often = sorted(kept["values"].items(), key=lambda one: -one[1]["count"])
            yield from ((text, "", one["count"]) for text, one in often)


def propose(line: Line, options: Sequence[str]) -> None:
    """What the value becomes by itself, and else the option of the name that the vendor gives it."""
    line.automatic = meant(line.value, options)
    if line.said == AUTOMATIC and not line.automatic and (option := meant(line.label, options)):
        line.said, line.proposed = OPTION + option, True
