"""What is not kept for ever: reasons of rejection, dry runs, what an undo needs, sessions that have ended, attempts to sign in that came to nothing."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update

from webapp.extensions import db
from webapp.importing.undo import KEEP_CHANGES
from webapp.models import Chore, ImportRun, RejectedRow, RunChange, RunKind, SignInAttempt, UserSession
from webapp.models.database import insert_new, now
from webapp.models.scope import everyone

KEEP_REJECTED = timedelta(days=90)
KEEP_REHEARSALS = timedelta(days=7)
PURGE = "purge"
EVERY = timedelta(days=1)


def purge_is_due(moment: datetime) -> bool:
    """True once a day, for one caller."""
    db.session.execute(insert_new(Chore), [{"name": PURGE, "due_at": moment}])
    taken = db.session.execute(
        update(Chore).where(Chore.name == PURGE, Chore.due_at <= moment).values(due_at=moment + EVERY)
    )
    db.session.commit()
    return taken.rowcount == 1


def purge_old() -> None:
    """Delete rejected rows and samples of values that were garbled or did not fit after 90 days, what an undo needs after 30, dry runs (they name people) after 7, and sessions and attempts to sign in that can no longer be used."""
    with everyone():
        moment = now()
        db.session.execute(delete(RejectedRow).where(RejectedRow.created_at < moment - KEEP_REJECTED))
        named = (ImportRun.created_at < moment - KEEP_REJECTED, ImportRun.finished_at.is_not(None))
        db.session.execute(update(ImportRun).where(*named).values(garbled={}, unfit={}))
        old = (ImportRun.kind == RunKind.DRY, ImportRun.created_at < moment - KEEP_REHEARSALS)
        db.session.execute(delete(ImportRun).where(*old))
        db.session.execute(delete(RunChange).where(RunChange.changed_at < moment - KEEP_CHANGES))
        db.session.execute(delete(UserSession).where(UserSession.expires_at < moment))
        db.session.execute(delete(SignInAttempt).where(SignInAttempt.expires_at < moment))
        db.session.commit()
