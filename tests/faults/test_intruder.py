"""Whoever can write to Redis runs nothing of their own in workers and scheduler, and the work behind it goes on."""

from tests.faults.truth import assert_done_once
from tests.jobs import hostile
from tests.services import kill

ENTRIES = "rq:scheduler:scheduled_jobs"
KINDS = hostile.NOT_RUN | hostile.HARMLESS


def plant_everything(redis, queue: str) -> None:
    for kind, fields in KINDS.items():
        hostile.plant(redis, f"{queue} {kind}", queue, **{"data": hostile.call(hostile.LEAVE_TRACE)} | fields)


def test_hostile_jobs_in_every_queue_and_in_the_plan_stop_nothing(home):
    redis, before = home.redis.client(), pids(home)
    for queue in ("tick", "imports"):
        plant_everything(redis, queue)
    redis.zadd(ENTRIES, {f"imports-{number}": 1 for number in range(10)} | {"tick": 1e12})
    run_id = home.run(home.new_import())
    home.until("both queues are empty", lambda: not redis.exists("rq:queue:tick", "rq:queue:imports"))
    assert_done_once(home, home.ends(run_id))
    assert not home.trace.exists()
    assert pids(home) == before, "something died of it, and only the supervisor brought it back"


def pids(home) -> dict[str, int]:
    return {name: program.pid for name, program in home.programs.items()}


def test_what_a_worker_died_of_does_not_kill_the_next_one(home):
    redis = home.redis.client()
    plant_everything(redis, "imports")
    for name in ("imports-1", "imports-2", "scheduler"):
        kill(home.programs[name].pid)
    run_id = home.run(home.new_import())
    assert_done_once(home, home.ends(run_id))
    assert not home.trace.exists()
