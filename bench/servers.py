"""Databases for measurements. PostgreSQL keeps its own defaults: what is committed is on the disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import postgres
from tests.postgres import Server, Unavailable

__all__ = ["Unavailable", "new_sqlite", "postgres_server"]

SETTINGS = "-c listen_addresses= -c shared_buffers=256MB -c max_wal_size=4GB"


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A server for as long as the block lasts; raises Unavailable."""
    folder = Path(tempfile.mkdtemp(prefix="doplyw-pg-"))
    try:
        user = postgres.unprivileged_user()
        programs = postgres.reachable_for(user, postgres.find_programs(), folder)
        postgres.create_cluster(programs, folder, user)
        server = [programs / "pg_ctl", "-D", folder / "data"]
        postgres.run([*server, "start", "--wait", "-l", folder / "log", "-o", f"-k {folder} {SETTINGS}"], user)
        try:
            yield Server(folder)
        finally:
            postgres.run([*server, "stop", "--mode=immediate"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_sqlite(folder: Path, name: str) -> str:
    """The DATABASE_URL of a file that does not exist yet."""
    return f"sqlite:///{folder / name}.sqlite3"
