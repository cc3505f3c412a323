"""A death at the very line where something would be lost or done twice: every slot has its run, once, and the tick goes on."""

import pytest

from tests.faults import dying
from tests.faults.test_two_schedulers import ENTRIES, make_due, runs_of, ticks_once_more
from tests.faults.truth import run_ids
from tests.services import Program, python, until
from webapp.models import RunStatus

FEW = 2
PROGRAMS = {
    "before telling": ("tick", ("jobs.worker", "tick")),
    "after telling": ("tick", ("jobs.worker", "tick")),
    "before zrem": ("scheduler", ("jobs.scheduler",)),
    "between zrem and zadd": ("scheduler", ("jobs.scheduler",)),
}


@pytest.mark.parametrize("point", PROGRAMS)
def test_a_death(home, point, tmp_path):
    home.shops.tell(action="resize", people=0)
    name, arguments = PROGRAMS[point]
    home.programs[name].kill()
    mark = tmp_path / "died"
    command = python("tests.faults.dying", point, *arguments)
    doomed = Program(command, home.folder / "doomed.log", home.environ | {dying.MARK: str(mark)})
    home.programs[name] = doomed
    ids = make_due(home, FEW)
    until("it dies there", lambda: mark.exists() and not doomed.running)
    home.until("every import has a run", lambda: len(runs_of(home, ids)) == FEW)
    for run_id in run_ids(home, ids):
        assert home.ends(run_id, RunStatus.DONE).fence == 1
    ticks_once_more(home)
    assert set(runs_of(home, ids).values()) == {1}
    home.until("the tick is planned again", lambda: home.redis.client().zscore(ENTRIES, "tick") is not None)
