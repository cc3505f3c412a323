"""All recurring work: one entry, the tick, which finds in the database what is due."""

from datetime import UTC, datetime

from redis import Redis
from rq.exceptions import DeserializationError, NoSuchJobError
from rq_scheduler import Scheduler

from jobs.process import worker_app
from jobs.queue import PURGE, TELL, TICK, TIMEOUTS, enqueue_chore, enqueue_runs, enqueue_undo
from jobs.safejob import SafeJob, SafeQueue
from webapp.importing import notices, retention, schedule, undo
from webapp.models.database import now
from webapp.models.heartbeat import beat
from webapp.models.scope import everyone

TICK_ID = "tick"
TICK_FUNCTION = "jobs.schedule.tick"


def tick() -> None:
    """Make the runs that are due, end what nobody answered, and tell the workers about every run that nobody works on."""
    with worker_app().app_context(), everyone():
        moment = now()
        schedule.create_due(moment)
        schedule.expire_held(moment)
        enqueue_runs(schedule.workable(moment))
        if retention.purge_is_due(moment):
            enqueue_chore(PURGE, retention.PURGE)
        for run_id in undo.asked():
            enqueue_undo(run_id)
        if notices.is_due():
            enqueue_chore(TELL, "tell")
        beat(TICK, TICK_ID)


class TickScheduler(Scheduler):
    """rq-scheduler with one entry, which comes back whenever it is gone.

    By itself it loses an entry for ever when it dies between two of its steps, or when Redis is emptied.
    """

    def __init__(self, connection: Redis, every: int):
        # It looks more often than the entry is due, or it would be late by up to a whole interval.
        super().__init__(
            TICK, connection=connection, interval=max(1, every // 6), job_class=SafeJob, queue_class=SafeQueue
        )
        self.every = every

    def enqueue_jobs(self) -> object:
        self._drop_strangers()
        self.ensure_tick()
        return super().enqueue_jobs()

    def _drop_strangers(self) -> None:
        """rq-scheduler dies of an entry that it cannot read."""
        names = self.connection.zrange(self.scheduled_jobs_key, 0, -1)
        if strangers := [name for name in names if name != TICK_ID.encode()]:
            self.connection.zrem(self.scheduled_jobs_key, *strangers)

    def ensure_tick(self) -> None:
        """Register the tick, due at once, unless its entry and its job are there as they should be."""
        if self._is_due_soon() and self._is_ours():
            return
        self.connection.delete(SafeJob.key_for(TICK_ID))
        self.schedule(
            datetime.now(UTC),
            tick,
            interval=self.every,
            id=TICK_ID,
            queue_name=TICK,
            result_ttl=-1,
            timeout=TIMEOUTS[TICK],
            description=TICK_ID,
        )

    def _is_due_soon(self) -> bool:
        """A clock that was wrong for a moment may have put the next tick days away."""
        due = self.connection.zscore(self.scheduled_jobs_key, TICK_ID)
        return due is not None and due <= datetime.now(UTC).timestamp() + 2 * self.every

    def _is_ours(self) -> bool:
        try:
            job = SafeJob.fetch(TICK_ID, connection=self.connection)
            return (job.func_name, job.origin, job.meta) == (TICK_FUNCTION, TICK, {"interval": self.every})
        except (NoSuchJobError, DeserializationError):
            return False
