"""The long drill: twenty imports at once while whatever may die does so at random moments, and the vendor fails now and then.

Too slow for every day, which is why its name does not begin with test; `bin/drill` runs it.
"""

import os
import random
import signal
import sys
import time

import pytest
from sqlalchemy import func, select

from tests.faults.house import House, alive
from tests.faults.test_database_away import close_all_connections
from tests.faults.truth import assert_done_once
from tests.services import kill
from webapp.extensions import db
from webapp.models import Contact, ImportRun, RecurringImport
from webapp.models.database import start_reading, start_writing
from webapp.models.import_run import ACTIVE

IMPORTS = 20
# Longer than the lease of the drills: somebody else has the run when the frozen one wakes up.
FROZEN_SECONDS = 4
LONGEST_PAUSE = 1.5
PATIENCE = 400


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
        self.wake_up()
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


@pytest.mark.parametrize("seed", [int(seed) for seed in os.environ.get("DRILL_SEEDS", "1 2 3").split()])
def test_whatever_dies_at_whatever_moment_everybody_arrives_once(home, seed):
    sys.stdout.write(f"seed {seed}\n")
    home.shops.tell(fault="status", status=503, on="graphql", every=33)
    runs = [home.run(home.new_import()) for _ in range(IMPORTS)]
    before, blows, fallen = slots(home), Blows(home, seed), []
    deadline = time.monotonic() + PATIENCE
    try:
        while unfinished(home, runs):
            assert time.monotonic() < deadline, fallen
            time.sleep(blows.dice.uniform(0.1, LONGEST_PAUSE))
            fallen.append(blows.fall())
            home.revive()
    finally:
        blows.wake_up(everybody=True)
        sys.stdout.write(f"{len(fallen)} blows: {' '.join(fallen)}\n")
    home.shops.tell(action="clear")
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))
    assert slots(home) == before
    assert_nobody_is_doubled(home)
    assert not [pid for pid in blows.frozen if alive(pid)]


def assert_nobody_is_doubled(home: House) -> None:
    with home.at_home():
        doubled = select(Contact.list_id).group_by(Contact.list_id, Contact.email_key).having(func.count() > 1)
        assert db.session.scalars(doubled).all() == []
