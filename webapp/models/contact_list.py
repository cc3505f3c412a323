"""Lists of people, the fields they may have, and the people."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.database import BigId, Json, UtcDateTime, Word, clock, now
from webapp.models.scope import Owned
from webapp.values import choice
from webapp.values.fields import FieldType
from webapp.values.text import clean


class ContactStatus(StrEnum):
    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    UNSUBSCRIBED = "unsubscribed"
    REMOVED = "removed"
    BLOCKED = "blocked"
    BOUNCED = "bounced"


# Why somebody was removed who may come back: the source had lost them.
SOURCE_DELETION = "source_deletion"

# People whom an import may still change; all others stay as they are.
REACHABLE = frozenset({ContactStatus.ACTIVE, ContactStatus.UNCONFIRMED})


class ContactList(Owned, db.Model):
    """A list that people are imported into. `double_opt_in` asks imported people to confirm before they are active."""

    __table_args__ = (UniqueConstraint("account_id", "name"), UniqueConstraint("id", "account_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(8), default="pl")
    double_opt_in: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @staticmethod
    def lock(list_id: int) -> datetime:
        """Whoever changes people of a list holds this until the transaction ends; returns the moment, by the database's clock.

        So pages of two imports into one list take turns, neither overlooks whom the other adds, and neither can deadlock;
        nobody is changed between being read and being written.
        """
        held = select(clock()).select_from(ContactList).where(ContactList.id == list_id)
        return db.session.scalars(held.with_for_update(of=ContactList, key_share=True)).one()

    @classmethod
    def lock_all(cls) -> list[int]:
        """Wait for the pages that are being written to any list of the account, and let none begin before this transaction ends; the lists' ids."""
        return list(db.session.scalars(select(cls.id).order_by(cls.id).with_for_update(key_share=True)))

    @staticmethod
    def sizes() -> dict[int, dict[ContactStatus, int]]:
        """How many people of each status every list of the account has, in one query, which finds them by their lists."""
        counts: dict[int, dict[ContactStatus, int]] = {}
        rows = select(Contact.list_id, Contact.status, func.count(Contact.id)).group_by(Contact.list_id, Contact.status)
        for list_id, status, total in db.session.execute(rows.where(Contact.list_id.in_(select(ContactList.id)))):
            counts.setdefault(list_id, {})[status] = total
        return counts

    @staticmethod
    def people() -> int:
        """How many people the lists of the account have who can be written to."""
        return sum(
            total for size in ContactList.sizes().values() for status, total in size.items() if status in REACHABLE
        )


class CustomField(Owned, db.Model):
    """A field that people of the account may have. `key` is [a-z0-9_]{1,64} and never changes; `options` belong to choices."""

    __table_args__ = (UniqueConstraint("account_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(120))
    type: Mapped[FieldType] = mapped_column(Word(FieldType), default=FieldType.TEXT)
    options: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    def add_option(self, text: str) -> str:
        """The option of a choice that this text means, added where it was missing; raises ValueError where there is no room for one."""
        try:
            return choice.parse(text, self.options)
        except ValueError:
            if len(self.options) >= choice.MOST_OPTIONS or not (option := clean(text, choice.OPTION_LIMIT)):
                raise
        self.options = [*self.options, option]
        return option


class Contact(Owned, db.Model):
    """A person on a list, unique in it by `email_key`; `email` is the address as it was typed.

    `values` maps a custom field's key to its value in the form of `values.fields`; `search_key` is folded text for prefix search.
    `added_run_id` is the import run that would take the contact off the list again if it were undone.
    One foreign key says of which account and list a contact is: each one more costs an import as much as writing the row.
    """

    __table_args__ = (
        UniqueConstraint("list_id", "email_key"),
        ForeignKeyConstraint(
            ["list_id", "account_id"], ["contact_list.id", "contact_list.account_id"], ondelete="CASCADE"
        ),
        # For counting. One that began with the account, which every query names, would mislead SQLite to read all its people.
        Index("ix_contact_list_id_status_account_id", "list_id", "status", "account_id"),
        Index("ix_contact_added_run_id", "added_run_id"),
        {"postgresql_with": {"fillfactor": 85}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId)
    list_id: Mapped[int] = mapped_column(BigId)
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320))
    first_name: Mapped[str] = mapped_column(String(255), default="")
    last_name: Mapped[str] = mapped_column(String(255), default="")
    search_key: Mapped[str] = mapped_column(String(600), default="")
    status: Mapped[ContactStatus] = mapped_column(Word(ContactStatus), default=ContactStatus.ACTIVE)
    status_reason: Mapped[str] = mapped_column(String(32), default="")
    status_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    values: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    origin: Mapped[str] = mapped_column(String(32), default="")
    added_run_id: Mapped[int | None] = mapped_column(BigId)
    cycle_day: Mapped[int | None]
    cycle_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


def placeholder(contact_id: int) -> str:
    """An `email_key` that is no address: it frees the one before until another is written, in the same transaction."""
    return f"moving {contact_id}"


class SourceRecord(Owned, db.Model):
    """A person of a source, and the contact that the person became on one list; several may point to one contact.

    `consent` is what the source last said, `source_updated_at` the age of its last data, `seen_run_id` the last run that met the person.
    The contact's foreign key stands for those of account and list (see `Contact`); an integration is deleted with its account only.
    """

    __table_args__ = (
        UniqueConstraint("list_id", "integration_id", "group", "external_id"),
        Index("ix_source_record_contact_id", "contact_id"),
        # Every whole pass writes every record anew: with room beside it, PostgreSQL need not touch the indexes for that.
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId)
    list_id: Mapped[int] = mapped_column(BigId)
    integration_id: Mapped[int] = mapped_column(BigId)
    group: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(120))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    consent: Mapped[str | None] = mapped_column(String(16))
    source_updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_run_id: Mapped[int | None] = mapped_column(BigId)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Suppression(Owned, db.Model):
    """An address that may not come back, kept only as a keyed hash (see `values.secrets.fingerprint`)."""

    __table_args__ = (UniqueConstraint("account_id", "fingerprint"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(32), default="erased")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
