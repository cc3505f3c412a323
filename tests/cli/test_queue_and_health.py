from datetime import timedelta

import pytest
from redis import RedisError

from tests.factories import make_recurring_import, make_run
from webapp.extensions import db
from webapp.models import Heartbeat, RunStatus
from webapp.models.database import now
from webapp.models.scope import everyone


class StandIn:
    """A queue of Redis, without Redis."""

    def __init__(self, name: str, count: int):
        self.name, self.count = name, count

    def empty(self) -> int:
        emptied, self.count = self.count, 0
        return emptied


@pytest.fixture
def queues(monkeypatch):
    waiting = [StandIn("tick", 1), StandIn("imports", 5), StandIn("background", 0)]
    monkeypatch.setattr("webapp.cli.queue.queues", lambda: waiting)
    return waiting


@pytest.fixture
def redis_is_there(monkeypatch):
    monkeypatch.setattr("webapp.health.checks.redis_answers", lambda: True)


def beat(*names: str) -> None:
    with everyone():
        db.session.add_all(Heartbeat(queue=name, worker="w", seen_at=now()) for name in names)
        db.session.commit()


def test_the_list_names_every_queue_with_what_waits(run, queues):
    answer = run("queue", "list")
    assert answer.exit_code == 0
    assert [line.split(":")[0] for line in answer.output.splitlines()] == ["tick", "imports", "background"]
    assert "5" in answer.output.splitlines()[1]


def test_draining_empties_every_queue_and_says_how_much(run, queues):
    answer = run("queue", "drain", "--yes")
    assert "6" in answer.output
    assert [each.count for each in queues] == [0, 0, 0]


def test_draining_asks_first(app, queues):
    answer = app.test_cli_runner().invoke(args=["queue", "drain"], input="n\n")
    assert answer.exit_code == 1
    assert [each.count for each in queues] == [1, 5, 0]


def test_a_redis_that_is_away_is_a_sentence_and_not_a_traceback(run):
    answer = run("queue", "list")
    assert answer.exit_code == 1
    assert not isinstance(answer.exception, RedisError)


def test_health_is_well_while_every_queue_is_worked_on(run, redis_is_there):
    beat("tick", "imports", "background")
    assert run("health").exit_code == 0


def test_health_counts_the_runs_that_have_lost_their_worker(run, redis_is_there, account):
    beat("tick", "imports", "background")
    make_run(make_recurring_import(), status=RunStatus.RUNNING, lease_until=now() - timedelta(seconds=1))
    answer = run("health")
    assert answer.exit_code == 0 and "1 import stracił swój proces" in answer.output


def test_health_names_the_queue_that_nobody_works_on(run, redis_is_there):
    beat("tick", "background")
    answer = run("health")
    assert answer.exit_code == 1
    assert "imports" in answer.output
    assert "background" not in answer.output


def test_health_tells_that_redis_is_away(run):
    beat("tick", "imports", "background")
    answer = run("health")
    assert answer.exit_code == 1
    assert "Redis" in answer.output
