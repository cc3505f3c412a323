"""What a run changed, kept for as long as it can be undone."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.database import BigId, Json, UtcDateTime, Word
from webapp.models.scope import Owned


class Kept(StrEnum):
    """Why an undo left a change as it is."""

    CHANGED_SINCE = "changed_since"
    LEFT = "left"
    OTHER_SOURCE = "other_source"


class RunChange(Owned, db.Model):
    """One contact that a run changed; a page that comes back to it makes another row. Whom it added, `Contact.added_run_id` tells.

    `before` and `after` map each changed field (email, first_name, last_name or a custom field's key after `field:`)
    to its value. `kept` is set by an undo that left the change alone; `added` is a contact that an undo did not remove.
    """

    __table_args__ = (
        Index("ix_run_change_run_id_id", "run_id", "id"),
        Index("ix_run_change_contact_id", "contact_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    added: Mapped[bool] = mapped_column(default=False)
    before: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    kept: Mapped[Kept | None] = mapped_column(Word(Kept))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
