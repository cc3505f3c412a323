"""Settings that are being edited: begun, kept over every step back, and put into force by nobody but the last step."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from webapp.extensions import db
from webapp.importing.settings import SKIPPED, WORDS, in_force, put_settings
from webapp.models import Integration, RecurringImport, Schedule


def start(integration: Integration, settings: dict[str, Any]) -> RecurringImport:
    """A new unfinished import, or the one that a first click has just begun with the same list and source."""
    begun = twin(integration, settings)
    if begun:
        return begun
    values = settings | {name: kind(settings[name]) for name, kind in WORDS.items()}
    recurring_import = RecurringImport(integration_id=integration.id, schedule=Schedule.DRAFT, **values)
    db.session.add(recurring_import)
    db.session.flush()
    return recurring_import


def twin(integration: Integration, settings: Mapping[str, Any]) -> RecurringImport | None:
    query = select(RecurringImport).filter_by(
        integration_id=integration.id,
        schedule=Schedule.DRAFT,
        list_id=settings["list_id"],
        group=settings["group"],
        source_id=settings["source_id"],
    )
    return db.session.scalar(query.limit(1))


def unfinished(integration: Integration) -> list[RecurringImport]:
    query = select(RecurringImport).filter_by(integration_id=integration.id, schedule=Schedule.DRAFT)
    return list(db.session.scalars(query.order_by(RecurringImport.id)))


def of(recurring_import: RecurringImport) -> dict[str, Any]:
    """The draft; where there is none, one that says what is in force."""
    draft = recurring_import.draft
    if draft and draft["base_version"] == recurring_import.version:
        return draft
    return {
        "base_version": recurring_import.version,
        "settings": in_force(recurring_import),
        "columns": columns_in_force(recurring_import),
        "skip_unknown": False,
    }


def columns_in_force(recurring_import: RecurringImport) -> dict[str, dict[str, Any]]:
    mapped = {
        mapping.column: {
            "label": mapping.column_label,
            "target": mapping.target,
            "rule": mapping.rule.value,
            "repair": mapping.repair,
            "readings": {mapping.target: mapping.reading},
        }
        for mapping in recurring_import.mappings
    }
    skipped = {"label": "", "target": SKIPPED, "rule": "overwrite"}
    return {key: mapped.get(key, skipped) for key in recurring_import.known_columns} | mapped


def save_settings(recurring_import: RecurringImport, settings: dict[str, Any]) -> None:
    """An import that never ran shows its settings everywhere at once; a running one keeps those in force."""
    recurring_import.draft = of(recurring_import) | {"settings": settings}
    if recurring_import.schedule is Schedule.DRAFT:
        put_settings(recurring_import, settings)


def save_columns(recurring_import: RecurringImport, columns: dict[str, Any], skip_unknown: bool) -> None:
    """What was said about a column's values is no choice of the form, and stays."""
    before = of(recurring_import)["columns"]
    kept = {key: {name: before.get(key, {}).get(name) for name in ("repair", "readings")} for key in columns}
    draft = {
        "columns": {
            key: entry | {name: said for name, said in kept[key].items() if said} for key, entry in columns.items()
        },
        "skip_unknown": skip_unknown,
    }
    recurring_import.draft = of(recurring_import) | draft


def mark(recurring_import: RecurringImport) -> str:
    """What a page was drawn from. A form that comes back with another mark would overwrite what someone else saved."""
    seen = [recurring_import.version, in_force(recurring_import), of(recurring_import)["settings"]]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def lock(recurring_import: RecurringImport) -> None:
    """See the row as it is now, and let nobody else change it until the commit."""
    db.session.refresh(recurring_import, with_for_update={"of": RecurringImport})
