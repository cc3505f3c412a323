"""When a run asks before it goes on, because the source does not look like itself."""

from sqlalchemy import select

from webapp.extensions import db
from webapp.importing.tally import Tally
from webapp.models import ImportRun, RunKind
from webapp.models.import_run import COMPLETE


def is_suspicious_drop(run: ImportRun) -> bool:
    """The source shows nobody, or less than half of the people it had."""
    before = previous(run)
    if before is None or run.source_size is None or not before.source_size:
        return False
    return 2 * run.source_size < before.source_size


def are_many_rejected(run: ImportRun, tally: Tally) -> bool:
    """More than a quarter is rejected where it was less than a twentieth."""
    if 4 * tally.rejected <= tally.fetched:
        return False
    before = previous(run)
    return before is not None and before.fetched > 0 and 20 * before.rejected < before.fetched


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
