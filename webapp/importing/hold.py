"""When a run asks before it goes on, because the source does not look like itself."""

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.importing.tally import Tally
from webapp.models import ImportRun, RejectedRow, RunKind
from webapp.models.import_run import COMPLETE

# So many rejected people are chance: of a day's few changes, a handful with typing errors is a quarter already.
FEW = 5


def is_suspicious_drop(run: ImportRun) -> bool:
    """The source shows nobody, or less than half of the people it had."""
    before = previous(run)
    if before is None or run.source_size is None or not before.source_size:
        return False
    return 2 * run.source_size < before.source_size


def are_many_rejected(run: ImportRun, tally: Tally) -> bool:
    """More than a quarter is rejected, and not just a few, where it was less than a twentieth.

    Whoever was rejected by the run before as well, and is read again for that reason, is no sign of a change.
    """
    if tally.rejected <= FEW or 4 * tally.rejected <= tally.fetched:
        return False
    before = previous(run)
    if before is None or 20 * before.rejected >= before.fetched:
        return False
    again = rejected_again(run, before)
    return tally.rejected - again > FEW and 4 * (tally.rejected - again) > tally.fetched - again


def rejected_again(run: ImportRun, before: ImportRun) -> int:
    """How many people both runs rejected."""
    known = select(RejectedRow.external_id).where(RejectedRow.run_id == before.id)
    both = select(func.count(RejectedRow.id)).where(RejectedRow.run_id == run.id, RejectedRow.external_id.in_(known))
    return db.session.scalar(both)


def previous(run: ImportRun) -> ImportRun | None:
    """The last complete run that read the same source."""
    newest = db.session.scalar(
        select(ImportRun)
        .where(
            ImportRun.recurring_import_id == run.recurring_import_id,
            ImportRun.id < run.id,
            ImportRun.kind != RunKind.DRY,
            ImportRun.status.in_(COMPLETE),
        )
        .order_by(ImportRun.id.desc())
        .limit(1)
    )
    same = newest is not None and all(newest.settings[key] == run.settings[key] for key in ("group", "source_id"))
    return newest if same else None
