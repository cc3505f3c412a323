"""Who is in the source no longer: noted or taken off the list as the import says, and only after a pass that was whole.

A page that lies, a person who could not be read, a run that was cut short: each could make somebody look gone who is not.
Where two imports of one account feed the same list, neither can say of the other's people that they are gone: nothing is done.
"""

from typing import Any

from sqlalchemy import func, select, update

from webapp.connectors.base import SUBSCRIBERS
from webapp.extensions import db
from webapp.models import (
    Absence,
    Contact,
    ContactStatus,
    ImportRun,
    RecurringImport,
    RejectedRow,
    RunMode,
    Schedule,
    SourceRecord,
)
from webapp.models.contact_list import REACHABLE, SOURCE_DELETION
from webapp.models.database import now


def settle(run: ImportRun) -> dict[str, Any]:
    """What the end of a whole pass says of those who are gone, within the open transaction; returns what the run notes."""
    absence = Absence(run.settings.get("absence", Absence.IGNORE))
    if absence is Absence.IGNORE or run.settings["source_id"] == SUBSCRIBERS or _has_company(run):
        return {}
    marked = mark_unseen(run) if run.mode is RunMode.FULL else 0
    return {"gone": remove_absent(run) if absence is Absence.REMOVE else marked}


def _has_company(run: ImportRun) -> bool:
    """Whether another import brings people of the same account and group to the same list."""
    columns = (RecurringImport.list_id, RecurringImport.integration_id, RecurringImport.group)
    names = ("list_id", "integration_id", "group")
    same = [column == run.settings[name] for column, name in zip(columns, names, strict=True)]
    other = (RecurringImport.id != run.recurring_import_id, RecurringImport.schedule != Schedule.DRAFT)
    return db.session.scalar(select(RecurringImport.id).where(*same, *other).limit(1)) is not None


def mark_unseen(run: ImportRun) -> int:
    """Note as gone whom this import had met in the same source before and no run of this pass has met.

    More than half of them at once is no reading to rely on, whatever it was called: then nobody is.
    """
    of_import = select(ImportRun.id).where(
        ImportRun.recurring_import_id == run.recurring_import_id,
        ImportRun.settings["source_id"].as_string() == run.settings["source_id"],
    )
    of_pass = of_import.where(ImportRun.window_until == run.window_until, ImportRun.mode == RunMode.FULL)
    turned_away = select(RejectedRow.external_id).where(RejectedRow.run_id.in_(of_pass))
    if db.session.scalar(turned_away.where(RejectedRow.external_id == "").limit(1)) is not None:
        return 0
    known = (*_of_source(run), SourceRecord.deleted_at.is_(None), SourceRecord.seen_run_id.in_(of_import))
    unseen = (SourceRecord.seen_run_id.not_in(of_pass), SourceRecord.external_id.not_in(turned_away))
    if 2 * _counted(*known, *unseen) > _counted(*known):
        return 0
    return _changed(update(SourceRecord).where(*known, *unseen).values(deleted_at=now()))


def _counted(*conditions: Any) -> int:
    return db.session.scalar(select(func.count(SourceRecord.id)).where(*conditions)) or 0


def remove_absent(run: ImportRun) -> int:
    """Take off the list whom this source had and no source has any more."""
    gone = select(SourceRecord.id).where(
        *_of_source(run), SourceRecord.contact_id == Contact.id, SourceRecord.deleted_at.is_not(None)
    )
    there = select(SourceRecord.id).where(SourceRecord.contact_id == Contact.id, SourceRecord.deleted_at.is_(None))
    moment = now()
    return _changed(
        update(Contact)
        .where(
            Contact.list_id == run.settings["list_id"],
            Contact.status.in_(REACHABLE),
            gone.correlate(Contact).exists(),
            ~there.correlate(Contact).exists(),
        )
        .values(status=ContactStatus.REMOVED, status_reason=SOURCE_DELETION, status_at=moment, updated_at=moment)
    )


def _of_source(run: ImportRun) -> tuple[Any, ...]:
    return (
        SourceRecord.list_id == run.settings["list_id"],
        SourceRecord.integration_id == run.settings["integration_id"],
        SourceRecord.group == run.settings["group"],
    )


def _changed(statement: Any) -> int:
    return db.session.execute(statement, execution_options={"synchronize_session": False}).rowcount
