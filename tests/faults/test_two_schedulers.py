"""Two schedulers and two ticks at once, one of which dies at the wrong moment: each slot gets one run, and none is forgotten."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.faults.house import House
from tests.services import Program, python, until
from webapp.extensions import db
from webapp.models import ImportRun, RecurringImport
from webapp.models.database import now
from webapp.models.heartbeat import Heartbeat

ENTRIES = "rq:scheduler:scheduled_jobs"
DUE = 6
TICKS, PROCESSES, THREADS = 200, 4, 5


@pytest.fixture
def seconds(home: House) -> Iterator[list[Program]]:
    """A second scheduler and a second worker of the tick."""
    commands = (python("jobs.scheduler"), python("jobs.worker", "tick"))
    programs = [Program(command, home.folder / "second.log", home.environ) for command in commands]
    yield programs
    for program in programs:
        program.end()


def make_due(home: House, count: int = DUE) -> list[int]:
    ids = [home.new_import() for _ in range(count)]
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


def test_two_hundred_ticks_at_once_make_one_run_of_each_slot(home, tmp_path):
    home.shops.tell(action="resize", people=0)
    go, logs = tmp_path / "go", [tmp_path / f"ticks-{number}.log" for number in range(PROCESSES)]
    command = python("tests.faults.many_ticks", str(TICKS // PROCESSES), str(THREADS), str(go))
    programs = [Program(command, log, home.environ) for log in logs]
    until("all are ready", lambda: all("ready" in program.said() for program in programs))
    ids = make_due(home)
    go.touch()
    until("all have ticked", lambda: not any(program.running for program in programs))
    assert all(program.said().rstrip().endswith("done") for program in programs), [p.said()[-600:] for p in programs]
    ticks_once_more(home)
    assert runs_of(home, ids) == dict.fromkeys(ids, 1)


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
