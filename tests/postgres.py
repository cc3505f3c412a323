"""PostgreSQL for tests: a server of our own on a unix socket, from the machine's programs or from the pgserver package.

Where none can be had, the tests that need one are skipped with the reason.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

# What is lost in a crash does not matter here, and waiting for the disk takes most of the time.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "listen_addresses=")


class Unavailable(Exception):
    """Why there is no PostgreSQL."""


@dataclass
class Server:
    """A running server; `folder` holds its socket."""

    folder: Path

    def __post_init__(self):
        self._numbers = count(1)

    def new_database(self) -> str:
        """The DATABASE_URL of a database that is empty."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={self.folder}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    try:
        with running_server() as server:
            yield server
    except Unavailable as reason:
        pytest.skip(f"no PostgreSQL: {reason}")


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """The DATABASE_URL of a PostgreSQL database of the test's own."""
    return postgres_server.new_database()


@contextmanager
def running_server() -> Iterator[Server]:
    """A server for as long as the block lasts; raises Unavailable."""
    folder = Path(tempfile.mkdtemp(prefix="doplyw-pg-"))
    try:
        user = unprivileged_user()
        programs = reachable_for(user, find_programs(), folder)
        create_cluster(programs, folder, user)
        run(
            [
                programs / "pg_ctl",
                "start",
                "--wait",
                "-D",
                folder / "data",
                "-l",
                folder / "log",
                "-o",
                options(folder),
            ],
            user,
        )
        try:
            yield Server(folder)
        finally:
            run([programs / "pg_ctl", "stop", "--mode=immediate", "-D", folder / "data"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path:
    """The folder with initdb and pg_ctl: the newest of the machine, else the package's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: float(file.parts[4]))
    on_path = shutil.which("initdb")
    package = find_spec("pgserver")
    candidates = [*reversed(debian), *([Path(on_path).resolve()] if on_path else [])]
    if package:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin" / "initdb")
    for initdb in candidates:
        if initdb.with_name("pg_ctl").exists() and initdb.with_name("postgres").exists():
            return initdb.parent
    raise Unavailable("neither the machine nor the pgserver package has initdb, pg_ctl and postgres")


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; None means that we are somebody else already."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise Unavailable("PostgreSQL does not run as root, and there is no other user")


def reachable_for(user: str | None, programs: Path, folder: Path) -> Path:
    """The programs themselves, or a copy where they lie in a home folder that the user cannot enter."""
    try:
        run([programs / "postgres", "--version"], user)
        return programs
    except Unavailable:
        pass
    return shutil.copytree(programs.parent, folder / "pginstall", symlinks=True) / programs.name


def create_cluster(programs: Path, folder: Path, user: str | None) -> None:
    if user:
        shutil.chown(folder, user)
    folder.chmod(0o755)
    flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    run([programs / "initdb", "-D", folder / "data", *flags], user)


def options(folder: Path) -> str:
    return " ".join([f"-k {folder}", *(f"-c {setting}" for setting in FAST)])


def run(command: list[str | Path], user: str | None) -> None:
    try:
        subprocess.run(
            command,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
            cwd="/",
            **identity(user),
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise Unavailable(said or str(error)) from None


def identity(user: str | None) -> dict[str, Any]:
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
