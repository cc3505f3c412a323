"""Workers that die again and again: a bad hour of the machine ends no import, and a run that kills whoever works on it does end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import addresses, go_on, on_list
from webapp import importing
from webapp.extensions import db
from webapp.importing import runner, schedule
from webapp.importing.claim import MOST_ATTEMPTS, MOST_DEATHS, claim
from webapp.models import ImportRun, RunReason, RunStatus
from webapp.models.database import now

MINUTE = timedelta(minutes=1)


class Death(BaseException):
    """Nothing catches it, as nothing catches `kill -9`."""


@pytest.fixture
def run(app, account, vendors) -> ImportRun:
    app.config["PAGE_SIZE"], app.config["BACKOFF_SECONDS"] = 25, 60
    return schedule.run_now(factories.make_recurring_import())[0]


@pytest.fixture
def die(run, monkeypatch) -> Callable[[], bool]:
    """Claim the run and die before a page is committed; False where nobody may take it."""
    work = runner.Runner.work

    def fall(self) -> bool:
        raise Death

    def once() -> bool:
        monkeypatch.setattr(runner.Runner, "work", fall)
        try:
            importing.run(run.id)
        except Death:
            db.session.rollback()
            return True
        finally:
            monkeypatch.setattr(runner.Runner, "work", work)
        return False

    return once


def fresh(run: ImportRun) -> ImportRun:
    return db.session.get(ImportRun, run.id, populate_existing=True)


def pass_by(run: ImportRun, time: timedelta) -> None:
    """So much time goes by for the run: the clock stays, its moments move."""
    row = fresh(run)
    moved = {name: value - time for name in ("lease_until", "not_before") if (value := getattr(row, name))}
    db.session.execute(update(ImportRun).where(ImportRun.id == run.id).values(**moved))
    db.session.commit()


def take_one_page(run: ImportRun) -> None:
    runner.stopping.set()
    try:
        assert importing.run(run.id)
    finally:
        runner.stopping.clear()


@on_both_databases
def test_a_worker_that_died_is_made_up_for_as_soon_as_its_lease_is_over(run, die, vendors):
    assert die() and not die()
    pass_by(run, 2 * MINUTE + timedelta(seconds=1))
    assert go_on(run).status is RunStatus.DONE and on_list() == addresses(vendors)


@on_both_databases
def test_the_next_deaths_give_the_machine_time_to_come_to_its_senses(run, die):
    waits = []
    for _ in range(6):
        assert die()
        waited = 0
        while run.id not in dict(schedule.workable(now())):
            pass_by(run, MINUTE)
            waited += 1
        waits.append(waited)
    assert waits == [2, 3, 7, 17, 62, 62]


def test_deaths_that_come_quickly_end_no_run(run, die, vendors):
    for _ in range(MOST_ATTEMPTS + 2):
        assert die()
        pass_by(run, timedelta(hours=2))
    row = go_on(run)
    assert (row.status, row.deaths, row.attempts) == (RunStatus.DONE, 0, 0) and on_list() == addresses(vendors)


@on_both_databases
def test_a_run_that_kills_its_worker_every_time_ends_as_failed(run, die):
    for _ in range(MOST_DEATHS + 1):
        assert die()
        pass_by(run, timedelta(hours=2))
    assert not die()
    row = fresh(run)
    assert (row.status, row.reason) == (RunStatus.FAILED, RunReason.INTERNAL)
    assert row.finished_at is not None and row.fence == MOST_DEATHS + 2


def test_a_page_that_is_committed_makes_good_for_the_deaths_before_it(run, die):
    for _ in range(3):
        assert die()
        pass_by(run, timedelta(hours=2))
    take_one_page(run)
    row = fresh(run)
    assert (row.pages, row.deaths, row.not_before) == (1, 0, None)


def test_deaths_use_up_none_of_the_attempts_that_a_failing_vendor_has(run, die, vendors):
    vendors.tell(fault="status", status=503)
    for attempt in range(1, MOST_ATTEMPTS):
        assert die()
        pass_by(run, timedelta(hours=2))
        row = go_on(run)
        assert (row.status, row.attempts) == (RunStatus.WAITING, attempt)
        pass_by(run, timedelta(hours=2))
    assert go_on(run).status is RunStatus.FAILED


def test_a_vendor_that_fails_after_a_page_has_all_its_attempts_again(run, vendors):
    vendors.tell(fault="status", status=503, times=4 * (MOST_ATTEMPTS - 1))
    for _ in range(MOST_ATTEMPTS - 1):
        assert go_on(run).status is RunStatus.WAITING
        pass_by(run, timedelta(hours=2))
    vendors.tell(fault="status", status=503, on="graphql", after=7)
    row = go_on(run)
    assert row.pages > 0 and (row.status, row.attempts) == (RunStatus.WAITING, 0)
    assert row.not_before <= now() + MINUTE


def test_handing_a_run_over_is_no_failure(run):
    for _ in range(MOST_ATTEMPTS):
        claim(run.id).give_back()
    assert (fresh(run).status, fresh(run).attempts, fresh(run).deaths) == (RunStatus.QUEUED, 0, 0)


def test_a_run_that_rests_says_when_it_goes_on(run, die, client):
    for _ in range(2):
        assert die()
        pass_by(run, 3 * MINUTE)
    assert die()
    pass_by(run, 3 * MINUTE)
    assert fresh(run).rests
    page = client.get(f"/importy/{run.recurring_import_id}/postep", headers={"HX-Request": "true"}).text
    assert "Czeka na ponowienie" in page and "Następna próba" in page
