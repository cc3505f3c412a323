"""Undoing a run: whom it added is removed, what it changed is restored, as far as nobody touched it since.

Consent is never undone: who unsubscribed stays unsubscribed. The import itself is stopped, or its next run would do it all again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from webapp.extensions import db
from webapp.importing import schedule
from webapp.models import Contact, ContactList, ImportRun, Kept, RunChange, SourceRecord
from webapp.models.contact_list import REACHABLE
from webapp.models.database import now, writing
from webapp.models.scope import acting_for, everyone
from webapp.values.email import InvalidEmail, parse
from webapp.values.text import search_key

KEEP_CHANGES = timedelta(days=30)
STEP = 500
REMOVED, RESTORED, KEPT = "removed", "restored", "kept"
CONTACT = (
    Contact.id,
    Contact.email,
    Contact.email_key,
    Contact.first_name,
    Contact.last_name,
    Contact.values,
    Contact.status,
    Contact.updated_at,
)


def can_be_undone(run: ImportRun) -> bool:
    """Whether the run is over, changed something, and is recent enough."""
    fresh = run.finished_at is not None and run.finished_at > now() - KEEP_CHANGES
    return not run.is_active and run.undo_asked_at is None and fresh and run.added + run.updated > 0


def foreseen(run: ImportRun) -> dict[str, int]:
    """How many contacts the run added and changed, as far as that is still known."""
    query = select(RunChange.added, func.count(RunChange.contact_id.distinct())).where(RunChange.run_id == run.id)
    counted = dict(db.session.execute(query.group_by(RunChange.added)).all())
    return {REMOVED: counted.get(True, 0), RESTORED: counted.get(False, 0)}


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
    return list(
        db.session.scalars(
            select(ImportRun.id).where(ImportRun.undo_asked_at.is_not(None), ImportRun.undone_at.is_(None))
        )
    )


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
            run.undone_at = now()
        db.session.commit()
        return bool(changes)


def _changes(run_id: int) -> Sequence[Any]:
    columns = (
        RunChange.id,
        RunChange.contact_id,
        RunChange.added,
        RunChange.before,
        RunChange.after,
        RunChange.changed_at,
    )
    query = select(*columns).where(RunChange.run_id == run_id, RunChange.kept.is_(None))
    return db.session.execute(query.order_by(RunChange.id.desc()).limit(STEP)).all()


class Undoing:
    """One step, read in sets and written in sets."""

    def __init__(self, run: ImportRun, changes: Sequence[Any]):
        self.run, self.changes = run, changes
        self.list_id = run.settings["list_id"]
        ids = {change.contact_id for change in changes}
        lock = select(ContactList.id).where(ContactList.id == self.list_id).with_for_update(key_share=True)
        db.session.execute(lock)
        found = db.session.execute(select(*CONTACT).where(Contact.id.in_(ids)).with_for_update())
        self.contacts = {row.id: dict(row._mapping) for row in found}
        self.touched, self.shared = self._touched(ids), self._shared(ids)
        self.taken = self._taken()
        self.removed: set[int] = set()
        self.restored: set[int] = set()
        self.kept: dict[int, Kept] = {}

    def work(self) -> Counter[str]:
        """Undo what can be undone; says how many contacts were removed, restored, kept."""
        for change in self.changes:
            contact = self.contacts.get(change.contact_id)
            reason = contact and (self._remove(contact, change) if change.added else self._restore(contact, change))
            if reason:
                self.kept[change.id] = reason
        self._write()
        restored = self.restored - self.removed
        return Counter({REMOVED: len(self.removed), RESTORED: len(restored), KEPT: len(self.kept)})

    def _remove(self, contact: dict[str, Any], change: Any) -> Kept | None:
        if contact["status"] not in REACHABLE:
            return Kept.LEFT
        if contact["id"] in self.touched or contact["id"] in {self._contact_of(kept) for kept in self.kept}:
            return Kept.CHANGED_SINCE
        if contact["id"] in self.shared:
            return Kept.OTHER_SOURCE
        self.removed.add(contact["id"])
        return None

    def _contact_of(self, change_id: int) -> int:
        return next(change.contact_id for change in self.changes if change.id == change_id)

    def _restore(self, contact: dict[str, Any], change: Any) -> Kept | None:
        """Each value that still is what the run wrote; an address only while nobody else has the old one."""
        left = None
        for name, wrote in change.after.items():
            if _value(contact, name) != wrote or not self._put(contact, name, change.before[name]):
                left = Kept.CHANGED_SINCE
        return left

    def _put(self, contact: dict[str, Any], name: str, value: Any) -> bool:
        if name == "email":
            key = _key(value)
            if not key or key in self.taken:
                return False
            self.taken.discard(contact["email_key"])
            self.taken.add(key)
            contact["email_key"] = key
        if name.startswith("field:"):
            values = {key: held for key, held in contact["values"].items() if key != name[6:]}
            contact["values"] = values if value is None else values | {name[6:]: value}
        else:
            contact[name] = value
        self.restored.add(contact["id"])
        return True

    def _touched(self, ids: Iterable[int]) -> set[int]:
        """Contacts that another run changed after this one."""
        first = min(change.id for change in self.changes)
        query = select(RunChange.contact_id).where(
            RunChange.contact_id.in_(ids), RunChange.id > first, RunChange.run_id != self.run.id
        )
        return set(db.session.scalars(query))

    def _shared(self, ids: Iterable[int]) -> set[int]:
        """Contacts that another source has too."""
        settings = self.run.settings
        own = (SourceRecord.integration_id == settings["integration_id"]) & (SourceRecord.group == settings["group"])
        return set(db.session.scalars(select(SourceRecord.contact_id).where(SourceRecord.contact_id.in_(ids), ~own)))

    def _taken(self) -> set[str]:
        """Of the addresses that may come back, those that somebody on the list has."""
        keys = {key for change in self.changes if "email" in change.before and (key := _key(change.before["email"]))}
        query = select(Contact.email_key).where(Contact.list_id == self.list_id, Contact.email_key.in_(keys))
        return set(db.session.scalars(query)) if keys else set()

    def _write(self) -> None:
        moment = now()
        rows = [_row(self.contacts[one], moment) for one in sorted(self.restored - self.removed)]
        if rows:
            db.session.execute(update(Contact), rows)
        for table, ids in (
            (SourceRecord.contact_id, self.removed),
            (RunChange.contact_id, self.removed),
            (Contact.id, self.removed),
        ):
            if ids:
                db.session.execute(delete(table.class_).where(table.in_(ids)))
        undone = [change.id for change in self.changes if change.id not in self.kept]
        if undone:
            db.session.execute(delete(RunChange).where(RunChange.id.in_(undone)))
        if self.kept:
            db.session.execute(update(RunChange), [{"id": one, "kept": reason} for one, reason in self.kept.items()])


def _value(contact: dict[str, Any], name: str) -> Any:
    return contact["values"].get(name[6:]) if name.startswith("field:") else contact[name]


def _key(address: str) -> str:
    try:
        return parse(address).key
    except InvalidEmail:
        return ""


def _row(contact: dict[str, Any], moment: datetime) -> dict[str, Any]:
    names = ("id", "email", "email_key", "first_name", "last_name", "values")
    folded = search_key(f"{contact['first_name']} {contact['last_name']}", 600)
    return {name: contact[name] for name in names} | {"search_key": folded, "updated_at": moment}
