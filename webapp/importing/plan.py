"""Which people a run reads: everyone or the changes, from where, and whether it goes on from a pass that was cut short."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.connectors.base import Window
from webapp.extensions import db
from webapp.models import ImportRun, RejectedRow, RunKind, RunMode, RunStatus

OVERLAP = timedelta(days=1)
FULL_EVERY = timedelta(days=7)
CURSOR_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Pass:
    """A reading of the source from end to end, which the cap may spread over several runs."""

    mode: RunMode
    window: Window
    cursor: dict[str, Any] | None = None
    read_before: int = 0


def choose(run: ImportRun, incremental: bool, moment: datetime) -> Pass:
    """The pass of a run that has none yet; `moment` is aware UTC, `incremental` says that the source knows who changed."""
    if run.kind is RunKind.DRY:
        return Pass(RunMode.FULL, Window(None, moment))
    newest = last(run, RunStatus.DONE, RunStatus.DONE_CAPPED)
    if newest and newest.status is RunStatus.DONE_CAPPED and moment - newest.window_until < CURSOR_LIFE:
        return Pass(newest.mode, Window(newest.window_since, newest.window_until), newest.cursor, read_so_far(newest))
    done = last(run, RunStatus.DONE)
    whole = last(run, RunStatus.DONE, mode=RunMode.FULL)
    if whole is None or not incremental or moment - whole.window_until >= FULL_EVERY:
        return Pass(RunMode.FULL, Window(None, moment))
    return Pass(RunMode.INCREMENTAL, Window(done.window_until - OVERLAP, moment))


def read_so_far(run: ImportRun) -> int:
    """How many people of its pass are read for good after this run."""
    return run.read_before + run.fetched - run.replay


def turned_away(run: ImportRun, most: int) -> list[str]:
    """External ids of people whom the last complete run rejected, the latest first."""
    before = last(run, RunStatus.DONE)
    rejected = select(RejectedRow.external_id).where(RejectedRow.run_id == (before.id if before else None))
    query = rejected.where(RejectedRow.external_id != "").order_by(RejectedRow.id.desc()).limit(most)
    return list(db.session.scalars(query))


def last(run: ImportRun, *statuses: RunStatus, mode: RunMode | None = None) -> ImportRun | None:
    """The newest earlier run with the same settings that ended so."""
    query = (
        select(ImportRun)
        .where(
            ImportRun.recurring_import_id == run.recurring_import_id,
            ImportRun.id < run.id,
            ImportRun.kind != RunKind.DRY,
            ImportRun.version == run.version,
            ImportRun.status.in_(statuses),
        )
        .order_by(ImportRun.id.desc())
        .limit(1)
    )
    return db.session.scalar(query if mode is None else query.where(ImportRun.mode == mode))
