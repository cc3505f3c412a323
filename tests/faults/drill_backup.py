"""Backup and restore, as docs/administrator.md says it: taken in the middle of an import, brought back after everything was lost."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from tests.faults.conftest import DATABASES
from tests.faults.house import House
from tests.faults.test_leaving import on_list, owner_of
from tests.faults.truth import assert_done_once, expected
from tests.postgres import find_programs
from tests.services import new_redis
from webapp.extensions import db
from webapp.models import ImportRun


class Installation(House):
    """A house whose tables were made by the migrations, as an administrator makes them."""

    def start(self) -> None:
        self.administer("prepare")
        self.revive()

    def shut_down(self) -> None:
        """As systemd does it."""
        for program in self.programs.values():
            program.signal(signal.SIGTERM)
        for program in self.programs.values():
            program.process.wait(60)
        with self.app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session", params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_server").new_database()
    folder = tmp_path_factory.mktemp("house")
    house = Installation(folder, url, new_redis(folder))
    try:
        house.start()
        yield house
    finally:
        house.stop()


class SqliteFile:
    def __init__(self, home: Installation, copy: Path):
        self.home, self.copy, self.file = home, copy, home.folder / "doplyw.sqlite3"

    def take(self) -> None:
        self.home.administer("backup", str(self.copy))

    def lose(self) -> None:
        for file in self.home.folder.glob("doplyw.sqlite3*"):
            file.unlink()

    def restore(self) -> None:
        self.file.write_bytes(self.copy.read_bytes())


class PostgresDump:
    def __init__(self, home: Installation, copy: Path):
        self.copy, self.programs = copy, find_programs()
        self.url = home.environ["DATABASE_URL"]

    def take(self) -> None:
        self._run("pg_dump", "--format=custom", f"--file={self.copy}", self.url)

    def lose(self) -> None:
        name = make_url(self.url).database
        with psycopg.connect(self.url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")

    def restore(self) -> None:
        self._run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={self.url}", str(self.copy))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([self.programs / program, *arguments], check=True, timeout=120)


def test_a_backup_from_the_middle_of_an_import_is_brought_back_and_everything_goes_on(home, tmp_path):
    backup = (PostgresDump if home.environ["DATABASE_URL"] else SqliteFile)(home, tmp_path / "copy")
    people = set(expected(home.shops.truth()).values())
    early, late = sorted(people)[0], sorted(people)[-1]
    first = home.new_import()
    _, owner = owner_of(home, first)
    done = home.ends(home.run(first))
    erase(home, owner, early)
    home.shops.slow_down()
    running = home.run(home.new_import())
    home.reaches(running, 2)
    backup.take()

    erase(home, owner, late)
    assert_done_once(home, home.ends(running))
    forgotten = home.run(home.new_import())
    home.shut_down()
    backup.lose()
    home.redis.lose_everything()

    backup.restore()
    assert "Ponownie usunięto 1 kontakt" in home.administer("prepare")
    home.redis.start()
    home.revive()
    assert_done_once(home, home.ends(running))
    assert on_list(home, done) == people - {early, late}
    browser = home.browser(owner)
    with home.app.app_context():
        assert browser.get("/integracje").status_code == 200
    assert_done_once(home, home.ends(home.run(home.new_import())))
    with home.at_home():
        ids = db.session.scalars(select(ImportRun.id).order_by(ImportRun.id)).all()
        assert forgotten in ids, "the number is free again, and was given to the import after the restore"
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"


def erase(home: House, owner: str, address: str) -> None:
    home.administer("account", "erase", "--owner", owner, "--email", address, "--yes")
