"""A disk that is really full: the database lies in a small file system of its own, which somebody fills and tidies up.

Needs the right to mount one (root on Linux); `bin/drill` runs it.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.faults.house import House
from tests.faults.truth import assert_done_once
from tests.services import new_redis
from webapp.extensions import db
from webapp.models import RunStatus

DISK_MEGABYTES = 8


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "doplyw-drill", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system of its own: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def house(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    house = House(folder, f"sqlite:///{disk}/doplyw.sqlite3", new_redis(folder))
    try:
        house.start()
        yield house
    finally:
        house.stop()


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_imports_wait_on_a_full_disk_and_go_on_by_themselves_when_there_is_room(home, disk):
    home.shops.slow_down()
    runs = [home.run(home.new_import()) for _ in range(2)]
    home.reaches(runs[0], 2)
    ballast = disk / "ballast"
    fill(ballast)
    home.until("somebody notices", lambda: any("run_storage" in program.said() for program in home.programs.values()))
    assert home.look(runs[0]).status in (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.QUEUED)
    ballast.unlink()
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))
    with home.at_home():
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
