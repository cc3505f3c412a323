"""Telling the workers: quickly, at most once at a time, and never in a way that a request could fail of."""

import importlib
import signal
import time

import pytest

from jobs import queue
from jobs.queue import BACKGROUND, FAILURE_TTL, PURGE, enqueue_chore, enqueue_run, enqueue_runs, job_id
from jobs.safejob import ALLOWED, SafeJob
from jobs.schedule import TICK_FUNCTION
from tests.services import RedisService

# A hung Redis may cost a second, and more on a machine that is busy; redis-py's own patience would be five at least.
PATIENCE = 4


@pytest.fixture
def hung(redis_server: RedisService):
    """Redis takes connections and answers nothing."""
    redis_server.program.signal(signal.SIGSTOP)
    yield
    redis_server.program.signal(signal.SIGCONT)


def test_a_run_is_put_into_the_queue_of_the_imports(app, redis, imports_queue):
    assert enqueue_run(7)
    assert imports_queue.get_job_ids() == ["run-7-0"]


def test_a_job_carries_the_number_of_its_run_and_nothing_else(app, redis):
    enqueue_run(7, 3)
    job = SafeJob.fetch("run-7-3", connection=redis)
    assert (job.func_name, job.args, job.kwargs, job.meta, job.description) == (
        "jobs.imports.run_import",
        [7],
        {},
        {},
        "run-7-3",
    )


def test_a_job_may_take_longer_than_the_default_of_rq_and_keeps_no_result(app, redis):
    enqueue_run(7)
    job = SafeJob.fetch("run-7-0", connection=redis)
    assert (job.timeout, job.result_ttl, job.failure_ttl) == (3600, 0, FAILURE_TTL)


def test_a_run_that_waits_in_the_queue_is_not_put_there_again(app, redis, imports_queue):
    for _ in range(3):
        assert enqueue_run(7)
    assert enqueue_runs([(7, 0), (7, 0), (8, 0)])
    assert imports_queue.get_job_ids() == ["run-7-0", "run-8-0"]


def test_the_next_claim_of_a_run_has_a_name_of_its_own(app, redis, imports_queue):
    enqueue_run(7, 0)
    enqueue_run(7, 1)
    assert imports_queue.get_job_ids() == ["run-7-0", "run-7-1"]


def test_a_thousand_runs_are_all_told(app, redis, imports_queue):
    assert enqueue_runs((number, 0) for number in range(1200))
    assert imports_queue.get_job_ids() == [job_id(number, 0) for number in range(1200)]


def test_each_of_many_jobs_is_as_if_it_were_told_alone(app, redis):
    enqueue_run(1, 4)
    enqueue_runs([(5, 0), (6, 2), (7, 3)])
    for run_id, fence in ((1, 4), (5, 0), (6, 2), (7, 3)):
        job = SafeJob.fetch(job_id(run_id, fence), connection=redis)
        assert (job.args, job.description, job.get_status()) == ([run_id], job_id(run_id, fence), "queued")
    alone, first, *others = (redis.hgetall(f"rq:job:run-{name}") for name in ("1-4", "5-0", "6-2", "7-3"))
    own = (b"data", b"description", b"created_at", b"enqueued_at")
    alone, first, *others = ({k: v for k, v in record.items() if k not in own} for record in (alone, first, *others))
    assert others == [alone, alone] == [first, first]


def test_a_chore_goes_to_the_background(app, redis):
    assert enqueue_chore(PURGE, "purge")
    assert redis.lrange(f"rq:queue:{BACKGROUND}", 0, -1) == [b"purge"]


@pytest.mark.parametrize("tell", [lambda: enqueue_run(7), lambda: enqueue_chore(PURGE, "purge")], ids=["run", "chore"])
def test_without_redis_the_answer_is_no(settings, request, tell):
    settings["REDIS_URL"] = "unix:///nonexistent/redis.sock"
    request.getfixturevalue("app")
    assert tell() is False


@pytest.mark.parametrize("tell", [lambda: enqueue_run(7), lambda: enqueue_chore(PURGE, "purge")], ids=["run", "chore"])
def test_a_redis_that_hangs_costs_a_moment(app, redis, hung, tell):
    started = time.monotonic()
    assert tell() is False
    assert time.monotonic() - started < PATIENCE


def test_whatever_is_put_into_a_queue_may_be_run_and_is_there():
    named = [value for value in vars(queue).values() if isinstance(value, str) and value.startswith("jobs.")]
    named = [name for name in named if name.count(".") == 2] + [TICK_FUNCTION]
    assert set(named) == ALLOWED
    for name in named:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))
