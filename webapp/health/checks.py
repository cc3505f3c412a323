"""What /healthz reports: facts about the machinery, none about accounts."""

from datetime import datetime
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from jobs import queue
from webapp.extensions import db
from webapp.health.heartbeats import last_seen, stands_still
from webapp.models import ImportRun, RunStatus
from webapp.models.database import now
from webapp.models.import_run import WORKABLE
from webapp.models.scope import everyone


def report() -> tuple[dict[str, Any], bool]:
    """The facts, and whether all is well."""
    redis = redis_answers()
    try:
        with everyone():
            return database_report(redis)
    except SQLAlchemyError:
        return {"database": False, "redis": redis}, False


def database_report(redis: bool) -> tuple[dict[str, Any], bool]:
    moment, seen = now(), last_seen()
    facts = {
        "database": True,
        "redis": redis,
        "queues": {name: seconds(moment, beat) for name, beat in seen.items()},
        "oldest_overdue_run": seconds(moment, oldest_overdue(moment)),
        "runs_past_their_lease": past_their_lease(moment),
    }
    return facts, redis and not any(stands_still(beat, moment) for beat in seen.values())


def redis_answers() -> bool:
    try:
        return bool(queue.connection().ping())
    except (RedisError, OSError):
        return False


def oldest_overdue(moment: datetime) -> datetime | None:
    """Since when the run has waited that has waited longest for a worker, although it might go on."""
    due = func.coalesce(ImportRun.not_before, ImportRun.lease_until, ImportRun.created_at)
    free = or_(ImportRun.lease_until.is_(None), ImportRun.lease_until < moment)
    ready = or_(ImportRun.not_before.is_(None), ImportRun.not_before < moment)
    return db.session.scalar(select(func.min(due)).where(ImportRun.status.in_(WORKABLE), free, ready))


def past_their_lease(moment: datetime) -> int:
    """How many runs have lost their worker; they go on by themselves, at once or after a rest."""
    lost = (ImportRun.status == RunStatus.RUNNING, ImportRun.lease_until < moment)
    return db.session.scalar(select(func.count(ImportRun.id)).where(*lost))


def seconds(moment: datetime, since: datetime | None) -> int | None:
    return None if since is None else max(0, round((moment - since).total_seconds()))
