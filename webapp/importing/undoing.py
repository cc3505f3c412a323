"""One step of an undo: which contacts go, which get back what they had, and which are left as they are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update

from webapp.extensions import db
from webapp.models import Contact, ContactList, ImportRun, Kept, RunChange, SourceRecord
from webapp.models.contact_list import REACHABLE, placeholder
from webapp.models.database import now
from webapp.values.email import InvalidEmail, parse
from webapp.values.text import search_key

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


class Change(NamedTuple):
    """What a run did to a contact: a row of RunChange, or, without an id, that it added the contact."""

    id: int | None
    contact_id: int
    before: Mapping[str, Any] = MappingProxyType({})
    after: Mapping[str, Any] = MappingProxyType({})


class Undoing:
    """One step, read in sets and written in sets."""

    def __init__(self, run: ImportRun, changes: Sequence[Change]):
        self.run, self.changes = run, changes
        self.list_id = run.settings["list_id"]
        ids = {change.contact_id for change in changes}
        ContactList.lock(self.list_id)
        found = db.session.execute(select(*CONTACT).where(Contact.id.in_(ids)))
        self.contacts = {row.id: dict(row._mapping) for row in found}
        self.touched, self.shared = self._touched(ids), self._shared(ids)
        self.returning = self._returning()
        self.removed: set[int] = set()
        self.restored: set[int] = set()
        self.moved: set[int] = set()
        self.kept: list[tuple[Change, Kept]] = []
        kept = select(RunChange.contact_id).where(RunChange.run_id == run.id, RunChange.kept.is_not(None))
        self.kept_contacts = set(db.session.scalars(kept.where(RunChange.contact_id.in_(ids))))

    def work(self) -> Counter[str]:
        """Undo what can be undone; says how many contacts were removed, restored, kept."""
        for change in self.changes:
            contact = self.contacts.get(change.contact_id)
            reason = contact and (self._restore(contact, change) if change.id else self._remove(contact))
            if reason:
                self.kept.append((change, reason))
                self.kept_contacts.add(change.contact_id)
        self._write()
        restored = self.restored - self.removed
        return Counter({REMOVED: len(self.removed), RESTORED: len(restored), KEPT: len(self.kept)})

    def _remove(self, contact: dict[str, Any]) -> Kept | None:
        if contact["status"] not in REACHABLE:
            return Kept.LEFT
        if contact["id"] in self.touched or contact["id"] in self.kept_contacts:
            return Kept.CHANGED_SINCE
        if contact["id"] in self.shared:
            return Kept.OTHER_SOURCE
        self.removed.add(contact["id"])
        return None

    def _restore(self, contact: dict[str, Any], change: Any) -> Kept | None:
        """Each value that still is what the run wrote; an address only while nobody else has the old one."""
        if contact["status"] not in REACHABLE:
            return Kept.LEFT
        left = None
        for name, wrote in change.after.items():
            if _value(contact, name) != wrote or not self._put(contact, name, change.before[name]):
                left = Kept.CHANGED_SINCE
        return left

    def _put(self, contact: dict[str, Any], name: str, value: Any) -> bool:
        if name == "email":
            if contact["id"] not in self.returning:
                return False
            contact["email_key"] = _key(value)
            self.moved.add(contact["id"])
        if name.startswith("field:"):
            values = {key: held for key, held in contact["values"].items() if key != name[6:]}
            contact["values"] = values if value is None else values | {name[6:]: value}
        else:
            contact[name] = value
        self.restored.add(contact["id"])
        return True

    def _touched(self, ids: Iterable[int]) -> set[int]:
        """Contacts that another run changed: of those whom this one added, none can have been changed before."""
        others = (RunChange.run_id != self.run.id, RunChange.contact_id.in_(ids))
        return set(db.session.scalars(select(RunChange.contact_id).where(*others)))

    def _shared(self, ids: Iterable[int]) -> set[int]:
        """Contacts that another source or another import has too."""
        settings = self.run.settings
        others = select(ImportRun.id).where(ImportRun.recurring_import_id != self.run.recurring_import_id)
        own = (
            (SourceRecord.integration_id == settings["integration_id"])
            & (SourceRecord.group == settings["group"])
            & SourceRecord.seen_run_id.not_in(others)
        )
        return set(db.session.scalars(select(SourceRecord.contact_id).where(SourceRecord.contact_id.in_(ids), ~own)))

    def _returning(self) -> set[int]:
        """Contacts that can have their old address back: nobody else has it, or whoever has it moves back too."""
        wanted = {change.contact_id: _key(change.before["email"]) for change in self.changes if self._may_move(change)}
        query = select(Contact.email_key, Contact.id).where(Contact.list_id == self.list_id)
        holders = dict(db.session.execute(query.where(Contact.email_key.in_(set(wanted.values())))).all())
        while True:
            staying = {one for one, key in wanted.items() if not key or holders.get(key, one) not in wanted}
            often = Counter(wanted.values())
            twice = {one for one, key in wanted.items() if often[key] > 1}
            if not staying | twice:
                return set(wanted)
            wanted = {one: key for one, key in wanted.items() if one not in staying | twice}

    def _may_move(self, change: Any) -> bool:
        contact = self.contacts.get(change.contact_id)
        return bool(contact) and "email" in change.after and contact["email"] == change.after["email"]

    def _write(self) -> None:
        moment = now()
        rows = [_row(self.contacts[one], moment) for one in sorted(self.restored - self.removed)]
        if rows:
            moving = [{"id": row["id"], "email_key": placeholder(row["id"])} for row in rows if row["id"] in self.moved]
            if moving:
                db.session.execute(update(Contact), moving)
            db.session.execute(update(Contact), rows)
        for table, ids in (
            (SourceRecord.contact_id, self.removed),
            (RunChange.contact_id, self.removed),
            (Contact.id, self.removed),
        ):
            if ids:
                db.session.execute(delete(table.class_).where(table.in_(ids)))
        kept = {change.id for change, _ in self.kept}
        undone = [change.id for change in self.changes if change.id and change.id not in kept]
        if undone:
            db.session.execute(delete(RunChange).where(RunChange.id.in_(undone)))
        self._keep(moment)

    def _keep(self, moment: datetime) -> None:
        changed = [{"id": change.id, "kept": reason} for change, reason in self.kept if change.id]
        added = {change.contact_id: reason for change, reason in self.kept if not change.id}
        if changed:
            db.session.execute(update(RunChange), changed)
        if added:
            stay = update(Contact).where(Contact.id.in_(added)).values(added_run_id=None)
            db.session.execute(stay, execution_options={"synchronize_session": False})
            fixed = {"account_id": self.run.account_id, "run_id": self.run.id, "changed_at": moment, "added": True}
            rows = [fixed | {"contact_id": one, "kept": reason} for one, reason in added.items()]
            db.session.execute(insert(RunChange), rows)


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
