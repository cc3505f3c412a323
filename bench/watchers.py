"""People who watch two imports: how long the fragment takes that each of their pages asks for every two seconds.

The web processes are started as the Procfile starts them. The imports, from vendors that are slow, and this process, which plays
the browsers, are at nice 10. Afterwards the page Integracje with 50 imports, asked for again and again by one browser.
"""

import http.client
import json
import os
import random
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.engine import environment
from bench.import_run import free_port
from bench.measure import ROOT, report, spec_of_process
from bench.tick import redis

PATIENCE, LONGEST_START = 2.0, 60
IMPORTS, CALLS = 50, 100
OWNER, PAGE_OWNER = "bench@example.com", "page@example.com"
PASSWORD = "correct horse battery"


def main() -> None:
    spec = spec_of_process()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environ = environment(spec["database"], folder) | {"REDIS_URL": stack.enter_context(redis(Path(folder)))}
        os.environ.update(environ)
        make_page()
        port = stack.enter_context(web())
        watcher, visitor = sign_in(port, OWNER), sign_in(port, PAGE_OWNER)
        os.nice(10)
        with engines(spec) as running:
            seconds = spec["seconds"]
            wait_for_imports(port, watcher)
            times = watch(port, watcher, spec["watchers"], seconds)
            if any(engine.poll() is not None for engine in running):
                raise SystemExit("the imports ended before the watchers did")
        asked = timed_calls(port, visitor)
        report(len(times), seconds, p50=share(times, 50), p99=share(times, 99), page=share(asked, 95))


def make_page() -> None:
    """An account whose page Integracje has 50 imports."""
    from tests import factories
    from webapp import create_app
    from webapp.models import RunStatus
    from webapp.models.database import now
    from webapp.models.scope import acting_for

    with create_app().app_context(), acting_for(factories.make_account("Integracje", PAGE_OWNER).id):
        integration = factories.make_integration()
        for number in range(IMPORTS):
            recurring_import = factories.make_recurring_import(integration, factories.make_list(f"Lista {number}"))
            factories.make_run(recurring_import, status=RunStatus.DONE, finished_at=now())


@contextmanager
def web() -> Iterator[int]:
    """The web processes of the Procfile on a free port, until the block ends."""
    port = free_port()
    line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web: "))
    program, *rest = shlex.split(line.removeprefix("web: ").replace("$PORT", str(port)).replace("0.0.0.0", "127.0.0.1"))
    command = [str(Path(sys.executable).parent / program), *rest]
    with ending(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)) as process:
        while not answers(port):
            if process.poll() is not None:
                raise SystemExit("the web processes ended")
            time.sleep(0.1)
        yield port


@contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    try:
        return ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/logowanie").status == 200
    except OSError:
        return False


@contextmanager
def engines(spec: dict[str, Any]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two imports that are under way; they keep this process's nice value, and are broken off at the end."""
    with ExitStack() as stack:
        running = []
        for number in (1, 2):
            command = [sys.executable, "-m", "bench.engine", json.dumps(spec | {"import": number})]
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            running.append(stack.enter_context(ending(process)))
        yield running


def sign_in(port: int, email: str) -> dict[str, str]:
    """The headers of a browser in which this person is signed in, asking for parts of a page as htmx does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    shown = ask(connection, "/logowanie")
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', shown.text)[1]
    form = urllib.parse.urlencode({"csrf_token": token, "email": email, "password": PASSWORD})
    headers = {"Cookie": shown.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    answer = ask(connection, "/logowanie", headers, form)
    if answer.status != 302:
        raise SystemExit(f"signing in was answered with {answer.status}")
    return {"Cookie": answer.cookie, "HX-Request": "true"}


class Answer:
    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.text = response.status, response.read().decode()
        self.cookie = (response.getheader("Set-Cookie") or "").split(";")[0]


def ask(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str] | None = None, form: str = ""
) -> Answer:
    connection.request("POST" if form else "GET", path, form or None, headers or {})
    return Answer(connection.getresponse())


def wait_for_imports(port: int, headers: dict[str, str]) -> None:
    """Until both are under way."""
    latest = time.monotonic() + LONGEST_START
    waiting = [fragment(number) for number in (1, 2)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while waiting := [path for path in waiting if not moves(ask(connection, path, headers).text)]:
        if time.monotonic() > latest:
            raise SystemExit("the imports did not start")
        time.sleep(0.5)


def fragment(number: int) -> str:
    return f"/importy/{number}/postep"


def moves(text: str) -> bool:
    return "hx-get" in text and "<progress" in text


def watch(port: int, headers: dict[str, str], watchers: int, seconds: float) -> list[float]:
    """How long each answer took, in seconds. Half watch the one import, half the other."""
    end = time.monotonic() + seconds

    def one(number: int) -> list[float]:
        time.sleep(random.uniform(0, PATIENCE))
        call = caller(port, fragment(number % 2 + 1), headers, moves)
        times = []
        while time.monotonic() < end:
            times.append(call())
            time.sleep(PATIENCE)
        return times

    with ThreadPoolExecutor(watchers) as pool:
        return [taken for times in pool.map(one, range(watchers)) for taken in times]


def timed_calls(port: int, headers: dict[str, str]) -> list[float]:
    full = {"Cookie": headers["Cookie"]}
    call = caller(
        port, "/integracje?aplikacja=shopify", full, lambda text: text.count('id="recurringimport-') >= IMPORTS
    )
    return [call() for _ in range(CALLS)]


def caller(port: int, path: str, headers: dict[str, str], fits: Callable[[str], bool]) -> Callable[[], float]:
    """Asks over one connection that stays open; returns the seconds until the whole answer was there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call() -> float:
        started = time.perf_counter()
        answer = ask(connection, path, headers)
        taken = time.perf_counter() - started
        if answer.status != 200 or not fits(answer.text):
            raise SystemExit(f"{path} was answered with {answer.status}: {answer.text[:500]}")
        return taken

    return call


def share(times: list[float], percent: int) -> float:
    """So many of a hundred were quicker than this."""
    return statistics.quantiles(times, n=100)[percent - 1]


if __name__ == "__main__":
    main()
