"""Two schedulers and two ticks at once, one of which dies at the wrong moment: each slot gets one run, and none is forgotten."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.faults.house import House
from tests.services import Program, python
from webapp.extensions import db
from webapp.models import ImportRun, RecurringImport
from webapp.models.database import now
from webapp.models.heartbeat import Heartbeat

ENTRIES = "rq:scheduler:scheduled_jobs"
DUE = 12


@pytest.fixture
def seconds(home: House) -> Iterator[list[Program]]:
    """A second scheduler and a second worker of the tick."""
    commands = (python("jobs.scheduler"), python("jobs.worker", "tick"))
    programs = [Program(command, home.folder / "second.log", home.environ) for command in commands]
    yield programs
    for program in programs:
        program.end()


def make_due(home: House) -> list[int]:
    ids = [home.new_import() for _ in range(DUE)]
    with home.at_home():
        due = now() - timedelta(seconds=1)
        db.session.execute(update(RecurringImport).where(RecurringImport.id.in_(ids)).values(next_slot=due))
        db.session.commit()
    return ids


def runs_of(home: House, ids: list[int]) -> dict[int, int]:
    of_each = select(ImportRun.recurring_import_id, func.count()).group_by(ImportRun.recurring_import_id)
    with home.at_home():
        return dict(map(tuple, db.session.execute(of_each.where(ImportRun.recurring_import_id.in_(ids)))))


def ticks_once_more(home: House) -> None:
    def beat() -> object:
        with home.at_home():
            return db.session.scalar(select(func.max(Heartbeat.seen_at)).where(Heartbeat.queue == "tick"))

    before = beat()
    home.until("a tick", lambda: beat() > before)


def test_two_schedulers_make_one_run_of_each_slot(home, seconds):
    home.shops.tell(action="resize", people=0)
    ids = make_due(home)
    home.until("every import has a run", lambda: len(runs_of(home, ids)) == DUE)
    for _ in range(3):
        ticks_once_more(home)
    assert set(runs_of(home, ids).values()) == {1}


def test_a_scheduler_that_dies_between_its_two_steps_forgets_nothing(home):
    home.shops.tell(action="resize", people=0)
    for _ in range(3):
        home.programs["scheduler"].kill()
        home.redis.client().zrem(ENTRIES, "tick")
        home.revive()
    ids = make_due(home)
    home.until("every import has a run", lambda: len(runs_of(home, ids)) == DUE)
    ticks_once_more(home)
    assert set(runs_of(home, ids).values()) == {1}
