"""Who may work on a run. A claim holds the run's fence; every change it makes asks whether the fence is still its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import case, or_, update

from webapp.extensions import db
from webapp.models import ImportRun, RunReason, RunStatus
from webapp.models.database import now
from webapp.models.import_run import WORKABLE

MOST_ATTEMPTS = 5
MOST_DEATHS = 10
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
    deaths: int = 0

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
        self.attempts = values.get("attempts", self.attempts)

    def end(self, status: RunStatus, reason: str | None = None) -> None:
        """Close the run."""
        self.change(status=status, reason=reason, finished_at=now(), lease_until=None, not_before=None)
        db.session.commit()

    def hold(self, reason: str) -> None:
        """Stop and ask a person."""
        self.change(status=RunStatus.HELD, reason=reason, lease_until=None, not_before=None, progress_at=now())
        db.session.commit()

    def give_back(self) -> None:
        """Let somebody else go on from the cursor, at once. Nothing failed, so this claim counts for nothing."""
        self.change(status=RunStatus.QUEUED, attempts=max(0, self.attempts - 1), lease_until=None, not_before=None)
        db.session.commit()

    def wait(self, reason: str, asked: float | None = None) -> None:
        """Try again later: after what the vendor asked for (seconds), or after a back-off that grows with the attempts."""
        until = now() + max(timedelta(seconds=min(asked or 0, LONGEST_WAIT)), backoff(self.attempts))
        self.change(status=RunStatus.WAITING, reason=reason, lease_until=None, not_before=until)
        db.session.commit()

    def wait_for_room(self) -> None:
        """Try again when somebody may have made room, for as long as it takes: a full disk is no fault of the run."""
        self.change(attempts=min(self.attempts, PATIENT_ATTEMPTS))
        self.wait(RunReason.STORAGE_FULL)

    def come_back(self, cursor: dict[str, Any], seconds: float) -> None:
        """Leave the run until the vendor has prepared what the cursor names. Nothing failed, so this claim counts for nothing."""
        until = now() + timedelta(seconds=min(seconds, LONGEST_WAIT))
        place = {"cursor": cursor, "attempts": max(0, self.attempts - 1), "lease_until": None, "not_before": until}
        self.change(status=RunStatus.WAITING, reason=RunReason.PREPARING, **place)
        db.session.commit()

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= MOST_ATTEMPTS


def claim(run_id: int) -> Claim | None:
    """Take a run that nobody works on and whose time has come; None if there is none (a second delivery, an ended run).

    `attempts` counts claims since the last committed page. A claim that ended without a word (its lease ran out, for the worker
    died or the database was away) counts among `deaths` instead: that is seldom the run's own fault. The first of them is made
    up for at once; after more of them the run rests longer and longer, so that a bad hour of the machine ends no import, and
    a run that kills whoever works on it does end.
    """
    moment = now()
    died = ImportRun.status == RunStatus.RUNNING
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
            attempts=ImportRun.attempts + case((died, 0), else_=1),
            deaths=ImportRun.deaths + case((died, 1), else_=0),
            lease_until=lease(moment),
            not_before=None,
        )
        .returning(ImportRun.fence, ImportRun.attempts, ImportRun.deaths)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    held = row and Claim(run_id, *row)
    if held and held.deaths:
        held.change(not_before=lease(moment) + backoff(held.deaths))
    db.session.commit()
    return held


def lease(moment: datetime) -> datetime:
    return moment + timedelta(seconds=current_app.config["LEASE_SECONDS"])


def backoff(attempts: int) -> timedelta:
    """1, 5, 15, 60 minutes; BACKOFF_SECONDS shortens the minute."""
    minutes = BACKOFF_MINUTES[max(0, min(attempts, len(BACKOFF_MINUTES)) - 1)]
    return timedelta(seconds=minutes * current_app.config["BACKOFF_SECONDS"])
