"""What is known of people before they are decided, read in sets: their records with the contacts that these became, and whoever has their addresses."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, bindparam, select, type_coerce

from webapp.extensions import db
from webapp.importing import erasure
from webapp.importing.decide import Decisions, Policy
from webapp.importing.known import Known, Link
from webapp.importing.mapping import Row
from webapp.importing.sets import among, beside, keys
from webapp.models import Contact, ContactStatus, SourceRecord, Suppression
from webapp.models.contact_list import SOURCE_DELETION

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
        linked = select(*CONTACT, *RECORD).join(Contact, Contact.id == SourceRecord.contact_id)
        linked = linked.where(SourceRecord.integration_id == integration_id, SourceRecord.group == group)
        self._named = linked.where(
            SourceRecord.list_id == list_id, among(SourceRecord.external_id, bindparam("ids", type_=String))
        )
        # Their contacts are of the list already; to say so misleads SQLite to read the whole list.
        self._sharing = linked.where(
            among(SourceRecord.contact_id, bindparam("shared", type_=String)),
            beside(SourceRecord.id, bindparam("records", type_=String)),
        )
        self._addressed = select(*CONTACT).where(
            Contact.list_id == list_id, among(Contact.email_key, bindparam("addresses", type_=String))
        )
        self._suppressed = select(Suppression.fingerprint).where(
            among(Suppression.fingerprint, bindparam("fingerprints", type_=String))
        )
        self._source = (integration_id, group)

    def decisions(self, rows: Sequence[Row], policy: Policy) -> Decisions:
        """Everything that has to be known before these rows are decided."""
        contacts: dict[int, Known] = {}
        links = self._linked(contacts, self._named, ids=keys(row.external_id for row in rows))
        by_address = {contact.email_key: contact for contact in contacts.values()}
        others = self._at([row.email_key for row in rows if row.email_key not in by_address])
        contacts |= {contact.id: contact for contact in others}
        if contacts:
            known = {"shared": keys(contacts), "records": keys(link.id for link in links)}
            links += self._linked(contacts, self._sharing, **known)
        by_address |= {contact.email_key: contact for contact in others}
        return Decisions(policy, by_address, {link.external_id: link for link in links}, links, self._erased(rows))

    def _linked(self, contacts: dict[int, Known], query: Any, **parameters: str) -> list[Link]:
        """Records of the source, each with its contact; the contacts are added to those that are known."""
        links = []
        for row in db.session.execute(query, parameters):
            contact = contacts.get(row[0]) or contacts.setdefault(row[0], as_known(row))
            record_id, external_id, *said = row[ALIKE:]
            links.append(Link(record_id, external_id, contact, *said))
        return links

    def _at(self, addresses: list[str]) -> list[Known]:
        """Whoever has these addresses on the list."""
        found = db.session.execute(self._addressed, {"addresses": keys(addresses)}) if addresses else ()
        return [as_known(row) for row in found]

    def _erased(self, rows: Sequence[Row]) -> set[str]:
        """The addresses of these rows who were erased by request, under this address or another one. Nobody was, in most accounts: then nothing is hashed."""
        if db.session.scalar(select(Suppression.id).limit(1)) is None:
            return set()
        marks = [(erasure.mark_of_record(*self._source, row.external_id), row.email_key) for row in rows]
        marks += [(erasure.mark(row.email_key), row.email_key) for row in rows]
        erased = set(db.session.scalars(self._suppressed, {"fingerprints": keys({one for one, _ in marks})}))
        return {address for one, address in marks if one in erased}


def as_known(row: Any) -> Known:
    contact_id, email_key, email, status, first_name, last_name, values, reason = row[:ALIKE]
    away = status == ContactStatus.REMOVED and reason == SOURCE_DELETION
    return Known(contact_id, email_key, email, STATUSES[status], first_name, last_name, values, away=away)
