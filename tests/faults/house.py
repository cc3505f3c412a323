"""A whole installation of real processes around one database, and what a drill does to it and asks of it."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from flask.testing import FlaskClient
from sqlalchemy import select

from jobs import queue
from tests import factories
from tests.conftest import ENVIRON, Browser, sign_in
from tests.jobs import hostile
from tests.services import ROOT, NeverHappened, Program, RedisService, kill, python, until
from webapp import create_app
from webapp.extensions import db
from webapp.importing import schedule
from webapp.models import ImportRun, RecurringImport, RunStatus
from webapp.models.database import start_reading, start_writing
from webapp.models.heartbeat import Heartbeat
from webapp.models.scope import acting_for, everyone

PEOPLE = 400
PAGE_SIZE = 50
# More than the people of an ordinary drill, and no multiple of a page.
CAP = 425
SEAMS = {
    "TICK_SECONDS": "1",
    "LEASE_SECONDS": "3",
    "BACKOFF_SECONDS": "0.05",
    "PAGE_SIZE": str(PAGE_SIZE),
    "IMPORT_CAP": str(CAP),
}
WORKERS = {"tick": "tick", "imports-1": "imports", "imports-2": "imports"}
IMPORTERS = ("imports-1", "imports-2")
numbers = itertools.count(1)


class Shops:
    """The sandbox as a process; tells it what to do and asks it for the truth."""

    def __init__(self, folder: Path, people: int, latency_ms: int):
        arguments = ("--port", "0", "--people", str(people), "--latency-ms", str(latency_ms))
        self.program = Program(python("sandbox", *arguments), folder / "sandbox.log", {"PYTHONUNBUFFERED": "1"})
        found = until(
            "the sandbox says where it is", lambda: re.search(r"http://127\.0\.0\.1:\d+", self.program.said())
        )
        self.url = found[0]

    def tell(self, shop: str = "bukowina", path: str = "/control", **wishes: Any) -> Any:
        body = json.dumps({"shop": shop, **wishes}).encode()
        return self._ask(Request(self.url + path, body, {"Content-Type": "application/json"}))

    def slow_down(self) -> None:
        """Every answer takes so long that a blow in the middle falls in the middle, however busy the machine."""
        self.tell(fault="latency", ms=150)

    def truth(self, shop: str = "bukowina") -> list[dict[str, Any]]:
        return self._ask(Request(f"{self.url}/control/truth?shop={shop}"))

    def calls(self, shop: str = "bukowina") -> int:
        """How many requests this shop has had since the drill began."""
        return self._ask(Request(f"{self.url}/control/requests?shop={shop}"))["total"]

    def _ask(self, request: Request) -> Any:
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)


class House:
    """Redis, sandbox, workers and scheduler, with SEAMS unless told otherwise. `until` starts again what has ended, as the supervisor does."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        redis: RedisService,
        people: int = PEOPLE,
        latency_ms: int = 60,
        **seams: str,
    ):
        self.folder, self.redis = folder, redis
        self.shops = Shops(folder, people, latency_ms)
        self.trace = folder / "trace"
        address = self.shops.url.removeprefix("http://")
        self.environ = (
            ENVIRON
            | SEAMS
            | seams
            | {
                "DATA_DIR": str(folder),
                "DATABASE_URL": database_url,
                "REDIS_URL": redis.url,
                "SHOPIFY_BASE_URL": self.shops.url + "/shopify/{shop}",
                "EGRESS_ALLOW": address,
                hostile.TRACE: str(self.trace),
            }
        )
        self.app = create_app({"ENVIRON": self.environ})
        self.programs: dict[str, Program] = {}

    def start(self) -> None:
        with self.app.app_context():
            db.create_all()
            db.engine.dispose()
        self.revive()

    def revive(self) -> None:
        for name in (*WORKERS, "scheduler"):
            if name not in self.programs or not self.programs[name].running:
                self.programs[name] = self._started(name)

    def _started(self, name: str) -> Program:
        command = python("jobs.worker", WORKERS[name]) if name in WORKERS else python("jobs.scheduler")
        return Program(command, self.folder / f"{name}.log", self.environ)

    def stop(self) -> None:
        for program in (*self.programs.values(), self.shops.program):
            program.end()
        self.redis.stop()
        with self.app.app_context():
            db.engine.dispose()

    def until(self, what: str, condition: Callable[[], Any], seconds: float = 90) -> Any:
        def ask() -> Any:
            self.revive()
            return condition()

        return until(what, ask, seconds)

    def ready(self) -> None:
        """The importers show signs of life, and the shops are as they were at the start."""
        self.until("the importers are alive", lambda: self._alive() >= {self.programs[name].pid for name in IMPORTERS})
        for shop in ("bukowina", "tatry"):
            self.shops.tell(shop, path="/control/reset")

    def _alive(self) -> set[int]:
        with self.at_home():
            workers = db.session.scalars(select(Heartbeat.worker).where(Heartbeat.queue == "imports"))
            return {int(worker.rpartition(":")[2]) for worker in workers}

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """The test's own work with the database."""
        with self.app.app_context(), everyone():
            yield

    def new_import(self, **values: Any) -> int:
        """A recurring import of a new account, shop and list; returns its id."""
        number = next(numbers)
        with self.at_home():
            account = factories.make_account(f"Konto {number}", f"owner{number}@example.com")
            with acting_for(account.id):
                return factories.make_recurring_import(**values).id

    def second_import(self, first_id: int) -> int:
        """Another import of the same shop into the same list; returns its id."""
        with self.at_home():
            first = db.session.get(RecurringImport, first_id)
            with acting_for(first.account_id):
                return factories.make_recurring_import(first.integration, first.contact_list).id

    def run(self, recurring_import_id: int) -> int:
        """What the button does: a run, and the news of it; returns its id."""
        with self.at_home():
            run, created = schedule.run_now(db.session.get(RecurringImport, recurring_import_id))
            assert created
            assert queue.enqueue_run(run.id)
            return run.id

    def browser(self, email: str) -> FlaskClient:
        """Somebody signed in; requests go through an app of the test's own, without a web process."""
        self.app.test_client_class = Browser
        with self.app.app_context():
            return sign_in(self.app, email)

    def administer(self, *arguments: str) -> str:
        """`flask …` as a process of its own, as an administrator runs it; returns what it said."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def look(self, run_id: int) -> ImportRun:
        """The run as it stands in the database, detached."""
        with self.at_home():
            start_reading()
            try:
                run = db.session.scalar(select(ImportRun).where(ImportRun.id == run_id))
                db.session.expunge_all()
                return run
            finally:
                db.session.rollback()
                start_writing()

    def reaches(self, run_id: int, pages: int) -> ImportRun:
        """Wait until so many pages are committed."""
        return self.until(f"page {pages}", lambda: (run := self.look(run_id)).pages >= pages and run)

    def ends(self, run_id: int, status: RunStatus = RunStatus.DONE) -> ImportRun:
        try:
            run = self.until(f"run {run_id} ends", lambda: (run := self.look(run_id)).finished_at and run)
        except NeverHappened as error:
            run = self.look(run_id)
            raise NeverHappened(f"{error}: {run.status}, {run.reason}, pages {run.pages}, claims {run.fence}") from None
        facts = f"run {run_id}: {run.status}, {run.reason}, claims since a page {run.attempts}, in all {run.fence}, pages {run.pages}"
        assert (run.status, run.reason) == (status, None), facts
        return run

    def horse(self) -> tuple[str, int]:
        """An importing worker that has work, and the process that does it."""
        return self.horses()[0]

    def horses(self) -> list[tuple[str, int]]:
        """The importing workers that have work, each with the process that does it; at least one."""

        def busy() -> list[tuple[str, int]]:
            return [(name, child) for name in IMPORTERS for child in self.programs[name].children()]

        return self.until("a work-horse", busy)

    def kill_horse(self) -> None:
        """All of them, for one may have looked in only to see that the run is taken."""
        for _, child in self.horses():
            kill(child)

    def kill_worker(self) -> None:
        """Those that have work; their work-horses have to end by themselves."""
        for name, child in self.horses():
            self.programs[name].kill()
            until("the work-horse follows its worker", lambda child=child: not alive(child))

    def freeze_horse(self) -> int:
        pid = self.horse()[1]
        os.kill(pid, signal.SIGSTOP)
        return pid


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
