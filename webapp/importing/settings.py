"""Putting edited settings of a recurring import into force. The draft was validated by whoever wrote it."""

from collections.abc import Callable, Mapping
from typing import Any

from webapp.extensions import db
from webapp.importing.schedule import set_next_slot
from webapp.models import Absence, Criterion, FieldMapping, ImportRun, RecurringImport, Schedule, WriteRule

WORDS = {"criterion": Criterion, "absence": Absence}
UNKNOWN, SKIPPED, CREATE = "", "skip", "new"


def apply_draft(recurring_import: RecurringImport) -> bool:
    """Put the draft into force; an import that was never finished becomes active. Commits.

    Returns whether something changed that makes data that stayed the same in the source matter again.
    """
    draft, before = recurring_import.draft, what_matters(recurring_import)
    moved = draft["settings"]["hour"] != recurring_import.hour
    put_settings(recurring_import, draft["settings"])
    replace_mappings(recurring_import, draft["columns"])
    recurring_import.known_columns = list(draft["columns"])
    recurring_import.draft = None
    if recurring_import.schedule is Schedule.DRAFT:
        recurring_import.schedule, moved = Schedule.ACTIVE, True
    if recurring_import.active and moved:
        set_next_slot(recurring_import)
    changed = what_matters(recurring_import) != before
    recurring_import.version += changed
    db.session.commit()
    return changed


def rehearsed(recurring_import: RecurringImport) -> dict[str, Any]:
    """The snapshot that the draft would give; fields that it would create are in `new_fields` and nowhere else."""
    draft = recurring_import.draft
    new: list[dict[str, Any]] = []
    columns = []
    for column, entry in draft["columns"].items():
        target = entry["target"]
        if target == CREATE:
            target = f"field:new {len(new)}"
            new.append({"key": f"new {len(new)}", **entry["new"]})
        if target not in (UNKNOWN, SKIPPED):
            kept = {"label": entry["label"], "rule": entry["rule"], "repair": bool(entry.get("repair"))}
            columns.append({"column": column, "target": target, "reading": reading_of(entry)} | kept)
    return recurring_import.snapshot() | draft["settings"] | {"columns": columns, "new_fields": new}


def reading_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft says about a column's values for the field that it goes to; for other fields it may have said something else."""
    return entry.get("readings", {}).get(entry["target"], {})


def what_matters(recurring_import: RecurringImport) -> dict[str, Any]:
    """What decides who becomes a contact and with which data, comparable and without the columns' order."""
    snapshot = recurring_import.snapshot()
    said = ("target", "rule", "repair", "reading")
    columns = {mapping["column"]: [mapping[name] for name in said] for mapping in snapshot["columns"]}
    kept = ("list_id", "group", "source_id", "criterion", "only_consenting")
    return {name: snapshot[name] for name in kept} | {"columns": columns}


def in_force(recurring_import: RecurringImport) -> dict[str, Any]:
    """The settings that the import's own columns hold, in the form that a draft keeps."""
    names = ("list_id", "group", "source_id", "source_name", "only_consenting", "hour", "cycle_day")
    words = {"criterion": recurring_import.criterion.value, "absence": recurring_import.absence.value}
    return {name: getattr(recurring_import, name) for name in names} | words


def put_settings(recurring_import: RecurringImport, settings: Mapping[str, Any]) -> None:
    """Move settings of a draft into the import's own columns."""
    for name, value in settings.items():
        setattr(recurring_import, name, WORDS[name](value) if name in WORDS else value)
    db.session.flush()
    db.session.expire(recurring_import, ["contact_list"])


def gone_mappings(recurring_import: RecurringImport, run: ImportRun | None) -> list[FieldMapping]:
    """Assigned columns that the newest run did not find in the source any more."""
    if run is None or not run.gone_columns:
        return []
    return [mapping for mapping in recurring_import.mappings if mapping.column in run.gone_columns]


def forget_column(recurring_import: RecurringImport, column: str) -> None:
    """Assign a column to nothing from now on. What was imported from it stays. Commits."""
    recurring_import.mappings = [mapping for mapping in recurring_import.mappings if mapping.column != column]
    recurring_import.known_columns = [known for known in recurring_import.known_columns if known != column]
    if recurring_import.draft:
        kept = {key: entry for key, entry in recurring_import.draft["columns"].items() if key != column}
        recurring_import.draft = {**recurring_import.draft, "columns": kept}
    db.session.commit()


def repair_column(recurring_import: RecurringImport, column: str) -> None:
    """Mend letters of a column from now on that were read in the wrong encoding; the next run reads everyone. Commits."""
    for mapping in recurring_import.mappings:
        if mapping.column == column and not mapping.repair:
            mapping.repair = True
            _grow_version(recurring_import)
    _change_entry(recurring_import, column, lambda entry: {"repair": True})
    db.session.commit()


def read_column(recurring_import: RecurringImport, column: str, target: str, reading: dict[str, Any]) -> bool:
    """Read a column's values so from now on, in the draft and in force, where it goes to that target. Commits.

    Returns whether something in force changed, which makes the next run read everyone.
    """
    before = recurring_import.version
    for mapping in recurring_import.mappings:
        if (mapping.column, mapping.target) == (column, target) and mapping.reading != reading:
            mapping.reading = reading
            _grow_version(recurring_import)
    _change_entry(recurring_import, column, lambda entry: {"readings": entry.get("readings", {}) | {target: reading}})
    db.session.commit()
    return recurring_import.version != before


def _grow_version(recurring_import: RecurringImport) -> None:
    """Something in force changed; a draft goes on from there."""
    recurring_import.version += 1
    if recurring_import.draft:
        recurring_import.draft = {**recurring_import.draft, "base_version": recurring_import.version}


def _change_entry(recurring_import: RecurringImport, column: str, change: Callable[[dict], dict]) -> None:
    """Say the same of a column in the draft, if there is one that knows it."""
    draft = recurring_import.draft
    if draft and column in draft["columns"]:
        entry = draft["columns"][column]
        recurring_import.draft = {**draft, "columns": {**draft["columns"], column: entry | change(entry)}}


def replace_mappings(recurring_import: RecurringImport, columns: Mapping[str, Mapping[str, str]]) -> None:
    """One row for each assigned column; the old rows go first, since a column may be mapped once only."""
    recurring_import.mappings.clear()
    db.session.flush()
    assigned = [(key, entry) for key, entry in columns.items() if entry["target"] not in (UNKNOWN, SKIPPED)]
    recurring_import.mappings.extend(
        FieldMapping(
            position=position,
            column=key,
            column_label=entry["label"],
            target=entry["target"],
            rule=WriteRule(entry["rule"]),
            repair=bool(entry.get("repair")),
            reading=reading_of(entry),
        )
        for position, (key, entry) in enumerate(assigned)
    )
    db.session.flush()
