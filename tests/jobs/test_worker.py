"""Workers with real work: signs of life, runs that go from hand to hand, and nothing of it left in Redis."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from redis import Redis
from rq.exceptions import StopRequested
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from jobs.queue import BACKGROUND, IMPORTS, enqueue_run
from jobs.safejob import SafeJob
from jobs.worker import make_worker
from tests import factories
from tests.databases import on_both_databases
from webapp.extensions import db
from webapp.importing import runner, schedule
from webapp.models import Contact, ImportRun, RunStatus
from webapp.models.heartbeat import Heartbeat
from webapp.models.scope import everyone


@pytest.fixture
def run(worker_app, account, redis) -> ImportRun:
    """A run of 120 people, in the queue."""
    run, _ = schedule.run_now(factories.make_recurring_import())
    enqueue_run(run.id)
    return run


def values(redis: Redis) -> Iterator[bytes]:
    """Everything that Redis holds, by name and content."""
    for key in redis.scan_iter():
        yield key
        kind = redis.type(key)
        if kind == b"hash":
            yield from (part for pair in redis.hgetall(key).items() for part in pair)
        elif kind == b"string":
            yield redis.get(key)
        elif kind == b"stream":
            yield repr(redis.xrange(key)).encode()
        elif kind == b"list":
            yield from redis.lrange(key, 0, -1)


def now_as_stored(run: ImportRun) -> ImportRun:
    return db.session.get(ImportRun, run.id, populate_existing=True)


@on_both_databases
def test_a_run_in_the_queue_is_imported(run, work):
    work(IMPORTS)
    assert now_as_stored(run).status is RunStatus.DONE
    assert db.session.scalar(select(func.count(Contact.id))) > 80


@pytest.mark.parametrize("queue", [IMPORTS, BACKGROUND])
def test_a_worker_shows_that_it_lives(app, work, queue):
    work(queue)
    with everyone():
        beats = db.session.execute(select(Heartbeat.queue, Heartbeat.worker)).all()
    assert [(name, worker.rpartition(":")[2]) for name, worker in beats] == [(queue, str(os.getpid()))]


def test_a_worker_lives_on_when_the_database_does_not_take_its_sign_of_life(app, work, monkeypatch, redis):
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr("jobs.worker.beat", full)
    enqueue_run(1)
    work(IMPORTS)
    assert redis.llen("rq:queue:imports") == 0


def test_a_run_that_takes_several_turns_goes_through_the_queue_each_time(app, run, work, monkeypatch):
    monkeypatch.setattr(runner.Runner, "slice_seconds", -1)
    app.config["PAGE_SIZE"] = 50
    work(IMPORTS)
    after = now_as_stored(run)
    assert after.status is RunStatus.DONE
    assert after.fence == after.pages > 1


def test_nothing_of_an_import_stays_in_redis(run, work, redis):
    work(IMPORTS)
    held = b"\n".join(values(redis))
    assert b"@" not in held
    for secret in factories.CREDENTIALS.values():
        assert secret.encode() not in held
    assert not redis.keys("rq:job:*")


def test_a_failure_of_our_own_leaves_no_address_in_redis(run, work, redis, monkeypatch):
    quoted = "Key (email)=(anna@example.com)"

    def fail(_: int) -> int:
        raise ValueError(quoted)

    monkeypatch.setattr("jobs.imports.importing.run", fail)
    work(IMPORTS)
    job = SafeJob.fetch(f"run-{run.id}-0", connection=redis)
    assert "ValueError" in job.latest_result().exc_string
    assert "anna@" not in job.latest_result().exc_string
    assert b"anna@" not in b"\n".join(values(redis))


def test_a_worker_listens_to_one_queue(worker_app, redis):
    assert make_worker(IMPORTS).queue_names() == [IMPORTS]


def test_a_wish_to_end_is_not_lost_when_it_comes_in_the_middle_of_a_sign_of_life(work, monkeypatch):
    """SQLAlchemy swallows what a signal's handler raises while it gives a connection back."""

    def swallow(queue: str) -> None:
        with suppress(Exception):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.1)

    monkeypatch.setattr("jobs.worker.note_life", swallow)
    worker = make_worker(IMPORTS)
    worker._install_signal_handlers()
    with pytest.raises(StopRequested):
        worker.heartbeat()
