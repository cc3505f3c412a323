"""What may die does die, in the middle of an import; nobody is lost, and nobody is counted twice."""

import os
import signal
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from jobs.queue import IMPORTS, RUN_IMPORT
from jobs.safejob import SafeQueue
from tests.faults.house import CAP, PAGE_SIZE, PEOPLE, alive
from tests.faults.test_two_schedulers import ticks_once_more
from tests.faults.truth import (
    assert_counters_add_up,
    assert_done_once,
    assert_everybody_is_there,
    expected,
    run_ids,
)
from tests.services import kill, until
from webapp.extensions import db
from webapp.models import Contact, ImportRun, RecurringImport, RunKind, RunStatus
from webapp.models.database import now

# What a claim asks the vendor besides pages: a token, fields, counts.
PREAMBLE = 6
PEOPLE_PAGES = PEOPLE // PAGE_SIZE
PAGE_SECONDS, GRACE = 1, 5


def test_an_import_survives_the_death_of_its_work_horses_and_workers(home, dice):
    home.shops.slow_down()
    run_id = home.run(home.new_import())
    for page, blow in zip(
        sorted(dice.sample(range(1, 7), 3)), (home.kill_horse, home.kill_worker, home.kill_horse), strict=True
    ):
        home.reaches(run_id, page)
        blow()
    run = home.ends(run_id)
    assert run.fence == 4
    assert_done_once(home, run)


def test_a_work_horse_that_froze_and_wakes_up_late_writes_nothing(home):
    home.shops.tell(fault="latency", on="graphql", after=PREAMBLE, times=1, ms=1500)
    run_id = home.run(home.new_import())
    home.reaches(run_id, 1)
    frozen = home.freeze_horse()
    home.until("somebody else goes on", lambda: home.look(run_id).fence == 2)
    kill(frozen, signal.SIGCONT)
    run = home.ends(run_id)
    until("the late one has left", lambda: not alive(frozen))
    assert_done_once(home, home.look(run_id))
    assert home.look(run_id).finished_at == run.finished_at


def test_runs_in_the_queue_and_in_work_survive_a_redis_that_is_emptied(home):
    home.shops.slow_down()
    runs = [home.run(home.new_import()) for _ in range(3)]
    home.reaches(runs[0], 2)
    home.redis.client().flushall()
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))


def test_runs_survive_the_death_of_redis_and_of_everything_in_it(home):
    home.shops.slow_down()
    runs = [home.run(home.new_import()) for _ in range(3)]
    home.reaches(runs[0], 2)
    home.redis.lose_everything()
    home.redis.start()
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))


def deliver(home, run_id: int, name: str) -> None:
    job = SafeQueue.prepare_data(RUN_IMPORT, args=[run_id], job_id=name, timeout=60, result_ttl=0, failure_ttl=60)
    SafeQueue(IMPORTS, connection=home.redis.client()).enqueue_many([job])


def are_over(home, *names: str) -> bool:
    """The tick may have told a third time, under a name of ours: then RQ notes a failure, since the record went with the first."""
    states = {home.redis.client().hget(f"rq:job:{name}", "status") for name in names}
    return states <= {None, b"failed"}


def test_a_job_that_is_delivered_twice_imports_once(home):
    run_id = home.run(home.new_import())
    deliver(home, run_id, "again")
    assert_done_once(home, home.ends(run_id))
    home.until("both jobs are over", lambda: are_over(home, f"run-{run_id}-0", "again"))
    assert home.look(run_id).fence == 1


def test_a_job_of_a_finished_run_asks_the_vendor_nothing(home):
    run_id = home.run(home.new_import())
    home.ends(run_id)
    home.until("the job is over", lambda: are_over(home, f"run-{run_id}-0"))
    before, calls = home.look(run_id), home.shops.calls()
    deliver(home, run_id, "late")
    home.until("the late job is over", lambda: are_over(home, "late"))
    after = home.look(run_id)
    assert home.shops.calls() == calls
    assert (after.fence, after.finished_at, after.fetched) == (before.fence, before.finished_at, before.fetched)


