"""The long drill: a hundred imports of a thousand people at once while whatever may die does so at random moments, and the vendor
fails now and then. `bin/drill` runs it with three seeds, of which the first gets the whole hundred; `test_random_blows.py` is the
small one of every day.
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from tests.faults.conftest import a_house, on_each_database
from tests.faults.house import House, alive
from tests.faults.test_database_away import close_all_connections
from tests.faults.truth import assert_done_once
from tests.services import kill
from webapp.extensions import db
from webapp.models import Contact, ImportRun, RecurringImport
from webapp.models.database import start_reading, start_writing
from webapp.models.import_run import ACTIVE

MANY = 1000
WHOLE, SHORT = {"imports": 100, "most_blows": 100}, {"imports": 30, "most_blows": 30}
SEEDS = [int(seed) for seed in os.environ.get("DRILL_SEEDS", "1 2 3").split()]
# Longer than the lease of the drills: somebody else has the run when the frozen one wakes up.
FROZEN_SECONDS = 4
LONGEST_PAUSE = 1.5
PATIENCE = 600


class Blows:
    """What falls on the house. Each blow leaves alone what is not there at the moment."""

    def __init__(self, home: House, seed: int):
        self.home, self.dice, self.frozen = home, random.Random(seed), {}
        self.kinds = [
            self.kill_horse,
            self.kill_horse,
            self.kill_worker,
            self.freeze_horse,
            self.kill_scheduler,
            self.empty_redis,
            self.kill_redis,
        ]
        with home.at_home():
            self.kinds += [self.cut_connections] if db.engine.dialect.name == "postgresql" else []

    def fall(self) -> str:
        blow = self.dice.choice(self.kinds)
        blow()
        return blow.__name__

    def horses(self) -> list[int]:
        return [pid for name in ("imports-1", "imports-2") for pid in self.home.programs[name].children()]

    def kill_horse(self) -> None:
        for pid in self.horses()[:1]:
            kill(pid)

    def kill_worker(self) -> None:
        self.home.programs[self.dice.choice(("imports-1", "imports-2", "tick"))].kill()

    def freeze_horse(self) -> None:
        for pid in self.horses()[-1:]:
            kill(pid, signal.SIGSTOP)
            self.frozen[pid] = time.monotonic() + FROZEN_SECONDS

    def wake_up(self, everybody: bool = False) -> None:
        for pid, due in list(self.frozen.items()):
            if everybody or time.monotonic() > due:
                kill(pid, signal.SIGCONT)
                del self.frozen[pid]

    def kill_scheduler(self) -> None:
        self.home.programs["scheduler"].kill()

    def empty_redis(self) -> None:
        self.home.redis.client().flushall()

    def kill_redis(self) -> None:
        self.home.redis.lose_everything()
        self.home.redis.start()

    def cut_connections(self) -> None:
        with self.home.at_home():
            close_all_connections()


def unfinished(home: House, runs: list[int]) -> int:
    """Only reads: on SQLite a frozen process may hold the lock of those who write."""
    query = select(func.count(ImportRun.id)).where(ImportRun.id.in_(runs), ImportRun.status.in_(ACTIVE))
    with home.at_home():
        start_reading()
        try:
            return db.session.scalar(query)
        finally:
            db.session.rollback()
            start_writing()


def slots(home: House) -> list[tuple[int, object]]:
    with home.at_home():
        return [tuple(row) for row in db.session.execute(select(RecurringImport.id, RecurringImport.next_slot))]


def survive(home: House, seed: int, imports: int, most_blows: int) -> None:
    """So many imports, blows until the last of them has ended or so many have fallen, and everybody there, once."""
    sys.stdout.write(f"seed {seed}\n")
    home.shops.tell(fault="status", status=503, on="graphql", every=33)
    runs = [home.run(home.new_import()) for _ in range(imports)]
    before, blows, fallen = slots(home), Blows(home, seed), []
    started = time.monotonic()
    try:
        while left := unfinished(home, runs):
            assert time.monotonic() - started < PATIENCE, f"{left} left after {len(fallen)} blows"
            time.sleep(blows.dice.uniform(0.1, LONGEST_PAUSE))
            if len(fallen) < most_blows:
                fallen.append(blows.fall())
            blows.wake_up()
            home.revive()
    finally:
        blows.wake_up(everybody=True)
        sys.stdout.write(f"{len(fallen)} blows in {time.monotonic() - started:.0f} s: {dict(Counter(fallen))}\n")
    home.shops.tell(action="clear")
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))
    assert slots(home) == before
    assert_nobody_is_doubled(home)
    assert not [pid for pid in blows.frozen if alive(pid)]


@pytest.fixture(scope="session")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A thousand people have to fit under the limit, and the vendor answers at once: it is our own work that is hit."""
    yield from a_house(request, tmp_path_factory, people=MANY, latency_ms=0, IMPORT_CAP="10000")


@pytest.mark.parametrize("seed", SEEDS)
@on_each_database
def test_whatever_dies_at_whatever_moment_everybody_arrives_once(home, seed):
    survive(home, seed, **(WHOLE if seed == SEEDS[0] else SHORT))


def assert_nobody_is_doubled(home: House) -> None:
    with home.at_home():
        doubled = select(Contact.list_id).group_by(Contact.list_id, Contact.email_key).having(func.count() > 1)
        assert db.session.scalars(doubled).all() == []
