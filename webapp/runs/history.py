"""Finding runs and rejected people, a page at a time, each page beginning after a key and never by counting rows."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select

from webapp.extensions import db
from webapp.models import Contact, ContactList, ImportRun, RecurringImport, RejectedRow, RunChange, RunKind, RunStatus

RUNS_A_PAGE = 50
PEOPLE_A_PAGE = 100
EXPORT_BATCH = 1000


class Page(NamedTuple):
    """Rows, and the key after which the next page begins (None: there is none)."""

    rows: Sequence[Any]
    next_key: int | None


def runs(recurring_import: RecurringImport | None, status: RunStatus | None, before: int | None) -> Page:
    """Runs of the account, the newest first."""
    query = select(ImportRun).where(ImportRun.kind != RunKind.DRY)
    if recurring_import:
        query = query.where(ImportRun.recurring_import_id == recurring_import.id)
    if status:
        query = query.where(ImportRun.status == status)
    if before:
        query = query.where(ImportRun.id < before)
    return paged(query.order_by(ImportRun.id.desc()), RUNS_A_PAGE)


def paged(query: Select, size: int) -> Page:
    rows = db.session.scalars(query.limit(size + 1)).all()
    return Page(rows[:size], rows[size - 1].id if len(rows) > size else None)


def latest(recurring_import: RecurringImport) -> ImportRun | None:
    """The newest run of a recurring import."""
    query = select(ImportRun).where(ImportRun.recurring_import_id == recurring_import.id, ImportRun.kind != RunKind.DRY)
    newest = query.order_by(ImportRun.id.desc()).limit(1)
    return db.session.scalar(newest, execution_options={"populate_existing": True})


def list_names() -> dict[int, str]:
    """The names of the account's lists: a run keeps the list it went to, even when the import goes elsewhere now."""
    return dict(db.session.execute(select(ContactList.id, ContactList.name)).all())


def list_name(run: ImportRun) -> str:
    """The name of the list the run went to."""
    found = db.session.get(ContactList, run.settings.get("list_id", run.recurring_import.list_id))
    return found.name if found else "–"


def rejects_by_reason(run: ImportRun) -> dict[str, int]:
    """How many rejected people are kept for each reason, the most frequent first."""
    total = func.count(RejectedRow.id)
    query = select(RejectedRow.reason, total).where(RejectedRow.run_id == run.id).group_by(RejectedRow.reason)
    return dict(db.session.execute(query.order_by(total.desc(), RejectedRow.reason)).all())


def kept(run: ImportRun) -> Sequence[Any]:
    """Contacts that the undo of a run left as they are, with why; the first of them."""
    query = select(Contact.id, Contact.email, RunChange.kept).join(RunChange, RunChange.contact_id == Contact.id)
    query = query.where(RunChange.run_id == run.id, RunChange.kept.is_not(None))
    return db.session.execute(query.distinct().order_by(Contact.email).limit(PEOPLE_A_PAGE)).all()


def rejected(run: ImportRun, reason: str, after: int | None) -> Page:
    """Rejected people of a run, in the order in which they came."""
    query = select(RejectedRow).where(RejectedRow.run_id == run.id, RejectedRow.id > (after or 0))
    if reason:
        query = query.where(RejectedRow.reason == reason)
    return paged(query.order_by(RejectedRow.id), PEOPLE_A_PAGE)


def every_rejected(run_id: int, reason: str) -> Iterator[Row]:
    """All of them for a file: batch by batch, and no transaction stays open while the browser takes its time."""
    after = 0
    while batch := rejected_batch(run_id, reason, after):
        db.session.commit()
        yield from batch
        after = batch[-1].id


def rejected_batch(run_id: int, reason: str, after: int) -> Sequence[Row]:
    columns = (RejectedRow.id, RejectedRow.external_id, RejectedRow.field, RejectedRow.value, RejectedRow.reason)
    query = select(*columns).where(RejectedRow.run_id == run_id, RejectedRow.id > after)
    if reason:
        query = query.where(RejectedRow.reason == reason)
    return db.session.execute(query.order_by(RejectedRow.id).limit(EXPORT_BATCH)).all()
