"""Jobs that can only be what we meant: JSON, one of our functions, whole numbers as arguments.

Whoever can write to Redis could otherwise run any code in our workers, with RQ's JSON serializer too.
"""

from typing import Any

from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

ALLOWED = frozenset(
    {
        "jobs.schedule.tick",
        "jobs.imports.run_import",
        "jobs.background.purge",
        "jobs.background.tell",
        "jobs.background.undo",
    }
)


class NotAllowed(Exception):
    """A job that none of ours put there."""


class JobFailed(Exception):
    """What a job failed of, by name alone: messages of a database quote people's data, and RQ keeps them in Redis and in logs."""


class SafeJob(Job):
    """Reads JSON only, ignores callbacks and webhooks, and runs nothing but ALLOWED functions on integers.

    rq-scheduler passes no serializer, so every way of making or fetching a job sets it here.
    """

    def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None):
        super().__init__(id, connection, serializer=JSONSerializer)

    @classmethod
    def create(cls, *args: Any, **kwargs: Any) -> "SafeJob":
        return super().create(*args, **kwargs | {"serializer": JSONSerializer})

    @classmethod
    def fetch(cls, id: str, connection: Any = None, serializer: Any = None) -> "SafeJob":
        try:
            return super().fetch(id, connection, serializer=JSONSerializer)
        except ValueError as error:
            raise NoSuchJobError("no job has such a name") from error

    @classmethod
    def fetch_many(cls, job_ids: Any, connection: Any, serializer: Any = None) -> list["SafeJob"]:
        return super().fetch_many(job_ids, connection, serializer=JSONSerializer)

    def restore(self, raw_data: Any) -> Any:
        """A record that cannot be read is no job: it is dropped instead of taking worker and scheduler down."""
        try:
            restored = super().restore(raw_data)
        except Exception as error:
            raise NoSuchJobError(f"unreadable job {self._id}") from error
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []
        return restored

    def _execute(self) -> Any:
        if self.func_name not in ALLOWED or self.instance is not None:
            raise NotAllowed("function")
        if self.kwargs or not all(type(argument) is int for argument in self.args):
            raise NotAllowed("arguments")
        try:
            return super()._execute()
        except Exception as error:  # noqa: BLE001 - whatever it is, its message is kept to ourselves
            raise JobFailed(type(error).__name__).with_traceback(error.__traceback__) from None


class SafeQueue(Queue):
    """A queue of safe jobs."""

    job_class = SafeJob

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs | {"serializer": JSONSerializer, "job_class": SafeJob})
