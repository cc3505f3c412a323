"""Clocks that jump, are wrong or stand still: one run a local day, one made up for, and no lease taken from the living."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from tests import factories
from tests.databases import on_both_databases
from webapp import importing
from webapp.extensions import db
from webapp.importing import schedule
from webapp.importing.claim import claim
from webapp.models import ImportRun, RecurringImport, RunKind, RunStatus
from webapp.models.account import Account
from webapp.models.database import now

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """This process believes it is `moment`; PostgreSQL does not."""
    with time_machine.travel(moment, tick=False):
        yield


def tick_at(moment: datetime) -> None:
    """What the tick does with the schedules; the runs that it makes end at once."""
    with clock_at(moment):
        schedule.create_due(now())
        db.session.execute(update(ImportRun).values(status=RunStatus.DONE, finished_at=now()))
        db.session.commit()


def slots(account) -> list[datetime]:
    """The slots of all runs in local time."""
    zone = db.session.get(Account, account.id).zone
    return sorted(slot.astimezone(zone) for slot in db.session.scalars(select(ImportRun.slot)))


def planned(hour: str, since: datetime) -> RecurringImport:
    recurring_import = factories.make_recurring_import(hour=hour)
    with clock_at(since):
        schedule.set_next_slot(recurring_import)
        db.session.commit()
    return recurring_import


@pytest.mark.parametrize(
    "change", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)], ids=["autumn", "spring"]
)
@pytest.mark.parametrize("hour", ["00:00", "02:00", "02:30", "03:00"])
def test_around_a_clock_change_every_local_day_has_one_run(app, account, change, hour):
    start = change - 3 * DAY + 12 * HOUR
    planned(hour, start)
    for quarter in range(6 * 24 * 4):
        tick_at(start + quarter * HOUR / 4)
    days = [slot.date() for slot in slots(account)]
    assert len(days) == len(set(days)) == 6
    assert (days[-1] - days[0]).days == 5


@pytest.mark.parametrize("standstill", [26 * HOUR, 5 * DAY], ids=["26 hours", "5 days"])
def test_after_a_standstill_one_run_makes_up_for_all(app, account, standstill):
    start = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
    recurring_import = planned("06:15", start)
    tick_at(start + 6 * HOUR)
    awake = start + 6 * HOUR + standstill
    for minute in range(3):
        tick_at(awake + timedelta(minutes=minute))
    made = slots(account)
    assert len(made) == 2
    assert awake - DAY <= made[-1].astimezone(UTC) <= awake < recurring_import.next_slot <= awake + DAY


@pytest.mark.parametrize("back", [HOUR, 3 * DAY], ids=["1 hour", "3 days"])
def test_a_clock_that_goes_back_makes_no_second_run_of_a_slot(app, account, back):
    start = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
    planned("06:15", start)
    for quarter in range(4 * 24 * 4):
        tick_at(start + quarter * HOUR / 4)
    made = slots(account)
    for quarter in range(int(back / HOUR) * 4 + 8):
        tick_at(start + 4 * DAY - back + quarter * HOUR / 4)
    assert slots(account) == made


def test_a_clock_that_was_days_ahead_for_a_moment_does_not_put_imports_off(app, account):
    start = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
    planned("06:15", start)
    tick_at(start + 12 * HOUR)
    tick_at(start + 3 * DAY + 12 * HOUR)
    for quarter in range(2 * 24 * 4):
        tick_at(start + 12 * HOUR + quarter * HOUR / 4)
    assert {slot.day for slot in slots(account)} >= {10, 11, 12}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("wrong", [-HOUR, HOUR, 3 * DAY], ids=["1 hour behind", "1 hour ahead", "3 days ahead"])
def test_a_worker_with_a_wrong_clock_takes_no_lease_from_the_living(app, account, vendors, wrong):
    run, _ = schedule.run_now(factories.make_recurring_import())
    held = claim(run.id)
    db.session.commit()
    true = now()
    with clock_at(datetime.now(UTC) + wrong):
        assert abs(now() - true) < HOUR / 2
        assert schedule.workable(now()) == []
        assert claim(run.id) is None and not importing.run(run.id)
    assert db.session.get(ImportRun, run.id, populate_existing=True).fence == held.fence
    assert vendors.calls == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_scheduler_with_a_wrong_clock_makes_no_run_before_its_time(app, account):
    recurring_import = factories.make_recurring_import(next_slot=now() + 2 * HOUR)
    with clock_at(datetime.now(UTC) + 3 * DAY):
        schedule.create_due(now())
    assert db.session.scalars(select(ImportRun)).all() == []
    assert recurring_import.next_slot > now()


@on_both_databases
def test_a_run_by_hand_moves_no_slot(app, account):
    recurring_import = factories.make_recurring_import(next_slot=now() + 2 * HOUR)
    before = recurring_import.next_slot
    run, _ = schedule.run_now(recurring_import)
    assert run.kind is RunKind.MANUAL and recurring_import.next_slot == before
