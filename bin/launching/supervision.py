"""Starts the supervisor, waits until the first page answers, and stops everything again."""

import fcntl
import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from launching import ROOT, CannotStart
from launching.processes import bound_to_parent

PATIENCE = 120
ASK_EVERY = 0.1
SHORTLY = 0.02
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Only one launcher works on a data folder; raises CannotStart for the second."""
    with open(data / "run.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"Dopływ już działa na danych z folderu {data}. Zatrzymaj go, zanim uruchomisz go ponownie."
            ) from None
        yield


def require_free(port: str) -> None:
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise CannotStart(f"PORT musi być liczbą od 1 do 65535, a jest: {port}.")
    if not is_free(int(port)):
        raise CannotStart(
            f"Port {port} jest zajęty przez inny program. Zatrzymaj go albo podaj inny port, na przykład: PORT={int(port) + 1} bin/run"
        )


def is_free(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(wish: int) -> int:
    """The wished port, or any other where it is taken."""
    if is_free(wish):
        return wish
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


@contextmanager
def supervised(configuration: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """Everything runs within the block; when it is left, for whatever reason, everything has ended."""
    command = [
        *bound_to_parent(),
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "supervisor.supervisord",
        "-c",
        str(configuration),
    ]
    for number in STOPPING_SIGNALS:
        signal.signal(number, _interrupt)
    # In a session of its own, so that Ctrl-C reaches the supervisor once, and through us.
    supervisor = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
    try:
        yield supervisor
    finally:
        for number in STOPPING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        supervisor.terminate()
        supervisor.wait()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def start(names: Iterable[str], socket_path: Path, supervisor: subprocess.Popen) -> None:
    """Have the supervisor start these programs; it keeps them running from then on."""
    while not socket_path.exists() and supervisor.poll() is None:
        time.sleep(SHORTLY)
    orders = ServerProxy("http://127.0.0.1", transport=SupervisorTransport(serverurl=f"unix://{socket_path}"))
    try:
        for name in names:
            orders.supervisor.startProcess(name, False)
    except (OSError, Fault):
        raise CannotStart(
            "Nie udało się uruchomić procesów. Powód jest w pliku supervisor.log w folderze danych."
        ) from None


def wait_for_page(port: int, supervisor: subprocess.Popen, logs: Path) -> None:
    """Return when the sign-in page answers; raises CannotStart."""
    deadline = time.monotonic() + PATIENCE
    while not answers(port):
        if supervisor.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(
                f"Dopływ nie wystartował. Powód jest w plikach web.log i supervisor.log w folderze {logs}."
            )
        time.sleep(ASK_EVERY)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/logowanie")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
