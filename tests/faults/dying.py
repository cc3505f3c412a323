"""A process of the house that dies at one very line, once: `python -m tests.faults.dying POINT MODULE ARGUMENT…`.

The line is reached by putting a death before or after the call that stands there; the file in DEATH_MARK says that it happened.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redis import Redis

from jobs import schedule

MARK = "DEATH_MARK"
OWN_PID = os.getpid()


def die() -> None:
    """`kill -9` of this process, and of the worker if this is its work-horse."""
    mark = Path(os.environ[MARK])
    if mark.exists():
        return
    mark.touch()
    os.kill(OWN_PID, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def before(call: Callable[..., Any], wanted: Callable[..., bool]) -> Callable[..., Any]:
    def dying(*args: Any) -> Any:
        if wanted(*args):
            die()
        return call(*args)

    return dying


def after(call: Callable[..., Any], wanted: Callable[..., bool]) -> Callable[..., Any]:
    def dying(*args: Any) -> Any:
        outcome = call(*args)
        if wanted(*args):
            die()
        return outcome

    return dying


def is_entry_of_tick(_redis: Redis, _key: str, *names: Any) -> bool:
    return schedule.TICK_ID in names


def has_runs(runs: list[Any]) -> bool:
    return bool(runs)


POINTS: dict[str, tuple[Any, str, Callable[..., Any], Callable[..., bool]]] = {
    "before telling": (schedule, "enqueue_runs", before, has_runs),
    "after telling": (schedule, "enqueue_runs", after, has_runs),
    "before zrem": (Redis, "zrem", before, is_entry_of_tick),
    "between zrem and zadd": (Redis, "zrem", after, is_entry_of_tick),
}


def main() -> None:
    _, point, module, *arguments = sys.argv
    holder, name, when, wanted = POINTS[point]
    setattr(holder, name, when(getattr(holder, name), wanted))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
