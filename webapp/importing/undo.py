"""Undoing a run: whom it added is removed, what it changed is restored, as far as nobody touched it since.

Consent is never undone: who unsubscribed stays unsubscribed. The import itself is stopped, or its next run would do it all again.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.importing import schedule
from webapp.importing.undoing import REMOVED, RESTORED, Change, Undoing
from webapp.models import Contact, ImportRun, RunChange, RunKind
from webapp.models.database import now, writing
from webapp.models.import_run import UNDO_PENDING
from webapp.models.scope import acting_for, everyone

KEEP_CHANGES = timedelta(days=30)
STEP = 500


def can_be_undone(run: ImportRun) -> bool:
    """Whether the run is over, changed something, and is recent enough."""
    fresh = run.finished_at is not None and run.finished_at > now() - KEEP_CHANGES
    real = run.kind is not RunKind.DRY and not run.is_active
    return real and run.undo_asked_at is None and fresh and run.added + run.updated > 0


def foreseen(run: ImportRun) -> dict[str, int]:
    """How many contacts the run added and changed, as far as that is still known."""
    added = select(func.count(Contact.id)).where(Contact.added_run_id == run.id)
    changed = select(func.count(RunChange.contact_id.distinct())).where(RunChange.run_id == run.id, ~RunChange.added)
    return {REMOVED: db.session.scalar(added), RESTORED: db.session.scalar(changed)}


def ask(run: ImportRun) -> bool:
    """Note that the run is to be undone, and stop its import; False where it cannot be (any more). Commits."""
    if not can_be_undone(run) or schedule.active_run(run.recurring_import):
        return False
    run.undo_asked_at = now()
    run.recurring_import.version += 1
    schedule.stop(run.recurring_import)
    return True


def asked() -> list[int]:
    """Runs that wait to be undone."""
    return list(db.session.scalars(select(ImportRun.id).where(UNDO_PENDING)))


def undo(run_id: int) -> None:
    """Undo a run that was asked for, a step a transaction: whoever dies leaves the rest to the next one."""
    with everyone():
        run = db.session.get(ImportRun, run_id)
        account_id = run and run.account_id
        db.session.commit()
    if account_id is not None:
        with acting_for(account_id):
            while _step(run_id):
                pass


def _step(run_id: int) -> bool:
    """Some of the changes, the latest first; False when the run is undone."""
    with writing():
        run = db.session.scalar(
            select(ImportRun).where(ImportRun.id == run_id).with_for_update(of=ImportRun),
            execution_options={"populate_existing": True},
        )
        if run is None or run.undo_asked_at is None or run.undone_at is not None:
            db.session.commit()
            return False
        changes = _changes(run_id)
        if changes:
            counted = Undoing(run, changes).work()
            run.undone = dict(Counter(run.undone) + counted)
        else:
            # Whatever ran meanwhile may have found people there who are gone now: the next run reads everyone.
            run.undone_at = now()
            run.recurring_import.version += 1
        db.session.commit()
        return bool(changes)


def _changes(run_id: int) -> Sequence[Change]:
    """What the run changed, the latest first, and after that whom it added."""
    columns = (RunChange.id, RunChange.contact_id, RunChange.before, RunChange.after)
    changed = select(*columns).where(RunChange.run_id == run_id, RunChange.kept.is_(None))
    found = db.session.execute(changed.order_by(RunChange.id.desc()).limit(STEP)).all()
    if found:
        return [Change(*row) for row in found]
    added = select(Contact.id).where(Contact.added_run_id == run_id).order_by(Contact.id.desc()).limit(STEP)
    return [Change(None, contact_id) for contact_id in db.session.scalars(added)]
