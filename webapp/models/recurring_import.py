"""What is imported from where to where every day, and who said that it may be."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.account import User
from webapp.models.contact_list import ContactList
from webapp.models.database import BigId, Json, UtcDateTime, Word, json_list, json_object, now, plain
from webapp.models.integration import Integration
from webapp.models.scope import Owned

# What a run keeps of its import, and of each of its columns, under which name: the one list for both ways of taking a snapshot.
SETTINGS = (
    "list_id",
    "integration_id",
    "group",
    "source_id",
    "source_name",
    "criterion",
    "only_consenting",
    "cycle_day",
    "absence",
)
COLUMN = {"label": "column_label"} | {name: name for name in ("column", "target", "rule", "repair", "reading")}


class Criterion(StrEnum):
    ADD_AND_UPDATE = "add_and_update"
    ADD = "add"
    UPDATE = "update"


class Schedule(StrEnum):
    """DRAFT has never run; STOPPED was stopped by a person."""

    DRAFT = "draft"
    ACTIVE = "active"
    STOPPED = "stopped"


class WriteRule(StrEnum):
    OVERWRITE = "overwrite"
    ONLY_EMPTY = "only_empty"
    CLEAR = "clear"


class Absence(StrEnum):
    """What becomes of people who are in the source no longer."""

    IGNORE = "ignore"
    MARK = "mark"
    REMOVE = "remove"


class RecurringImport(Owned, db.Model):
    """Integration × list × group × source × criterion × mapping × hour.

    `hour` is local wall time "HH:MM" in the account's zone, `next_slot` the UTC instant of the next one.
    `draft` holds settings that are being edited and not in force yet. `version` grows with every change that makes
    data that did not change in the source matter again, so that the next run reads everyone.
    """

    __table_args__ = (Index("ix_recurring_import_schedule_next_slot", "schedule", "next_slot"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(ForeignKey("integration.id", ondelete="CASCADE"), index=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("contact_list.id", ondelete="CASCADE"), index=True)
    group: Mapped[str] = mapped_column(String(16))
    source_id: Mapped[str] = mapped_column(String(255))
    source_name: Mapped[str] = mapped_column(String(255))
    criterion: Mapped[Criterion] = mapped_column(Word(Criterion), default=Criterion.ADD_AND_UPDATE)
    only_consenting: Mapped[bool] = mapped_column(default=True)
    absence: Mapped[Absence] = mapped_column(Word(Absence), default=Absence.IGNORE)
    hour: Mapped[str] = mapped_column(String(5))
    cycle_day: Mapped[int | None]
    schedule: Mapped[Schedule] = mapped_column(Word(Schedule), default=Schedule.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    next_slot: Mapped[datetime | None] = mapped_column(UtcDateTime)
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json)
    known_columns: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    integration: Mapped[Integration] = relationship(lazy="joined")
    contact_list: Mapped[ContactList] = relationship(lazy="joined")
    mappings: Mapped[list["FieldMapping"]] = relationship(
        order_by="FieldMapping.position", cascade="all, delete-orphan", lazy="select"
    )

    @property
    def active(self) -> bool:
        return self.schedule is Schedule.ACTIVE

    @property
    def runs_by_itself(self) -> bool:
        return self.active and self.integration.connected

    def snapshot(self) -> dict[str, Any]:
        """The settings that a run keeps for its whole life, as JSON."""
        settings = {name: plain(getattr(self, name)) for name in SETTINGS}
        return settings | {"columns": [mapping.snapshot() for mapping in self.mappings]}

    @classmethod
    def snapshots(cls) -> ColumnElement[Any]:
        """`snapshot()` as the database makes it, for each row of a query on this table."""
        columns = (
            select(FieldMapping.snapshots().label("mapping"))
            .where(FieldMapping.recurring_import_id == cls.id)
            .order_by(FieldMapping.position)
        )
        return json_object({name: getattr(cls, name) for name in SETTINGS} | {"columns": json_list(columns, cls)})


class FieldMapping(Owned, db.Model):
    """Which source column goes to which field, and how.

    `target` is email, first_name, last_name, full_name or field:<key>. `repair` mends letters that were read in the wrong
    encoding. `reading` is what somebody said about the column's values, as `values.fields.converter` takes it.
    """

    __table_args__ = (UniqueConstraint("recurring_import_id", "column"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recurring_import_id: Mapped[int] = mapped_column(ForeignKey("recurring_import.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    column: Mapped[str] = mapped_column(String(255))
    column_label: Mapped[str] = mapped_column(String(255))
    target: Mapped[str] = mapped_column(String(80))
    rule: Mapped[WriteRule] = mapped_column(Word(WriteRule), default=WriteRule.OVERWRITE)
    repair: Mapped[bool] = mapped_column(default=False)
    reading: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    def snapshot(self) -> dict[str, Any]:
        return {name: plain(getattr(self, key)) for name, key in COLUMN.items()}

    @classmethod
    def snapshots(cls) -> ColumnElement[Any]:
        """`snapshot()` as the database makes it, for each row of a query on this table."""
        return json_object({name: getattr(cls, key) for name, key in COLUMN.items()})


class ConsentRecord(Owned, db.Model):
    """Who confirmed to have permission for these people, when, in which wording, and from where. Never changed."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recurring_import_id: Mapped[int | None] = mapped_column(
        ForeignKey("recurring_import.id", ondelete="SET NULL"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    user_email: Mapped[str] = mapped_column(String(254))
    wording: Mapped[str] = mapped_column(String(500))
    wording_version: Mapped[str] = mapped_column(String(16))
    what: Mapped[dict[str, Any]] = mapped_column(Json)
    address: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    user: Mapped[User | None] = relationship()


def imports_of_account() -> list[RecurringImport]:
    """All recurring imports of the account with their integration and list, in one query."""
    return list(db.session.scalars(select(RecurringImport).order_by(RecurringImport.id)))
