"""What was decided about people, written in sets within the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.extensions import db
from webapp.importing.decide import WITHDRAWN_IN_SOURCE, Decisions
from webapp.importing.known import Known, Link
from webapp.importing.sets import among
from webapp.models import Contact, RunChange, SourceRecord, bulk
from webapp.models.contact_list import placeholder
from webapp.values.text import search_key

PERSON = ("email_key", "email", "first_name", "last_name", "values", "search_key", "updated_at")
STATUS = ("status", "status_reason", "status_at")
NEW = ("id", "list_id", "origin", "added_run_id", *STATUS, "cycle_day", "cycle_started_at", "created_at")
SAID = ("contact_id", "consent", "source_updated_at", "deleted_at", "seen_at", "seen_run_id")
SOURCE = ("list_id", "integration_id", "group", "external_id")


@dataclass(frozen=True)
class Store:
    """Writes for one run."""

    run_id: int
    list_id: int
    integration_id: int
    group: str
    origin: str
    cycle_day: int | None

    def write(self, decisions: Decisions, moment: datetime) -> None:
        """Contacts first, then the records that point to them, then what an undo will need.

        People may have swapped addresses, or left one to somebody new: all of those are free before anybody is written.
        """
        contacts = {id(contact): contact for contact in decisions.contacts.values() if contact.changed}
        contacts |= {id(link.contact): link.contact for link in decisions.records() if link.contact.changed}
        known = [contact for contact in contacts.values() if contact.id is not None]
        bulk.change(Contact, ("email_key",), [(placeholder(c.id), c.id) for c in known if c.moved])
        self._add_contacts([contact for contact in contacts.values() if contact.id is None], moment)
        self._change_contacts(known, moment)
        self._write_links(decisions.records(), moment)
        self._write_changes([contact for contact in known if contact.before], moment)

    def _add_contacts(self, contacts: Sequence[Known], moment: datetime) -> None:
        if not contacts:
            return
        at = bulk.time_writer()(moment)
        started = None if self.cycle_day is None else at
        for contact, contact_id in zip(contacts, bulk.take_ids(Contact, len(contacts)), strict=True):
            contact.id = contact_id
        place, cycle = (self.list_id, self.origin, self.run_id), (self.cycle_day, started, at)
        rows = ((c.id, *place, str(c.status), reason(c), at, *cycle, *person(c, at)) for c in contacts)
        bulk.add(Contact, (*NEW, *PERSON), rows)

    def _change_contacts(self, contacts: Sequence[Known], moment: datetime) -> None:
        """Statuses are written for those alone whom the source brought back or took away: nobody else's is the import's to say."""
        at = bulk.time_writer()(moment)
        bulk.change(Contact, PERSON, [(*person(c, at), c.id) for c in contacts])
        said = [c for c in contacts if c.withdrawn or c.returned]
        bulk.change(Contact, STATUS, [(c.status.value, reason(c), at, c.id) for c in said])

    def _write_links(self, links: Collection[Link], moment: datetime) -> None:
        written = bulk.time_writer()
        at, place = written(moment), (self.list_id, self.integration_id, self.group)

        def said(link: Link) -> tuple[Any, ...]:
            deleted_at = at if link.deleted else None
            return (link.contact.id, link.consent, written(link.updated_at), deleted_at, at, self.run_id)

        known = [link for link in links if link.id is not None]
        new = ((*place, link.external_id, *said(link)) for link in links if link.id is None)
        bulk.add(SourceRecord, (*SOURCE, *SAID), new)
        bulk.change(SourceRecord, SAID, [(*said(link), link.id) for link in known if link.changed])
        self._see([link.id for link in known if not link.changed], moment)

    def _see(self, ids: Sequence[int], moment: datetime) -> None:
        """Note that the source still has people of whom it says nothing new."""
        if ids:
            seen = update(SourceRecord).where(among(SourceRecord.id, ids))
            seen = seen.values(seen_at=moment, seen_run_id=self.run_id)
            db.session.execute(seen, execution_options={"synchronize_session": False})

    def _write_changes(self, contacts: Sequence[Known], moment: datetime) -> None:
        """Withdrawn consent is not among what can be undone."""
        at = bulk.time_writer()(moment)
        rows = [
            (self.run_id, c.id, False, bulk.json_value(c.before), bulk.json_value(c.held(c.before)), at)
            for c in contacts
        ]
        bulk.add(RunChange, ("run_id", "contact_id", "added", "before", "after", "changed_at"), rows)


def reason(contact: Known) -> str:
    """Why a contact has the status that the source gave it."""
    return WITHDRAWN_IN_SOURCE if contact.withdrawn else ""


def person(contact: Known, at: Any) -> tuple[Any, ...]:
    """The values of PERSON."""
    folded = search_key(f"{contact.first_name} {contact.last_name}", 600)
    values = bulk.json_value(contact.values)
    return (contact.email_key, contact.email, contact.first_name, contact.last_name, values, folded, at)
