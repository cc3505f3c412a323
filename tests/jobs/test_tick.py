"""The tick: whatever should happen and does not happen by itself, it finds in the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from jobs import schedule
from jobs.queue import enqueue_run
from tests import factories
from tests.databases import on_both_databases
from webapp.extensions import db
from webapp.models import ImportRun, RecurringImport, RunKind, RunReason, RunStatus, Schedule
from webapp.models.database import now
from webapp.models.heartbeat import last_beats
from webapp.models.scope import acting_for

AT_ONCE = 8


@pytest.fixture
def tick(worker_app, account):
    """The job itself, as a worker runs it. The test's own transaction must not stand in its way."""

    def once() -> None:
        db.session.commit()
        schedule.tick()
        db.session.expire_all()

    return once


def due_import(**values) -> RecurringImport:
    return factories.make_recurring_import(**{"next_slot": now() - timedelta(seconds=1)} | values)


def runs() -> list[ImportRun]:
    return list(db.session.scalars(select(ImportRun).order_by(ImportRun.id)))


def a_run(**values) -> ImportRun:
    return factories.make_run(factories.make_recurring_import(), **values)


def test_a_slot_that_is_due_becomes_a_run_and_the_workers_hear_of_it(tick, imports_queue):
    due_import()
    tick()
    (run,) = runs()
    assert (run.kind, run.status) == (RunKind.SCHEDULED, RunStatus.QUEUED)
    assert imports_queue.get_job_ids() == [f"run-{run.id}-0"]


def test_a_slot_that_is_not_due_makes_no_run(tick, imports_queue):
    due_import(next_slot=now() + timedelta(minutes=5))
    tick()
    assert runs() == []
    assert imports_queue.is_empty()


def test_a_stopped_import_makes_no_run(tick):
    due_import(schedule=Schedule.STOPPED)
    tick()
    assert runs() == []


@on_both_databases
def test_the_next_slot_is_one_day_on_and_a_second_tick_makes_nothing(tick):
    recurring_import = due_import()
    tick()
    tick()
    assert len(runs()) == 1
    assert timedelta(0) < recurring_import.next_slot - now() <= timedelta(hours=25)


@on_both_databases
def test_ticks_at_the_same_moment_make_one_run_for_each_slot(app, tick, redis):
    integration, contact_list = factories.make_integration(), factories.make_list()
    wanted = {due_import(integration=integration, contact_list=contact_list).id for _ in range(5)}
    db.session.commit()
    start = Barrier(AT_ONCE)

    def one(_: int) -> None:
        start.wait()
        schedule.tick()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(AT_ONCE)))
    made = [run.recurring_import_id for run in runs()]
    assert sorted(made) == sorted(wanted)


def test_a_run_whose_worker_died_is_told_again(tick, imports_queue):
    run = a_run(status=RunStatus.RUNNING, fence=2, lease_until=now() - timedelta(seconds=1))
    tick()
    assert imports_queue.get_job_ids() == [f"run-{run.id}-2"]


def test_a_run_that_somebody_works_on_is_left_alone(tick, imports_queue):
    a_run(status=RunStatus.RUNNING, fence=2, lease_until=now() + timedelta(minutes=2))
    tick()
    assert imports_queue.is_empty()


def test_a_waiting_run_is_told_when_its_time_has_come(tick, imports_queue):
    run = a_run(status=RunStatus.WAITING, fence=1, not_before=now() - timedelta(seconds=1))
    tick()
    assert imports_queue.get_job_ids() == [f"run-{run.id}-1"]


def test_a_waiting_run_is_not_told_before(tick, imports_queue):
    a_run(status=RunStatus.WAITING, fence=1, not_before=now() + timedelta(minutes=5))
    tick()
    assert imports_queue.is_empty()


@pytest.mark.parametrize(
    "status", [RunStatus.HELD, RunStatus.DONE, RunStatus.DONE_CAPPED, RunStatus.FAILED, RunStatus.CANCELLED]
)
def test_a_run_that_ended_or_asks_is_not_told(tick, imports_queue, status):
    a_run(status=status, progress_at=now())
    tick()
    assert imports_queue.is_empty()


def test_a_run_that_is_in_the_queue_is_not_put_there_again(tick, imports_queue):
    run = a_run()
    enqueue_run(run.id)
    tick()
    tick()
    assert imports_queue.get_job_ids() == [f"run-{run.id}-0"]


def test_a_run_of_a_redis_that_was_emptied_is_told_again(tick, redis, imports_queue):
    run = a_run()
    enqueue_run(run.id)
    redis.flushall()
    tick()
    assert imports_queue.get_job_ids() == [f"run-{run.id}-0"]


def test_the_runs_of_all_accounts_are_found(tick, foreign, imports_queue):
    with acting_for(foreign.id):
        run = a_run()
    tick()
    assert imports_queue.get_job_ids() == [f"run-{run.id}-0"]


def test_a_question_that_nobody_answers_for_a_week_ends_the_run(tick):
    run = a_run(
        status=RunStatus.HELD, reason=RunReason.SUSPICIOUS_DROP, progress_at=now() - timedelta(days=7, minutes=1)
    )
    tick()
    assert (run.status, run.reason) == (RunStatus.FAILED, RunReason.UNANSWERED)
    assert run.finished_at is not None


def test_a_question_may_wait_for_six_days(tick):
    run = a_run(status=RunStatus.HELD, reason=RunReason.SUSPICIOUS_DROP, progress_at=now() - timedelta(days=6))
    tick()
    assert run.status is RunStatus.HELD


def test_a_slot_waits_while_the_run_before_asks_and_is_made_up_for_afterwards(tick):
    recurring_import = due_import()
    held = factories.make_run(recurring_import, status=RunStatus.HELD, progress_at=now())
    tick()
    assert runs() == [held]
    db.session.execute(update(ImportRun).values(status=RunStatus.DONE))
    tick()
    assert len(runs()) == 2


def test_old_things_are_purged_once_a_day(tick, redis):
    for _ in range(3):
        tick()
    assert redis.lrange("rq:queue:background", 0, -1) == [b"purge"]


def test_the_tick_is_the_sign_of_life_of_its_queue(tick):
    tick()
    assert now() - last_beats()["tick"] < timedelta(minutes=1)


def test_without_redis_the_tick_still_makes_the_runs(settings, redis, request):
    settings["REDIS_URL"] = "unix:///nonexistent/redis.sock"
    tick = request.getfixturevalue("tick")
    due_import()
    tick()
    assert len(runs()) == 1