@pytest.mark.parametrize("whom", ["the worker", "the whole group"])
def test_a_deploy_hands_a_run_over_after_the_page_in_hand(home, whom):
    home.shops.slow_down()
    run_id = home.run(home.new_import())
    home.reaches(run_id, 3)
    home.shops.tell(fault="latency", ms=PAGE_SECONDS * 1000)  # so that there is something left to hand over
    name, horse = home.horse()
    stopped, asked = home.programs[name], time.monotonic()
    if whom == "the worker":
        stopped.signal(signal.SIGTERM)
    else:
        kill(horse, signal.SIGTERM)  # it has a group of its own; systemd and containers reach it all the same
        os.killpg(stopped.pid, signal.SIGTERM)
    until("the worker has ended", lambda: not stopped.running)
    assert time.monotonic() - asked <= PAGE_SECONDS + GRACE
    read, calls = home.look(run_id), home.shops.calls()
    assert not alive(horse)
    assert read.pages < PEOPLE_PAGES
    assert read.status is RunStatus.QUEUED or read.fence == 2, "handed over, not left to its lease"
    home.shops.tell(action="clear", fault="latency")
    run = home.ends(run_id)
    assert_done_once(home, run)
    assert home.shops.calls() - calls <= PEOPLE_PAGES - read.pages + PREAMBLE + 2


def test_a_slot_fires_by_itself_and_brings_the_people(home):
    recurring_import_id = home.new_import()
    with home.at_home():
        due = now() - timedelta(seconds=1)
        db.session.execute(
            update(RecurringImport).where(RecurringImport.id == recurring_import_id).values(next_slot=due)
        )
        db.session.commit()
    run_id = home.until("the tick makes a run", lambda: run_of(home, recurring_import_id))
    run = home.ends(run_id)
    assert run.kind is RunKind.SCHEDULED
    assert_done_once(home, run)


def test_five_days_of_standstill_are_made_up_for_by_one_run(home):
    recurring_import_id = home.new_import()
    with home.at_home():
        before = now() - timedelta(days=5)
        db.session.execute(
            update(RecurringImport).where(RecurringImport.id == recurring_import_id).values(next_slot=before)
        )
        db.session.commit()
    run = home.ends(home.until("the tick makes a run", lambda: run_of(home, recurring_import_id)))
    assert_done_once(home, run)
    ticks_once_more(home)
    with home.at_home():
        assert run_ids(home, [recurring_import_id]) == [run.id]
        recurring_import, moment = db.session.get(RecurringImport, recurring_import_id), now()
    assert moment - timedelta(days=1, hours=1) <= run.slot <= moment < recurring_import.next_slot
    assert recurring_import.next_slot <= moment + timedelta(days=1, hours=1)


def test_a_run_that_lost_its_worker_shows_as_a_number_and_goes_on_by_itself(home):
    home.shops.slow_down()
    run_id = home.run(home.new_import())
    home.reaches(run_id, 2)
    for name in ("imports-1", "imports-2"):
        home.programs[name].kill()
    until("its lease is over", lambda: lost(home) == 1)
    assert_done_once(home, home.ends(run_id))
    assert lost(home) == 0


def lost(home) -> int:
    with home.app.test_client() as client:
        return client.get("/healthz").json["runs_past_their_lease"]


def run_of(home, recurring_import_id: int) -> int | None:
    with home.at_home():
        return db.session.scalar(select(ImportRun.id).where(ImportRun.recurring_import_id == recurring_import_id))


def test_the_cap_holds_through_a_death_at_the_limit_and_the_next_run_brings_the_rest(home):
    home.shops.slow_down()
    home.shops.tell(action="resize", people=600)
    recurring_import_id = home.new_import()
    first_id = home.run(recurring_import_id)
    last_page = CAP // PAGE_SIZE
    home.until("the limit is near", lambda: home.look(first_id).pages >= last_page)
    home.kill_horse()
    first = home.ends(first_id, RunStatus.DONE_CAPPED)
    assert first.added == CAP == people_on(home, first)
    assert_counters_add_up(home, first)
    second = home.ends(home.run(recurring_import_id))
    assert_counters_add_up(home, second)
    assert_everybody_is_there(home, second)
    assert second.added == people_on(home, second) - CAP


def people_on(home, run: ImportRun) -> int:
    with home.at_home():
        return db.session.scalar(select(func.count(Contact.id)).where(Contact.list_id == run.settings["list_id"]))


def test_two_imports_into_one_list_at_once_add_everybody_once(home):
    first = home.new_import()
    runs = [home.run(recurring) for recurring in (first, home.second_import(first))]
    ended = [home.ends(run_id) for run_id in runs]
    for run in ended:
        assert_everybody_is_there(home, run)
        assert_counters_add_up(home, run)
    assert ended[0].fence == ended[1].fence == 1
    assert sum(run.added for run in ended) == len(set(expected(home.shops.truth()).values()))
