"""What a hostile vendor may cost in memory: a worker that is sent hundreds of megabytes keeps a few of them."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.house import IMPORTERS
from tests.faults.test_database_away import on
from webapp.models import RunStatus

MEGABYTE = 1024  # of /proc's kilobytes
MOST_GROWTH = 50 * MEGABYTE
MOST_SECONDS = 5
HOSTILE = {
    "declared": {"fault": "huge"},
    "chunked": {"fault": "huge", "chunked": True},
    "gzip bomb": {"fault": "gzip_bomb"},
    "header": {"fault": "big_header"},
}


@contextmanager
def watched(home) -> Iterator[list[int]]:
    """The highest memory (kilobytes) of any work-horse within the block, as the only value of the list."""
    highest, over = [0], threading.Event()

    def look() -> None:
        while not over.is_set():
            for pid in [pid for name in IMPORTERS for pid in home.programs[name].children()]:
                highest[0] = max(highest[0], peak_of(pid))
            time.sleep(0.005)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield highest
    over.set()
    thread.join()


def peak_of(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


@pytest.fixture(scope="module")
def usual() -> dict[str, int]:
    """What an ordinary import costs, measured once for each house."""
    return {}


@on("sqlite")
@pytest.mark.parametrize("kind", HOSTILE)
def test_an_answer_that_is_much_too_large_costs_little_memory_and_little_time(home, kind, usual):
    if not usual:
        with watched(home) as highest:
            home.ends(home.run(home.new_import()))
        usual["peak"] = highest[0]
    home.shops.tell(**HOSTILE[kind], on="graphql", after=4)
    run_id = home.run(home.new_import())
    with watched(home) as highest:
        home.until("somebody works on it", lambda: home.look(run_id).fence)
        started = time.monotonic()
        run = home.until("it gives up", lambda: gave_up(home.look(run_id)))
        assert time.monotonic() - started <= MOST_SECONDS
    assert run.reason in ("vendor_too_large", "vendor_bad_response"), run.reason
    sys.stdout.write(f"{kind}: {highest[0] // MEGABYTE} MB at most, usually {usual['peak'] // MEGABYTE} MB\n")
    assert 0 < highest[0] <= usual["peak"] + MOST_GROWTH


def gave_up(run):
    return run if run.status in (RunStatus.WAITING, RunStatus.FAILED) else None
