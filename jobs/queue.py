"""The queues as the rest of the application sees them. A leaf: it imports nothing of the app.

Redis only carries the news: whatever is lost here is found again in the database by the tick.
"""

from collections.abc import Iterable
from itertools import islice

from flask import current_app
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.safejob import SafeQueue

TICK, IMPORTS, BACKGROUND = QUEUES = ("tick", "imports", "background")

RUN_IMPORT = "jobs.imports.run_import"
PURGE = "jobs.background.purge"
TELL = "jobs.background.tell"
UNDO = "jobs.background.undo"

# An import works five minutes at a time. The rest is for a vendor that has to be read again from its start to where the
# last slice ended; a horse that hangs is noticed by its lease long before.
TIMEOUTS = {TICK: 60, IMPORTS: 3600, BACKGROUND: 3600}
FAILURE_TTL = 86_400


def impatient(url: str) -> Redis:
    """A client for the web: a Redis that is away or hangs costs a request a second at most, and nothing is sent twice."""
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))


def connection() -> Redis:
    """This process's impatient client."""
    if "redis" not in current_app.extensions:
        current_app.extensions["redis"] = impatient(current_app.config["REDIS_URL"])
    return current_app.extensions["redis"]


def enqueue_run(run_id: int, fence: int = 0) -> bool:
    """Tell a worker about a run. False where Redis is away: the tick will tell."""
    return enqueue_runs([(run_id, fence)])


def enqueue_runs(runs: Iterable[tuple[int, int]]) -> bool:
    """Tell the workers about runs, given as (id, fence). A run that is in the queue already is not put there again."""
    queue = SafeQueue(IMPORTS, connection=connection())
    try:
        waiting = set(queue.get_job_ids())
        named = {job_id(run_id, fence): run_id for run_id, fence in runs}
        unknown = ((name, run_id) for name, run_id in named.items() if name not in waiting)
        while some := list(islice(unknown, 500)):
            _enqueue_alike(queue, some)
    except RedisError:
        return False
    return True


def _enqueue_alike(queue: SafeQueue, runs: list[tuple[str, int]]) -> None:
    """RQ makes and tells one job; the record of each of the others is the same under another name, with another number.

    A third of the work of `enqueue_many`, which matters when thousands are due in the same minute.
    """
    (name, run_id), *others = runs
    (job,) = queue.enqueue_many([_data(RUN_IMPORT, IMPORTS, name, run_id)])
    if not others:
        return
    pipeline = queue.connection.pipeline()
    for name, run_id in others:
        job.id, job.description, job.args = name, name, (run_id,)
        job.save(pipeline=pipeline)
    pipeline.rpush(queue.key, *(name for name, _ in others))
    pipeline.execute()


def enqueue_undo(run_id: int) -> bool:
    """Tell the background worker about a run that is to be undone. False where Redis is away: the tick will tell."""
    return enqueue_chore(UNDO, f"undo-{run_id}", run_id)


def enqueue_chore(function: str, name: str, *args: int) -> bool:
    """Tell the background worker about a chore."""
    queue = SafeQueue(BACKGROUND, connection=connection())
    try:
        if name not in queue.get_job_ids():
            queue.enqueue_many([_data(function, BACKGROUND, name, *args)])
    except RedisError:
        return False
    return True


def job_id(run_id: int, fence: int) -> str:
    """One name for each claim of a run, so that the end of one job never takes the next one's record with it."""
    return f"run-{run_id}-{fence}"


def _data(function: str, queue: str, name: str, *args: int) -> object:
    return SafeQueue.prepare_data(
        function,
        args=args,
        job_id=name,
        timeout=TIMEOUTS[queue],
        result_ttl=0,
        failure_ttl=FAILURE_TTL,
        description=name,
    )
