"""When runs come to be: by the clock, by hand, after a pause. The database alone decides; queues only carry the news."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from webapp.extensions import db
from webapp.importing.sets import among
from webapp.importing.slots import newest_slot, next_slot
from webapp.models import (
    Account,
    ImportRun,
    Integration,
    IntegrationState,
    RecurringImport,
    RunKind,
    RunReason,
    RunStatus,
    Schedule,
)
from webapp.models.database import insert_new, now
from webapp.models.import_run import ACTIVE, IS_ACTIVE, UNDO_PENDING, WORKABLE

ANSWER_WITHIN = timedelta(days=7)
FARTHEST = timedelta(days=2)

# So many runs are made in one transaction, in less than a second. Every batch reads past those of the batches before it, so that a
# few large ones are faster.
BATCH = 10_000


def run_now(recurring_import: RecurringImport) -> tuple[ImportRun, bool]:
    """A run by hand, and whether it is new: while one is active there is no second one. Does not move the slot."""
    while True:
        active = active_run(recurring_import)
        if active:
            return active, False
        run = new_run(recurring_import, RunKind.MANUAL, None)
        db.session.add(run)
        try:
            db.session.commit()
            return run, True
        except IntegrityError:  # somebody else's came first; it may have ended by now
            db.session.rollback()


def rehearse(recurring_import: RecurringImport, settings: Mapping[str, Any]) -> ImportRun:
    """A dry run with these settings (a snapshot), in place of one that is still under way. It is never held. Commits."""
    db.session.execute(
        update(ImportRun)
        .where(
            ImportRun.recurring_import_id == recurring_import.id,
            ImportRun.kind == RunKind.DRY,
            ImportRun.status.in_(ACTIVE),
        )
        .values(status=RunStatus.CANCELLED, reason=RunReason.BY_USER, finished_at=now(), lease_until=None)
    )
    run = new_run(recurring_import, RunKind.DRY, None)
    run.settings, run.approved = dict(settings), True
    db.session.add(run)
    db.session.commit()
    return run


def new_run(recurring_import: RecurringImport, kind: RunKind, slot: datetime | None) -> ImportRun:
    return ImportRun(
        recurring_import=recurring_import,
        account_id=recurring_import.account_id,
        kind=kind,
        slot=slot,
        settings=recurring_import.snapshot(),
        version=recurring_import.version,
    )


def active_run(recurring_import: RecurringImport) -> ImportRun | None:
    return db.session.scalar(
        select(ImportRun).where(
            ImportRun.recurring_import_id == recurring_import.id,
            ImportRun.status.in_(ACTIVE),
            ImportRun.kind != RunKind.DRY,
        )
    )


def is_being_undone(recurring_import: RecurringImport) -> bool:
    """Whether a run of this import is being undone: none may begin before that is over."""
    query = select(ImportRun.id).where(ImportRun.recurring_import_id == recurring_import.id, UNDO_PENDING)
    return db.session.scalar(query.limit(1)) is not None


def stop(recurring_import: RecurringImport) -> None:
    """No more runs by the clock; a running one finishes."""
    if recurring_import.schedule is Schedule.ACTIVE:
        recurring_import.schedule, recurring_import.next_slot = Schedule.STOPPED, None
    db.session.commit()


def resume(recurring_import: RecurringImport) -> None:
    """Runs by the clock again, from the next slot on."""
    if recurring_import.schedule is Schedule.STOPPED:
        recurring_import.schedule = Schedule.ACTIVE
        set_next_slot(recurring_import)
    db.session.commit()


def set_next_slot(recurring_import: RecurringImport) -> None:
    """The next occurrence of the chosen hour, even a minute away."""
    zone = db.session.get(Account, recurring_import.account_id).zone
    recurring_import.next_slot = next_slot(recurring_import.hour, zone, now())


def cancel(run: ImportRun, reason: str = RunReason.BY_USER) -> bool:
    """Break a run off; what is committed stays. False if it had ended by itself."""
    return _answer(run, ACTIVE, status=RunStatus.CANCELLED, reason=reason, finished_at=now(), lease_until=None)


def approve(run: ImportRun) -> bool:
    """Let a held run go on as it wanted to. False if it is held no longer."""
    return _answer(run, (RunStatus.HELD,), status=RunStatus.QUEUED, reason=None, approved=True, attempts=0, deaths=0)


def _answer(run: ImportRun, statuses: tuple[RunStatus, ...], **values: object) -> bool:
    changed = db.session.execute(
        update(ImportRun).where(ImportRun.id == run.id, ImportRun.status.in_(statuses)).values(**values)
    )
    db.session.commit()
    db.session.refresh(run)
    db.session.commit()
    return changed.rowcount == 1


def create_due(moment: datetime) -> int:
    """Make the runs whose slot has come, for all accounts; the newest slot only, after a standstill. Returns how many were due.

    While a run of the same import is active its slot waits: `next_slot` stays, and the run is made when the other has ended.
    """
    # A clock that was wrong for a moment may have put the next slot days away. Two questions: one index answers each.
    late, lost = RecurringImport.next_slot <= moment, RecurringImport.next_slot > moment + FARTHEST
    return sum(_create(due, moment) for which in (late, lost) for due in iter(partial(_due, which), []))


def _due(which: ColumnElement[bool]) -> list[Row[tuple[int, str, str]]]:
    """Some of the imports whose run may be made, locked: (id, hour, time zone's name).

    What other tables have to say is looked up for each of them: where PostgreSQL's statistics are of a quieter hour, a join
    begins with another table than this one, and seeks long for what is not there.
    """
    state = _of_each(select(Integration.state).where(Integration.id == RecurringImport.integration_id))
    zone = _of_each(select(Account.timezone).where(Account.id == RecurringImport.account_id))
    query = (
        select(RecurringImport.id, RecurringImport.hour, zone)
        .where(
            RecurringImport.schedule == Schedule.ACTIVE,
            which,
            state == IntegrationState.CONNECTED,
            _run_that(IS_ACTIVE).is_(None),
            _run_that(UNDO_PENDING).is_(None),
        )
        .order_by(RecurringImport.next_slot)
        .limit(BATCH)
        .with_for_update(of=RecurringImport, skip_locked=True)
    )
    return list(db.session.execute(query))


def _run_that(state: ColumnElement[bool]) -> Any:
    """A run of the import in this state, looked up in the index of such runs; not as EXISTS, of which PostgreSQL makes a join."""
    return _of_each(select(ImportRun.id).where(ImportRun.recurring_import_id == RecurringImport.id, state).limit(1))


def _of_each(query: Any) -> Any:
    """The one value that this finds for each recurring import."""
    return query.correlate(RecurringImport).scalar_subquery()


def _create(due: list[Row[tuple[int, str, str]]], moment: datetime) -> int:
    """Make these runs and set the slots after them, for each hour of each time zone at once. Commits."""
    together = defaultdict(list)
    for recurring_import_id, *when in due:
        together[tuple(when)].append(recurring_import_id)
    for (hour, timezone), ids in together.items():
        zone, those = ZoneInfo(timezone), among(RecurringImport.id, ids)
        db.session.execute(_runs(those, newest_slot(hour, zone, moment), moment))
        db.session.execute(update(RecurringImport).where(those).values(next_slot=next_slot(hour, zone, moment)))
    db.session.commit()
    return len(due)


def _runs(those: ColumnElement[bool], slot: datetime, moment: datetime) -> Any:
    """The runs of these imports for a slot, their settings kept by the database itself."""
    values = {
        ImportRun.account_id: RecurringImport.account_id,
        ImportRun.recurring_import_id: RecurringImport.id,
        ImportRun.kind: literal(RunKind.SCHEDULED, ImportRun.kind.type),
        ImportRun.slot: literal(slot, ImportRun.slot.type),
        ImportRun.settings: RecurringImport.snapshots(),
        ImportRun.version: RecurringImport.version,
        ImportRun.created_at: literal(moment, ImportRun.created_at.type),
    }
    return insert_new(ImportRun).from_select(list(values), select(*values.values()).where(those))


def expire_held(moment: datetime) -> None:
    """Held runs that nobody answered for a week end as failed."""
    db.session.execute(
        update(ImportRun)
        .where(ImportRun.status == RunStatus.HELD, ImportRun.progress_at < moment - ANSWER_WITHIN)
        .values(status=RunStatus.FAILED, reason=RunReason.UNANSWERED, finished_at=moment)
    )
    db.session.commit()


def workable(moment: datetime) -> list[tuple[int, int]]:
    """Runs that somebody should work on and nobody does, as (id, fence): new ones, and those whose worker died or whose wait is over."""
    query = (
        select(ImportRun.id, ImportRun.fence)
        .where(
            ImportRun.status.in_(WORKABLE),
            or_(ImportRun.lease_until.is_(None), ImportRun.lease_until < moment),
            or_(ImportRun.not_before.is_(None), ImportRun.not_before <= moment),
        )
        .order_by(ImportRun.id)
    )
    found = [tuple(row) for row in db.session.execute(query)]
    db.session.commit()
    return found
