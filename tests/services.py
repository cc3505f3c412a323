"""Real processes for tests: started for as long as somebody needs them, and gone with the test run, whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from redis import Redis, RedisError

from launching import CannotStart
from launching import redis as launching_redis
from launching.processes import bound_to_parent

ROOT = Path(__file__).resolve().parent.parent


class NeverHappened(AssertionError):
    """What was waited for did not come."""


def until(what: str, condition: Callable[[], Any], seconds: float = 60, pause: float = 0.02) -> Any:
    """Ask until the answer is true; returns it. The limit is generous: it only ends what will never happen."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise NeverHappened(what)
        time.sleep(pause)
    return answer


class Program:
    """A command of its own process group, with its output in a file."""

    def __init__(self, command: list[str], log: Path, environ: Mapping[str, str] | None = None):
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*bound_to_parent(), *command],
                cwd=ROOT,
                env={**os.environ, **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def children(self) -> list[int]:
        """The processes that it has started."""
        with suppress(OSError):
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []

    def signal(self, number: int) -> None:
        if self.running:
            self.process.send_signal(number)

    def kill(self) -> None:
        """`kill -9`, of this process alone."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Leave nothing of it: its children may be in groups of their own."""
        for pid in self.children():
            kill(pid)
        self.kill()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


class RedisService:
    """A redis-server of the tests' own, without anything of a previous one in its folder unless it is told to keep it."""

    def __init__(self, folder: Path):
        self.server = launching_redis.find(folder)
        self.log = folder / "redis.log"
        self.program: Program | None = None

    @property
    def url(self) -> str:
        return self.server.url

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=5)

    def start(self) -> None:
        self.program = Program(self.server.command(), self.log)
        until("redis answers", self._answers)

    def lose_everything(self) -> None:
        """`kill -9`, and nothing of the data comes back."""
        self.program.kill()
        for file in sorted(self.server.folder.glob("appendonlydir/*")):
            file.unlink()

    def stop(self) -> None:
        self.program.signal(signal.SIGCONT)
        self.program.end()
        self.server.socket.unlink(missing_ok=True)

    def _answers(self) -> bool:
        with suppress(RedisError):
            return self.client().ping()
        return False


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisService]:
    """One server for all tests of this process; where none can be had, they are skipped with the reason."""
    service = new_redis(tmp_path_factory.mktemp("redis"))
    yield service
    service.stop()


def new_redis(folder: Path) -> RedisService:
    try:
        service = RedisService(folder)
    except CannotStart as reason:
        pytest.skip(str(reason))
    service.start()
    return service
