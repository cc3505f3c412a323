"""Whoever writes to Redis runs no code of their own, and stops nothing."""

import json
import socket
import traceback
from pathlib import Path

import pytest

from jobs.queue import BACKGROUND, PURGE, enqueue_chore
from jobs.safejob import JobFailed, SafeJob
from tests.jobs import hostile

DONE = "test:purged"


@pytest.fixture(autouse=True)
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is there when foreign code ran."""
    path = tmp_path / "trace"
    monkeypatch.setenv(hostile.TRACE, str(path))
    return path


@pytest.fixture
def purges(redis, monkeypatch):
    """How often the one harmless job ran, in whatever process."""
    monkeypatch.setattr("jobs.background.purge", lambda *_, **__: redis.incr(DONE) and None)
    return lambda: int(redis.get(DONE) or 0)


@pytest.fixture
def later_job(app, redis, purges):
    """Queue the harmless job behind what is there."""
    return lambda: enqueue_chore(PURGE, "later")


def plant_all(redis, kinds) -> None:
    for kind, fields in kinds.items():
        hostile.plant(redis, kind, **fields)


def test_no_foreign_job_runs_and_the_next_one_does(redis, work, trace, purges, later_job):
    plant_all(redis, hostile.NOT_RUN)
    later_job()
    work(BACKGROUND)
    assert not trace.exists()
    assert purges() == 1
    assert redis.llen("rq:queue:background") == 0


def test_what_hangs_on_one_of_our_jobs_is_ignored(redis, work, trace, later_job, purges):
    plant_all(
        redis, {kind: {"data": hostile.call(hostile.GOOD), **fields} for kind, fields in hostile.HARMLESS.items()}
    )
    later_job()
    work(BACKGROUND)
    assert not trace.exists()
    assert purges() == len(hostile.HARMLESS)  # the one that fails is made up for by the later job


def test_no_webhook_of_a_job_is_called(redis, work, later_job, purges):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        hooks = json.dumps([{"url": url, "job_status": status, "timeout": 1} for status in ("finished", "failed")])
        hostile.plant(redis, "hooked", data=hostile.call(hostile.GOOD), webhooks=hooks)
        later_job()
        work(BACKGROUND)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert purges() == 2


@pytest.mark.parametrize("name", ["vanished", "no job has this name"])
def test_a_job_without_a_record_is_passed_over(redis, work, later_job, purges, name):
    redis.rpush("rq:queue:background", name)
    later_job()
    work(BACKGROUND)
    assert purges() == 1


def test_a_worker_that_starts_gets_over_what_another_one_died_of(redis, work, later_job, purges):
    plant_all(redis, hostile.NOT_RUN)
    redis.rename("rq:queue:background", "rq:queue:background:intermediate")
    later_job()
    work(BACKGROUND)
    assert purges() == 1


def test_a_job_keeps_to_json_through_every_way_of_reading_it(redis):
    hostile.plant(redis, "one", data=hostile.call(hostile.GOOD))
    found = [SafeJob.fetch("one", connection=redis), *SafeJob.fetch_many(["one"], connection=redis)]
    assert [job.func_name for job in found] == [hostile.GOOD] * 2


def test_what_a_job_failed_of_is_told_by_name_and_place_alone(redis, monkeypatch):
    quoted = "Key (email)=(anna@example.com)"

    def fail() -> None:
        raise ValueError(quoted)

    monkeypatch.setattr("jobs.background.purge", fail)
    hostile.plant(redis, "failing", data=hostile.call(hostile.GOOD))
    with pytest.raises(JobFailed, match=r"^ValueError$") as caught:
        SafeJob.fetch("failing", connection=redis).perform()
    told = "".join(traceback.format_exception(caught.value))
    assert "anna@" not in told
    assert "in fail" in told
