"""The one entry of rq-scheduler: it is there, it is ours, and it comes back."""

import time

import pytest

from jobs.queue import TICK
from jobs.safejob import SafeJob
from jobs.schedule import TICK_ID, TickScheduler
from tests.jobs import hostile

ENTRIES = "rq:scheduler:scheduled_jobs"
QUEUE = "rq:queue:tick"


@pytest.fixture
def ticks(monkeypatch):
    """Instead of the tick: does nothing."""
    monkeypatch.setattr("jobs.schedule.tick", lambda: None)


def ticked(redis) -> int:
    return redis.llen(QUEUE)


def test_the_tick_is_registered_and_due_at_once(redis, scheduler):
    scheduler.enqueue_jobs()
    assert redis.lrange(QUEUE, 0, -1) == [TICK_ID.encode()]
    assert [name for name, _ in redis.zrange(ENTRIES, 0, -1, withscores=True)] == [TICK_ID.encode()]


def test_the_tick_comes_again_after_its_interval(redis, scheduler):
    scheduler.enqueue_jobs()
    scheduler.enqueue_jobs()
    assert ticked(redis) == 1
    redis.zadd(ENTRIES, {TICK_ID: time.time() - 1})
    scheduler.enqueue_jobs()
    assert ticked(redis) == 2


def test_the_record_of_the_tick_outlives_its_run(redis, scheduler, work, ticks):
    scheduler.enqueue_jobs()
    work(TICK)
    assert redis.ttl(f"rq:job:{TICK_ID}") == -1
    redis.zadd(ENTRIES, {TICK_ID: 1})
    scheduler.enqueue_jobs()
    assert ticked(redis) == 1


def test_the_tick_has_a_limit_of_time_and_says_nothing_else(redis, scheduler):
    scheduler.ensure_tick()
    job = SafeJob.fetch(TICK_ID, connection=redis)
    assert (job.func_name, job.args, job.timeout, job.result_ttl) == ("jobs.schedule.tick", [], 60, -1)


def test_the_tick_comes_back_when_redis_was_emptied(redis, scheduler):
    scheduler.enqueue_jobs()
    redis.flushall()
    scheduler.enqueue_jobs()
    assert ticked(redis) == 1


def test_the_tick_comes_back_when_a_scheduler_died_between_its_two_steps(redis, scheduler):
    scheduler.ensure_tick()
    redis.zrem(ENTRIES, TICK_ID)
    scheduler.enqueue_jobs()
    assert ticked(redis) == 1


def test_the_tick_comes_back_when_its_record_is_gone(redis, scheduler):
    scheduler.ensure_tick()
    redis.delete(f"rq:job:{TICK_ID}")
    scheduler.enqueue_jobs()
    assert ticked(redis) == 1


def test_a_clock_that_was_days_ahead_does_not_put_the_tick_off(redis, scheduler):
    scheduler.ensure_tick()
    redis.zadd(ENTRIES, {TICK_ID: time.time() + 3 * 86_400})
    scheduler.enqueue_jobs()
    assert ticked(redis) == 1


def test_a_tick_that_is_well_is_left_alone(redis, scheduler):
    scheduler.enqueue_jobs()
    due = redis.zscore(ENTRIES, TICK_ID)
    scheduler.ensure_tick()
    assert redis.zscore(ENTRIES, TICK_ID) == due


def test_another_interval_in_the_settings_takes_effect(redis, scheduler):
    scheduler.enqueue_jobs()
    TickScheduler(redis, 5).enqueue_jobs()
    assert SafeJob.fetch(TICK_ID, connection=redis).meta == {"interval": 5}
    assert redis.zscore(ENTRIES, TICK_ID) <= time.time() + 5


def test_the_worker_of_the_tick_brings_back_its_entry(redis, work, ticks):
    work(TICK)
    assert redis.zscore(ENTRIES, TICK_ID) is not None


@pytest.mark.parametrize("kind", hostile.NOT_RUN | hostile.HARMLESS)
def test_a_foreign_entry_neither_stops_the_scheduler_nor_gets_into_a_queue(kind, redis, scheduler):
    fields = {"data": hostile.call(hostile.GOOD), "meta": '{"interval": 1}'} | (hostile.NOT_RUN | hostile.HARMLESS)[
        kind
    ]
    hostile.plant(redis, "foreign", **fields)
    redis.delete("rq:queue:background")
    redis.zadd(ENTRIES, {"foreign": 1})
    for _ in range(2):
        scheduler.enqueue_jobs()
    assert redis.lrange(QUEUE, 0, -1) == [TICK_ID.encode()]
    assert redis.llen("rq:queue:background") == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("meta", "[1]"),
        ("meta", '{"interval": "often"}'),
        ("meta", '{"interval": 60, "queue_class_name": "os.system"}'),
        ("meta", "{"),
        ("meta", hostile.PICKLE),
        ("data", hostile.PICKLE),
        ("data", hostile.call("os.system", "true")),
        ("origin", "background"),
        ("status", "paused"),
        ("timeout", "soon"),
        ("retry_intervals", "["),
    ],
)
def test_a_spoilt_record_of_the_tick_is_made_anew(field, value, redis, scheduler):
    scheduler.ensure_tick()
    redis.hset(f"rq:job:{TICK_ID}", field, value)
    scheduler.enqueue_jobs()
    assert redis.lrange(QUEUE, 0, -1) == [TICK_ID.encode()]
    assert SafeJob.fetch(TICK_ID, connection=redis).meta == {"interval": 60}
