"""Signs of life of the workers, and what is done now and then for the whole installation."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.database import UtcDateTime, insert_new, now

FORGET_AFTER = timedelta(days=1)


class Heartbeat(db.Model):
    """When a worker of this queue was last seen alive; for the tick queue, when it last ticked."""

    queue: Mapped[str] = mapped_column(String(32), primary_key=True)
    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Chore(db.Model):
    """Something that is done now and then for the whole installation, and when it is due again."""

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)


def beat(queue: str, worker: str) -> None:
    """Note that this worker lives; those that are gone for a day are forgotten."""
    moment = now()
    db.session.execute(insert_new(Heartbeat), [{"queue": queue, "worker": worker, "seen_at": moment}])
    db.session.execute(
        update(Heartbeat).where(Heartbeat.queue == queue, Heartbeat.worker == worker).values(seen_at=moment)
    )
    db.session.execute(delete(Heartbeat).where(Heartbeat.seen_at < moment - FORGET_AFTER))
    db.session.commit()


def last_beats() -> dict[str, datetime]:
    """The newest sign of life of every queue that has had one."""
    return dict(
        db.session.execute(select(Heartbeat.queue, func.max(Heartbeat.seen_at)).group_by(Heartbeat.queue)).all()
    )
