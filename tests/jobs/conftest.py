"""The app with a real Redis, and workers that run in this process or as its forks."""

import signal
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from redis import Redis

from jobs import worker as worker_module
from jobs.queue import IMPORTS
from jobs.safejob import SafeQueue
from jobs.schedule import TickScheduler
from tests.services import RedisService, redis_server  # noqa: F401 - a fixture


@pytest.fixture
def redis(redis_server: RedisService) -> Redis:  # noqa: F811
    """A client of a Redis that is empty."""
    client = redis_server.client()
    client.flushall()
    return client


@pytest.fixture
def settings(settings: dict[str, str], redis_server: RedisService) -> dict[str, str]:  # noqa: F811
    return settings | {"REDIS_URL": redis_server.url}


@pytest.fixture
def worker_app(app: Flask, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app that jobs of this process work with."""
    for module in ("schedule", "imports", "background", "worker"):
        monkeypatch.setattr(f"jobs.{module}.worker_app", lambda: app)
    return app


@pytest.fixture
def work(worker_app: Flask) -> Iterator[Callable[[str], None]]:
    """Let a real worker of a queue do what is there: work("imports"). Its work-horses are forks of this process."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield lambda queue: worker_module.make_worker(queue).work(burst=True)
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def scheduler(redis: Redis) -> TickScheduler:
    return TickScheduler(redis, 60)


@pytest.fixture
def imports_queue(redis: Redis) -> SafeQueue:
    return SafeQueue(IMPORTS, connection=redis)
