"""People of one list, searched and read a page at a time: in the order of their addresses, which an index already has."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, func, or_, select

from webapp.extensions import db
from webapp.models import Contact, ContactList, ContactStatus, Integration, SourceRecord
from webapp.values.text import search_key

PEOPLE_A_PAGE = 50


class Page(NamedTuple):
    """People, and the address after which the next page begins (None: there is none)."""

    rows: Sequence[Contact]
    next_key: str | None


def found(contact_list: ContactList, search: str, status: ContactStatus | None) -> Select:
    """People whose address, or one of whose names, begins with what was typed."""
    query = select(Contact).where(Contact.list_id == contact_list.id)
    if status:
        query = query.where(Contact.status == status)
    if typed := search.strip().lower():
        query = query.where(or_(Contact.email_key.startswith(typed, autoescape=True), *named(search_key(typed))))
    return query


def named(folded: str) -> tuple:
    if not folded:
        return ()
    begins = Contact.search_key.startswith(folded, autoescape=True)
    return begins, Contact.search_key.contains(f" {folded}", autoescape=True)


def page(query: Select, after: str) -> Page:
    ordered = query.where(Contact.email_key > after).order_by(Contact.email_key).limit(PEOPLE_A_PAGE + 1)
    rows = db.session.scalars(ordered).all()
    return Page(rows[:PEOPLE_A_PAGE], rows[PEOPLE_A_PAGE - 1].email_key if len(rows) > PEOPLE_A_PAGE else None)


def total(query: Select) -> int:
    return db.session.scalar(query.with_only_columns(func.count(Contact.id)))


def sources(contact: Contact) -> list[tuple[SourceRecord, Integration]]:
    """The records of the sources that this person was read from, the last seen first."""
    query = (
        select(SourceRecord, Integration)
        .join(Integration, Integration.id == SourceRecord.integration_id)
        .where(SourceRecord.contact_id == contact.id)
        .order_by(SourceRecord.seen_at.desc(), SourceRecord.id)
    )
    return list(db.session.execute(query))
