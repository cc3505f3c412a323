"""The account's imports at a glance, in a handful of queries however many there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from webapp.extensions import db
from webapp.models import ImportRun, Integration, IntegrationState, RecurringImport, RunKind, RunStatus, Schedule
from webapp.models.database import now
from webapp.models.import_run import COMPLETE
from webapp.models.recurring_import import imports_of_account

RECENT = timedelta(hours=24)
TOO_LONG = timedelta(days=2)
ROWS = 10
SUMMED = ("added", "updated", "unchanged", "skipped", "rejected")


@dataclass(frozen=True)
class Summary:
    """`sums` adds up the runs of the last 24 hours, `runs` are the newest of them; `silent` imports had no success for two days."""

    has_integrations: bool
    sums: dict[str, int]
    run_count: int
    runs: list[ImportRun]
    held: list[ImportRun]
    lost: list[Integration]
    silent: list[RecurringImport]
    drafts: list[RecurringImport]
    upcoming: list[RecurringImport]

    @property
    def needs_user(self) -> bool:
        return bool(self.held or self.lost or self.silent or self.drafts)


def summarise() -> Summary:
    moment = now()
    imports = imports_of_account()
    integrations = list(db.session.scalars(select(Integration).order_by(Integration.id)))
    run_count, sums = sums_since(moment - RECENT)
    return Summary(
        has_integrations=bool(integrations),
        sums=sums,
        run_count=run_count,
        runs=runs_since(moment - RECENT),
        held=held_runs(),
        lost=[one for one in integrations if one.state is IntegrationState.NEEDS_RECONNECTING],
        silent=silent_imports(imports, moment - TOO_LONG),
        drafts=[one for one in imports if one.schedule is Schedule.DRAFT and one.integration.connected],
        upcoming=upcoming_imports(imports),
    )


def sums_since(moment: datetime) -> tuple[int, dict[str, int]]:
    columns = [func.coalesce(func.sum(getattr(ImportRun, name)), 0) for name in SUMMED]
    query = select(func.count(ImportRun.id), *columns).where(
        ImportRun.kind != RunKind.DRY, ImportRun.created_at >= moment
    )
    run_count, *totals = db.session.execute(query).one()
    return run_count, dict(zip(SUMMED, totals, strict=True))


def runs_since(moment: datetime) -> list[ImportRun]:
    query = select(ImportRun).where(ImportRun.kind != RunKind.DRY, ImportRun.created_at >= moment)
    return list(db.session.scalars(query.order_by(ImportRun.id.desc()).limit(ROWS)))


def held_runs() -> list[ImportRun]:
    return list(db.session.scalars(select(ImportRun).where(ImportRun.status == RunStatus.HELD).order_by(ImportRun.id)))


def silent_imports(imports: list[RecurringImport], since: datetime) -> list[RecurringImport]:
    """Schedules that should run, have run for longer than this, and have not succeeded since."""
    signs = signs_of_life()
    return [one for one in imports if one.runs_by_itself and is_silent(*signs.get(one.id, (None, None)), since)]


def signs_of_life() -> dict[int, tuple[datetime, datetime | None]]:
    """When each recurring import ran first, and when it last succeeded."""
    succeeded = func.max(case((ImportRun.status.in_(COMPLETE), ImportRun.finished_at)))
    query = select(ImportRun.recurring_import_id, func.min(ImportRun.created_at), succeeded)
    rows = db.session.execute(query.where(ImportRun.kind != RunKind.DRY).group_by(ImportRun.recurring_import_id))
    return {recurring_import_id: (first, success) for recurring_import_id, first, success in rows}


def is_silent(first: datetime | None, success: datetime | None, since: datetime) -> bool:
    return first is not None and first < since and (success is None or success < since)


def upcoming_imports(imports: list[RecurringImport]) -> list[RecurringImport]:
    due = [one for one in imports if one.runs_by_itself and one.next_slot]
    return sorted(due, key=lambda one: one.next_slot)[:ROWS]
