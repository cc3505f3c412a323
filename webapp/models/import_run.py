"""One run of a recurring import: its state, its counters, and the people it had to turn away."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.database import BigId, Json, UtcDateTime, Word, now
from webapp.models.recurring_import import RecurringImport
from webapp.models.scope import Owned


class RunKind(StrEnum):
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    DRY = "dry"


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    HELD = "held"
    DONE = "done"
    DONE_CAPPED = "done_capped"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.HELD)
WORKABLE = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING)
COMPLETE = (RunStatus.DONE, RunStatus.DONE_CAPPED)


class RunReason(StrEnum):
    """Why a run is held, failed, was cancelled or ended short, besides the vendors' own reasons (`connectors.base.Reason`)."""

    SUSPICIOUS_DROP = "suspicious_drop"
    MANY_REJECTED = "many_rejected"
    UNANSWERED = "unanswered"
    BY_USER = "by_user"
    DISCONNECTED = "disconnected"
    SHORT = "short"
    STORAGE_FULL = "storage_full"
    PREPARING = "preparing"
    EMAIL_COLUMN_GONE = "email_column_gone"
    INTERNAL = "internal"


class RunMode(StrEnum):
    FULL = "full"
    INCREMENTAL = "incremental"


class Skip(StrEnum):
    """Why a person was passed over although nothing is wrong with the data."""

    NO_CONSENT = "no_consent"
    UNSUBSCRIBED = "unsubscribed"
    BLOCKED = "blocked"
    REMOVED = "removed"
    BOUNCED = "bounced"
    ERASED = "erased"
    OUTSIDE_CRITERION = "outside_criterion"
    REPEATED = "repeated"
    DELETED_IN_SOURCE = "deleted_in_source"


IS_ACTIVE = text("status IN ('queued', 'running', 'waiting', 'held') AND kind <> 'dry'")
UNDO_PENDING = text("undo_asked_at IS NOT NULL AND undone_at IS NULL")


class ImportRun(Owned, db.Model):
    """One run. All that a worker needs to go on after another one died is in this row.

    fetched = added + updated + unchanged + skipped + rejected, always. `skips`, `rejects` break the last two down by reason,
    `dropped` counts values that did not fit their field, by column; `garbled` those that look wrongly decoded, with one as
    it was `seen` and as it was `meant`. `unfit` keeps some of the dropped values, masked, by column: the `type` that they did
    not fit, and `values` with how often each came (`count`) and one person who had it (`id`, external). `slot` is the UTC instant it is due (None: by hand).
    `fence` grows with each claim: a page is committed only by the claim that holds it. `cursor`, `window_since` and
    `window_until` say where in which pass the run stands; `settings` is RecurringImport.snapshot() at its creation.
    `source_size` is how many people the source had in all, `expected` how many of the pass were left when the run began,
    `read_before` how many earlier runs of the pass had read; `replay` of ours will be read once more by the next run.
    `gone` is how many people were noted or removed because the source has them no longer. `undone` counts what an undo removed, restored and kept.
    `over_cap` and `samples` belong to a dry run: how many the cap would leave for later, and a few people for each outcome.
    """

    __table_args__ = (
        UniqueConstraint("recurring_import_id", "slot"),
        Index(
            "uq_import_run_one_active",
            "recurring_import_id",
            unique=True,
            sqlite_where=IS_ACTIVE,
            postgresql_where=IS_ACTIVE,
        ),
        Index(
            "ix_import_run_undo_pending",
            "recurring_import_id",
            sqlite_where=UNDO_PENDING,
            postgresql_where=UNDO_PENDING,
        ),
        Index("ix_import_run_workable", "status", "not_before", "lease_until"),
        Index("ix_import_run_account_id_created_at", "account_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recurring_import_id: Mapped[int] = mapped_column(ForeignKey("recurring_import.id", ondelete="CASCADE"))
    kind: Mapped[RunKind] = mapped_column(Word(RunKind))
    slot: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[RunStatus] = mapped_column(Word(RunStatus), default=RunStatus.QUEUED)
    reason: Mapped[str | None] = mapped_column(String(32))
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved: Mapped[bool] = mapped_column(default=False)

    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    mode: Mapped[RunMode | None] = mapped_column(Word(RunMode))
    window_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    window_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cursor: Mapped[dict[str, Any] | None] = mapped_column(Json)
    source_size: Mapped[int | None]
    expected: Mapped[int | None]
    read_before: Mapped[int] = mapped_column(default=0)
    replay: Mapped[int] = mapped_column(default=0)

    fetched: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    skips: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    rejects: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    dropped: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    garbled: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json, default=dict)
    unfit: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json, default=dict)
    gone_columns: Mapped[list[str]] = mapped_column(Json, default=list)
    gone: Mapped[int] = mapped_column(default=0)
    over_cap: Mapped[int] = mapped_column(default=0)
    samples: Mapped[dict[str, list[dict[str, str]]]] = mapped_column(Json, default=dict)
    undo_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone: Mapped[dict[str, int]] = mapped_column(Json, default=dict)

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    recurring_import: Mapped[RecurringImport] = relationship(lazy="joined")

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def moves(self) -> bool:
        """Whether a worker may change the row any second, so that a screen that shows it asks again."""
        return self.status in WORKABLE

    @property
    def rests(self) -> bool:
        """Whether its workers died, and nobody takes it up before `not_before`."""
        left = self.status is RunStatus.RUNNING and self.not_before is not None and self.lease_until is not None
        return left and self.lease_until < now()

    @property
    def remaining(self) -> int | None:
        """How many people of the pass the next run still has to read; None where the vendor does not count."""
        return None if self.expected is None else max(0, self.expected - self.fetched)


class RejectedRow(Owned, db.Model):
    """A person who was not imported, with the reason. `value` is masked; kept for 90 days."""

    __table_args__ = (UniqueConstraint("run_id", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(120))
    field: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


def latest_runs() -> dict[int, ImportRun]:
    """The newest run of every recurring import of the account, in one query."""
    newest = select(func.max(ImportRun.id)).where(ImportRun.kind != RunKind.DRY).group_by(ImportRun.recurring_import_id)
    runs = db.session.scalars(select(ImportRun).where(ImportRun.id.in_(newest)))
    return {run.recurring_import_id: run for run in runs}
