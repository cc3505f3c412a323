"""A disk that is really full: the database lies in a small file system of its own, which somebody fills and tidies up.

Needs the right to mount one (root on Linux); `bin/drill` runs it.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.faults.house import SEAMS, House
from tests.faults.truth import assert_done_once
from tests.services import new_redis
from webapp.extensions import db
from webapp.importing.claim import MOST_DEATHS

DISK_MEGABYTES = 8
NOTE = 40_000  # bytes: enough for a claim and for its end, and not for a page of people
LEASE_SECONDS = int(SEAMS["LEASE_SECONDS"])


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


def leave(room: int, ballast: Path) -> None:
    """Fill the disk, or tidy it up, so that so many bytes are free."""
    facts = os.statvfs(ballast.parent)
    excess = facts.f_bavail * facts.f_frsize - room
    size = ballast.stat().st_size
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        if excess < 0:
            file.truncate(max(0, size + excess))
        for _ in range(0, excess, 4096):
            file.write(bytes(4096))


def test_imports_wait_on_a_full_disk_and_go_on_by_themselves_when_there_is_room(home, disk):
    """A run can note that it waits, and a page does not fit; then not even that fits; then somebody tidies up."""
    home.shops.slow_down()
    runs = [home.run(home.new_import()) for _ in range(2)]
    home.reaches(runs[0], 2)
    ballast = disk / "ballast"
    ballast.touch()

    def claims() -> list[int]:
        leave(NOTE, ballast)
        return [home.look(run_id).fence for run_id in runs]

    home.until("a run would have given up", lambda: max(claims()) > MOST_DEATHS + 2, seconds=180)
    assert "storage_full" in {home.look(run_id).reason for run_id in runs}
    leave(0, ballast)
    time.sleep(3 * LEASE_SECONDS)
    for run_id in runs:
        assert home.look(run_id).is_active, (home.look(run_id).status, home.look(run_id).reason)
    ballast.unlink()
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))
    with home.at_home():
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
