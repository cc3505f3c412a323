"""Signs of life: the banner on every page, and /healthz for whoever watches."""

from datetime import timedelta

import pytest
from redis import RedisError
from sqlalchemy.exc import OperationalError

from jobs.queue import QUEUES
from tests.factories import make_integration, make_list, make_recurring_import, make_run
from webapp.extensions import db
from webapp.health import checks, heartbeats
from webapp.health.heartbeats import standing_queues
from webapp.models import Heartbeat, RunStatus
from webapp.models.database import now


class FakeRedis:
    def __init__(self, error: Exception | None = None):
        self.error = error

    def ping(self) -> bool:
        if self.error:
            raise self.error
        return True


@pytest.fixture
def redis(monkeypatch):
    monkeypatch.setattr(checks.queue, "connection", lambda: FakeRedis())


@pytest.fixture
def beating(account):
    for name in QUEUES:
        beat(name)


def beat(queue: str, worker: str = "w1", **ago: float) -> None:
    db.session.merge(Heartbeat(queue=queue, worker=worker, seen_at=now() - timedelta(**ago)))
    db.session.commit()


def test_all_is_well_while_every_part_answers(anonymous, beating, redis):
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.json["ok"]) == (200, True)
    assert set(answer.json["queues"]) == {"tick", "imports", "background"}


def test_redis_that_is_away_is_a_fault(anonymous, beating, monkeypatch):
    monkeypatch.setattr(checks.queue, "connection", lambda: FakeRedis(RedisError("secret address")))
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.json["redis"], answer.json["database"]) == (503, False, True)
    assert "secret address" not in answer.text


def test_a_database_that_is_away_is_a_fault(anonymous, redis, monkeypatch):
    def fail():
        raise OperationalError("SELECT secret", {}, Exception("secret address"))

    monkeypatch.setattr(checks, "last_seen", fail)
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"ok": False, "database": False, "redis": True})


@pytest.mark.parametrize("queue", ["tick", "imports", "background"])
def test_a_queue_without_a_sign_of_life_for_three_minutes_is_a_fault(anonymous, beating, redis, queue):
    beat(queue, minutes=4)
    answer = anonymous.get("/healthz")
    assert answer.status_code == 503
    assert 239 <= answer.json["queues"][queue] <= 300


def test_a_queue_that_never_lived_is_a_fault(anonymous, account, redis):
    beat("tick"), beat("imports")
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.json["queues"]["background"]) == (503, None)


def test_one_living_worker_is_enough_for_a_queue(anonymous, beating, redis):
    beat("imports", worker="dead", days=2)
    assert anonymous.get("/healthz").status_code == 200


def test_a_run_that_nobody_takes_is_reported_with_its_age(anonymous, beating, redis):
    make_run(make_recurring_import(), status=RunStatus.QUEUED, created_at=now() - timedelta(minutes=10))
    assert 599 <= anonymous.get("/healthz").json["oldest_overdue_run"] <= 700


@pytest.mark.parametrize(
    "values",
    [
        {"status": RunStatus.RUNNING, "lease_until": timedelta(minutes=1)},
        {"status": RunStatus.WAITING, "not_before": timedelta(minutes=1)},
        {"status": RunStatus.HELD},
    ],
)
def test_a_run_that_is_worked_on_or_has_to_wait_is_not_overdue(anonymous, beating, redis, values):
    later = {name: now() + value for name, value in values.items() if name != "status"}
    make_run(make_recurring_import(), status=values["status"], **later)
    assert anonymous.get("/healthz").json["oldest_overdue_run"] is None


def test_runs_that_have_lost_their_worker_are_counted(anonymous, beating, redis):
    imports = [make_recurring_import(make_integration(f"shop-{name}"), make_list(name)) for name in "abc"]
    for one, left in zip(imports, (-timedelta(hours=1), -timedelta(seconds=1), timedelta(minutes=1)), strict=True):
        make_run(one, status=RunStatus.RUNNING, lease_until=now() + left)
    assert anonymous.get("/healthz").json["runs_past_their_lease"] == 2


def test_a_run_that_rests_is_late_only_since_its_rest_is_over(anonymous, beating, redis):
    lease = now() - timedelta(hours=1)
    make_run(
        make_recurring_import(), status=RunStatus.RUNNING, lease_until=lease, not_before=now() - timedelta(minutes=1)
    )
    answer = anonymous.get("/healthz").json
    assert 59 <= answer["oldest_overdue_run"] <= 120 and answer["runs_past_their_lease"] == 1


def test_nothing_of_an_account_is_reported(anonymous, beating, redis):
    saved_run = make_run(make_recurring_import(), status=RunStatus.QUEUED)
    text = anonymous.get("/healthz").text
    assert "bukowina" not in text.lower() and saved_run.recurring_import.contact_list.name not in text


@pytest.fixture
def long_running(monkeypatch):
    """This process has run for an hour."""
    monkeypatch.setattr(heartbeats, "STARTED", now() - timedelta(hours=1))


def test_no_banner_while_the_workers_may_still_be_starting(client, monkeypatch):
    monkeypatch.setattr(heartbeats, "STARTED", now())
    assert 'class="standstill"' not in client.get("/integracje").text


def test_the_banner_names_the_queue_that_stands_still(client, beating, long_running):
    beat("imports", minutes=4)
    [sentence] = standing_queues()
    assert "imports" in sentence
    assert client.get("/integracje").text.count('class="standstill"') == 1


def test_no_banner_while_all_queues_live(client, beating):
    assert 'class="standstill"' not in client.get("/integracje").text


def test_the_banner_is_for_signed_in_people(anonymous):
    assert 'class="standstill"' not in anonymous.get("/logowanie").text
