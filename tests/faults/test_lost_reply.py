"""Redis takes a job, and its answer never arrives: whoever told of it does not know, and the run is done once all the same."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import queue
from tests.faults.truth import assert_done_once
from webapp.extensions import db
from webapp.importing import schedule
from webapp.models import RecurringImport


class Swallower:
    """Stands before Redis and passes everything on, except the answers after a job was pushed."""

    def __init__(self, path: Path, redis: str):
        self.redis, self.swallowed = redis, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.redis)
            while asked := client.recv(1 << 20):
                server.sendall(asked)
                answered = server.recv(1 << 20)
                if b"RPUSH" in asked.upper():
                    self.swallowed += 1
                    return
                client.sendall(answered)


@pytest.fixture
def swallower(home, tmp_path) -> Iterator[Swallower]:
    """The application's own client goes through it."""
    path = tmp_path / "r.sock"
    swallower = Swallower(path, home.redis.url.removeprefix("unix://"))
    known = home.app.extensions.pop("redis", None)
    home.app.extensions["redis"] = queue.impatient(f"unix://{path}")
    yield swallower
    swallower.listener.close()
    home.app.extensions["redis"] = known
    if known is None:
        del home.app.extensions["redis"]


def test_a_job_whose_receipt_was_lost_is_done_once(home, swallower):
    recurring_import_id = home.new_import()
    with home.at_home():
        run, _ = schedule.run_now(db.session.get(RecurringImport, recurring_import_id))
        assert not queue.enqueue_run(run.id)
        run_id = run.id
    assert swallower.swallowed == 1
    run = home.ends(run_id)
    assert_done_once(home, run)
    assert run.fence == 1
