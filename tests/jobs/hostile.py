"""What somebody who can write to Redis might put there."""

import json
import os
import pickle
import zlib
from pathlib import Path
from typing import Any

from redis import Redis

TRACE = "HOSTILE_TRACE"
LEAVE_TRACE = "tests.jobs.hostile.leave_trace"
GOOD = "jobs.background.purge"


def leave_trace(*_: Any, **__: Any) -> None:
    """Shows that foreign code ran in a worker."""
    Path(os.environ[TRACE]).touch()


class Pickled:
    """Runs code when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return leave_trace, ()


PICKLE = pickle.dumps(Pickled())


def call(function: str, *args: Any, instance: Any = None, **kwargs: Any) -> bytes:
    """A job's data in RQ's own form."""
    return zlib.compress(json.dumps([function, instance, args, kwargs]).encode())


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


NOT_RUN: dict[str, dict[str, Any]] = {
    "a function of the system": {"data": call("os.system", f"touch ${TRACE}")},
    "a function that is not on the list": {"data": call(LEAVE_TRACE)},
    "a function on another object": {"data": call("leave_trace", instance={"a": 1})},
    "pickled data": {"data": zlib.compress(PICKLE)},
    "pickled data, not compressed": {"data": PICKLE},
    "pickled meta": {"data": call(LEAVE_TRACE), "meta": PICKLE},
    "pickled result": {"data": call(LEAVE_TRACE), "result": PICKLE},
    "text as argument": {"data": call(GOOD, "1")},
    "truth as argument": {"data": call(GOOD, True)},
    "a list as argument": {"data": call(GOOD, [1])},
    "named arguments": {"data": call(GOOD, run_id=1)},
    "ten megabytes of arguments": {"data": call(GOOD, "x" * 10_000_000)},
    "data of another shape": {"data": zlib.compress(b'{"a": 1}')},
    "data that nests without end": {"data": zlib.compress(deep(100_000))},
    "no data at all": {},
    "an unknown status": {"data": call(GOOD), "status": "paused"},
    "a status that is no text": {"data": call(GOOD), "status": b"\xff\xfe"},
    "a timeout that is no number": {"data": call(GOOD), "timeout": "soon"},
    "a date that is none": {"data": call(GOOD), "created_at": "yesterday"},
    "a time to live that is no number": {"data": call(GOOD), "result_ttl": "long"},
    "dependencies that cannot be read": {"data": call(GOOD), "dependency_ids": "{"},
    "retries that cannot be read": {"data": call(GOOD), "retry_intervals": "["},
}
HARMLESS: dict[str, dict[str, Any]] = {
    "a callback after success": {"success_callback_name": LEAVE_TRACE},
    "a callback after failure": {"data": call(GOOD, "1"), "failure_callback_name": LEAVE_TRACE},
    "a callback when stopped": {"stopped_callback_name": LEAVE_TRACE},
    "pickled meta": {"meta": PICKLE},
    "pickled result": {"result": PICKLE},
    "meta that is a list": {"meta": "[1]"},
}


def plant(redis: Redis, name: str, queue: str = "background", **fields: Any) -> None:
    """Put a job's record into Redis, and its name into a queue."""
    name = name.replace(" ", "-").replace(",", "")
    redis.delete(f"rq:job:{name}")
    record = {"created_at": "2026-11-23T08:00:00.000000Z", "origin": queue, "status": "queued", "timeout": 60, **fields}
    redis.hset(f"rq:job:{name}", mapping=record)
    redis.sadd("rq:queues", f"rq:queue:{queue}")
    redis.rpush(f"rq:queue:{queue}", name)
