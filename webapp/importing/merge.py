"""One page into the database: read what is known in sets, decide, write in sets. The caller owns the transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import insert, select, update

from webapp.extensions import db
from webapp.importing.decide import WITHDRAWN_IN_SOURCE, Decisions, Policy
from webapp.importing.known import Known, Link
from webapp.importing.mapping import Row
from webapp.importing.sets import chunks, in_chunks
from webapp.models import Contact, ContactList, ContactStatus, ImportRun, RunChange, SourceRecord, Suppression
from webapp.models.contact_list import SOURCE_DELETION
from webapp.models.database import now
from webapp.values.secrets import fingerprint
from webapp.values.text import search_key


class Merger:
    """Merges pages of one run into its list."""

    def __init__(self, run: ImportRun, vendor: str):
        settings = run.settings
        self.run_id, self.account_id, self.vendor = run.id, run.account_id, vendor
        self.list_id, self.integration_id, self.group = (
            settings["list_id"],
            settings["integration_id"],
            settings["group"],
        )
        self.cycle_day = settings["cycle_day"]
        self.locks = True
        self.erasure_key = current_app.config["ERASURE_KEY"]

    def merge(self, rows: Sequence[Row], policy: Policy) -> tuple[Decisions, int]:
        """Decide the rows in order until the budget is spent, write the outcome; says how many rows were decided."""
        self._lock_list()
        decisions = self._known(rows, policy)
        taken = 0
        for row in rows:
            if decisions.spent:
                break
            decisions.take(row)
            taken += 1
        self._write(decisions)
        return decisions, taken

    def rehearse(self, rows: Sequence[Row], policy: Policy) -> tuple[Decisions, list[str]]:
        """Decide the rows as `merge` would, and write nothing; says what became of each."""
        self.locks = False
        decisions = self._known(rows, policy)
        return decisions, [decisions.take(row) for row in rows]

    def _lock_list(self) -> None:
        """Pages of two imports into one list take turns, so that neither overlooks whom the other adds, and neither can deadlock."""
        lock = select(ContactList.id).where(ContactList.id == self.list_id).with_for_update(key_share=True)
        db.session.execute(lock).scalar_one()

    def _known(self, rows: Sequence[Row], policy: Policy) -> Decisions:
        records = self._records(SourceRecord.external_id, [row.external_id for row in rows])
        contacts = self._contacts(Contact.email_key, [row.email_key for row in rows])
        linked = {record.contact_id for record in records} - {contact.id for contact in contacts}
        contacts += self._contacts(Contact.id, linked)
        by_id = {contact.id: contact for contact in contacts}
        siblings = self._records(SourceRecord.contact_id, by_id)
        links = {record.external_id: as_link(record, by_id) for record in siblings}
        return Decisions(policy, {c.email_key: c for c in contacts}, links, list(links.values()), self._erased(rows))

    def _contacts(self, column: Any, values: Iterable[Any]) -> list[Known]:
        columns = (
            Contact.id,
            Contact.email_key,
            Contact.email,
            Contact.status,
            Contact.first_name,
            Contact.last_name,
            Contact.values,
            Contact.status_reason,
        )
        query = select(*columns).where(Contact.list_id == self.list_id)
        found = in_chunks(query.with_for_update() if self.locks else query, column, values)
        return [
            Known(*row[:-1], away=row.status is ContactStatus.REMOVED and row.status_reason == SOURCE_DELETION)
            for row in found
        ]

    def _records(self, column: Any, values: Iterable[Any]) -> list[Any]:
        columns = (
            SourceRecord.id,
            SourceRecord.external_id,
            SourceRecord.contact_id,
            SourceRecord.consent,
            SourceRecord.source_updated_at,
            SourceRecord.seen_run_id,
            SourceRecord.deleted_at,
        )
        query = select(*columns).where(
            SourceRecord.list_id == self.list_id,
            SourceRecord.integration_id == self.integration_id,
            SourceRecord.group == self.group,
        )
        return in_chunks(query, column, values)

    def _erased(self, rows: Sequence[Row]) -> set[str]:
        """The addresses of these rows that were erased by request. Nobody was, in most accounts: then nothing is hashed."""
        if db.session.scalar(select(Suppression.id).limit(1)) is None:
            return set()
        keys = {fingerprint(row.email_key, self.erasure_key): row.email_key for row in rows}
        found = in_chunks(select(Suppression.fingerprint), Suppression.fingerprint, keys)
        return {keys[row.fingerprint] for row in found}

    def _write(self, decisions: Decisions) -> None:
        moment = now()
        contacts = {id(contact): contact for contact in decisions.contacts.values() if contact.changed}
        contacts |= {id(link.contact): link.contact for link in decisions.seen if link.contact.changed}
        ordered = sorted(contacts.values(), key=lambda contact: contact.email_key)
        self._free_addresses([contact for contact in ordered if contact.moved])
        known, new = [c for c in ordered if c.id is not None], [c for c in ordered if c.id is None]
        self._update_contacts(known, moment)
        self._insert_contacts(new, moment)
        self._write_links(decisions.seen, moment)
        self._write_changes([c for c in known if c.before], new, moment)

    def _free_addresses(self, contacts: Sequence[Known]) -> None:
        """People may have swapped addresses within the page: none may stand in another's way while they are written."""
        if contacts:
            db.session.execute(update(Contact), [{"id": c.id, "email_key": f"moving {c.id}"} for c in contacts])

    def _insert_contacts(self, contacts: Sequence[Known], moment: datetime) -> None:
        if not contacts:
            return
        cycle = {"cycle_day": self.cycle_day, "cycle_started_at": None if self.cycle_day is None else moment}
        fixed = {
            "account_id": self.account_id,
            "list_id": self.list_id,
            "origin": self.vendor,
            "created_at": moment,
            **cycle,
        }
        rows = [
            fixed | {"email_key": c.email_key} | stored(c) | {"status_at": moment, "updated_at": moment}
            for c in contacts
        ]
        ids = db.session.execute(insert(Contact).returning(Contact.id, Contact.email_key), rows)
        by_key = {key: contact_id for contact_id, key in ids}
        for contact in contacts:
            contact.id = by_key[contact.email_key]

    def _update_contacts(self, contacts: Sequence[Known], moment: datetime) -> None:
        withdrawal = {"status_at": moment, "status_reason": WITHDRAWN_IN_SOURCE}
        kept = [
            {"id": c.id, "email_key": c.email_key, "updated_at": moment} | stored(c)
            for c in contacts
            if not c.withdrawn
        ]
        left = [{"id": c.id, "updated_at": moment, "status": c.status} | withdrawal for c in contacts if c.withdrawn]
        back = [{"id": c.id, "status_at": moment, "status_reason": ""} for c in contacts if c.returned]
        for rows in filter(None, (kept, left, back)):
            db.session.execute(update(Contact), rows)

    def _write_links(self, links: Sequence[Link], moment: datetime) -> None:
        seen = {"seen_at": moment, "seen_run_id": self.run_id}
        fixed = {
            "account_id": self.account_id,
            "list_id": self.list_id,
            "integration_id": self.integration_id,
            "group": self.group,
        }
        new = [
            fixed | seen | recorded(link, moment) | {"external_id": link.external_id}
            for link in links
            if link.id is None
        ]
        changed = [
            {"id": link.id} | seen | recorded(link, moment) for link in links if link.id is not None and link.changed
        ]
        same = [link.id for link in links if link.id is not None and not link.changed]
        if new:
            db.session.execute(insert(SourceRecord), new)
        if changed:
            db.session.execute(update(SourceRecord), changed)
        for ids in chunks(same):
            db.session.execute(
                update(SourceRecord).where(SourceRecord.id.in_(ids)).values(seen),
                execution_options={"synchronize_session": False},
            )

    def _write_changes(self, changed: Sequence[Known], added: Sequence[Known], moment: datetime) -> None:
        """What an undo will need. Withdrawn consent is not among it: that is never undone."""
        fixed = {"account_id": self.account_id, "run_id": self.run_id, "changed_at": moment}
        rows = [fixed | {"contact_id": c.id, "added": True, "before": {}, "after": {}} for c in added]
        rows += [
            fixed
            | {
                "contact_id": c.id,
                "added": False,
                "before": c.before,
                "after": {name: c.value(name) for name in c.before},
            }
            for c in changed
        ]
        if rows:
            db.session.execute(insert(RunChange), rows)


def stored(contact: Known) -> dict[str, Any]:
    folded = search_key(f"{contact.first_name} {contact.last_name}", 600)
    return {
        "email": contact.email,
        "status": contact.status,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "values": contact.values,
        "search_key": folded,
    }


def recorded(link: Link, moment: datetime) -> dict[str, Any]:
    return {
        "contact_id": link.contact.id,
        "consent": link.consent,
        "source_updated_at": link.updated_at,
        "deleted_at": moment if link.deleted else None,
    }


def as_link(record: Any, contacts: dict[int, Known]) -> Link:
    return Link(
        record.id,
        record.external_id,
        contacts[record.contact_id],
        record.consent,
        record.source_updated_at,
        record.seen_run_id,
        record.deleted_at is not None,
    )
