"""Who may work on a run. A claim holds the run's fence; every change it makes asks whether the fence is still its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, update

from webapp.extensions import db
from webapp.models import ImportRun, RunReason, RunStatus
from webapp.models.database import now
from webapp.models.import_run import WORKABLE

MOST_ATTEMPTS = 5
BACKOFF_MINUTES = (1, 5, 15, 60)
PATIENT_ATTEMPTS = 3  # whoever waits for room asks every quarter of an hour, and never for the last time
LONGEST_WAIT = 86_400  # whatever a vendor asks for, a run is tried again the next day


class FenceLost(Exception):
    """Somebody else works on the run now, or it was ended: whatever was not committed is not ours to commit."""


@dataclass
class Claim:
    """The right to work on one run until the lease runs out or somebody claims it again."""

    run_id: int
    fence: int
    attempts: int

    def change(self, **values: Any) -> None:
        """Change the run within the open transaction; raises FenceLost and leaves nothing of the transaction."""
        changed = db.session.execute(
            update(ImportRun)
            .where(ImportRun.id == self.run_id, ImportRun.fence == self.fence, ImportRun.status == RunStatus.RUNNING)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != 1:
            db.session.rollback()
            raise FenceLost

    def end(self, status: RunStatus, reason: str | None = None) -> None:
        """Close the run."""
        self.change(status=status, reason=reason, finished_at=now(), lease_until=None, not_before=None)
        db.session.commit()

    def hold(self, reason: str) -> None:
        """Stop and ask a person."""
        self.change(status=RunStatus.HELD, reason=reason, lease_until=None, progress_at=now())
        db.session.commit()

    def give_back(self) -> None:
        """Let somebody else go on from the cursor, at once."""
        self.change(status=RunStatus.QUEUED, lease_until=None)
        db.session.commit()

    def wait(self, reason: str, asked: float | None = None) -> None:
        """Try again later: after what the vendor asked for (seconds), or after a back-off that grows with the attempts."""
        until = now() + max(timedelta(seconds=min(asked or 0, LONGEST_WAIT)), backoff(self.attempts))
        self.change(status=RunStatus.WAITING, reason=reason, lease_until=None, not_before=until)
        db.session.commit()

    def wait_for_room(self) -> None:
        """Try again when somebody may have made room, for as long as it takes: a full disk is no fault of the run."""
        self.attempts = min(self.attempts, PATIENT_ATTEMPTS)
        self.change(attempts=self.attempts)
        self.wait(RunReason.STORAGE_FULL)

    def come_back(self, cursor: dict[str, Any], seconds: float) -> None:
        """Leave the run until the vendor has prepared what the cursor names. Nothing failed, so this claim counts for nothing."""
        until = now() + timedelta(seconds=min(seconds, LONGEST_WAIT))
        place = {"cursor": cursor, "attempts": self.attempts - 1, "lease_until": None, "not_before": until}
        self.change(status=RunStatus.WAITING, reason=RunReason.PREPARING, **place)
        db.session.commit()

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= MOST_ATTEMPTS


def claim(run_id: int) -> Claim | None:
    """Take a run that nobody works on and whose time has come; None if there is none (a second delivery, an ended run).

    `attempts` counts claims since the last committed page, so that a run which kills its worker ends too.
    """
    moment = now()
    row = db.session.execute(
        update(ImportRun)
        .where(
            ImportRun.id == run_id,
            ImportRun.status.in_(WORKABLE),
            or_(ImportRun.lease_until.is_(None), ImportRun.lease_until < moment),
            or_(ImportRun.not_before.is_(None), ImportRun.not_before <= moment),
        )
        .values(
            status=RunStatus.RUNNING,
            fence=ImportRun.fence + 1,
            attempts=ImportRun.attempts + 1,
            lease_until=lease(moment),
            not_before=None,
        )
        .returning(ImportRun.fence, ImportRun.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    db.session.commit()
    return None if row is None else Claim(run_id, row.fence, row.attempts)


def lease(moment: datetime) -> datetime:
    return moment + timedelta(seconds=current_app.config["LEASE_SECONDS"])


def backoff(attempts: int) -> timedelta:
    """1, 5, 15, 60 minutes; BACKOFF_SECONDS shortens the minute."""
    minutes = BACKOFF_MINUTES[min(attempts, len(BACKOFF_MINUTES)) - 1]
    return timedelta(seconds=minutes * current_app.config["BACKOFF_SECONDS"])
