"""What is known of the people of a page, read in sets: their records with the contacts that these became, and whoever has their addresses."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import String, select, type_coerce

from webapp.extensions import db
from webapp.importing.decide import Decisions, Policy
from webapp.importing.known import Known, Link
from webapp.importing.mapping import Row
from webapp.importing.sets import among, beside
from webapp.models import Contact, ContactStatus, SourceRecord, Suppression
from webapp.models.contact_list import SOURCE_DELETION
from webapp.values.secrets import fingerprint

STATUSES = {status.value: status for status in ContactStatus}
CONTACT = (
    Contact.id,
    Contact.email_key,
    Contact.email,
    type_coerce(Contact.status, String).label("status"),
    Contact.first_name,
    Contact.last_name,
    Contact.values,
    Contact.status_reason,
)
RECORD = (
    SourceRecord.id.label("record_id"),
    SourceRecord.external_id,
    SourceRecord.consent,
    SourceRecord.source_updated_at,
    SourceRecord.seen_run_id,
    SourceRecord.deleted_at.is_not(None).label("deleted"),
)
ALIKE = len(CONTACT)


class Lookup:
    """Reads for one run, from its list and its source (a group of an integration)."""

    def __init__(self, list_id: int, integration_id: int, group: str):
        self._in_list = (Contact.list_id == list_id,)
        self._of_source = (SourceRecord.integration_id == integration_id, SourceRecord.group == group)
        self._recorded_in_list = SourceRecord.list_id == list_id
        self._erasure_key = current_app.config["ERASURE_KEY"]

    def decisions(self, rows: Sequence[Row], policy: Policy) -> Decisions:
        """Everything that has to be known before these rows are decided."""
        contacts: dict[int, Known] = {}
        named = among(SourceRecord.external_id, [row.external_id for row in rows])
        links = self._linked(contacts, self._recorded_in_list & named)
        by_address = {contact.email_key: contact for contact in contacts.values()}
        others = self._at([row.email_key for row in rows if row.email_key not in by_address])
        contacts |= {contact.id: contact for contact in others}
        if contacts:
            links += self._siblings(contacts, links)
        by_address |= {contact.email_key: contact for contact in others}
        return Decisions(policy, by_address, {link.external_id: link for link in links}, links, self._erased(rows))

    def _linked(self, contacts: dict[int, Known], condition: Any) -> list[Link]:
        """Records of the source, each with its contact; the contacts are added to those that are known."""
        query = select(*CONTACT, *RECORD).join(Contact, Contact.id == SourceRecord.contact_id)
        links = []
        for row in db.session.execute(query.where(*self._of_source, condition)):
            contact = contacts.get(row[0]) or contacts.setdefault(row[0], as_known(row))
            record_id, external_id, *said = row[ALIKE:]
            links.append(Link(record_id, external_id, contact, *said))
        return links

    def _at(self, addresses: list[str]) -> list[Known]:
        query = select(*CONTACT).where(*self._in_list, among(Contact.email_key, addresses))
        return [as_known(row) for row in db.session.execute(query)] if addresses else []

    def _siblings(self, contacts: dict[int, Known], links: Sequence[Link]) -> list[Link]:
        """Records of others who share one of these contacts, which are of the list; saying so misleads SQLite to read the whole list."""
        shared = among(SourceRecord.contact_id, contacts)
        return self._linked(contacts, shared & beside(SourceRecord.id, [link.id for link in links]))

    def _erased(self, rows: Iterable[Row]) -> set[str]:
        """The addresses of these rows that were erased by request. Nobody was, in most accounts: then nothing is hashed."""
        if db.session.scalar(select(Suppression.id).limit(1)) is None:
            return set()
        keys = {fingerprint(row.email_key, self._erasure_key): row.email_key for row in rows}
        found = db.session.scalars(select(Suppression.fingerprint).where(among(Suppression.fingerprint, keys)))
        return {keys[one] for one in found}


def as_known(row: Any) -> Known:
    contact_id, email_key, email, status, first_name, last_name, values, reason = row[:ALIKE]
    away = status == ContactStatus.REMOVED and reason == SOURCE_DELETION
    return Known(contact_id, email_key, email, STATUSES[status], first_name, last_name, values, away=away)
