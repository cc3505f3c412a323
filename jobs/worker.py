"""A worker process for one queue: `python -m jobs.worker tick|imports|background`.

One queue each: RQ takes from two in a way that loses a job when the worker dies at the wrong moment.
"""

import ctypes
import os
import signal
import socket
import sys
from typing import Any

from redis import Redis
from rq import Worker
from sqlalchemy.exc import SQLAlchemyError

from jobs.process import worker_app
from jobs.queue import QUEUES, TICK
from jobs.safejob import SafeJob, SafeQueue
from jobs.schedule import TickScheduler
from webapp.extensions import db
from webapp.importing.runner import stopping
from webapp.logs import log
from webapp.models.heartbeat import beat
from webapp.models.scope import everyone

PR_SET_PDEATHSIG = 1
LONGEST_SILENCE = 60


class HouseWorker(Worker):
    """RQ's worker that shows signs of life in the database, and whose work-horses end with it."""

    _showing_life = False
    _wish_to_end: tuple[Any, ...] = ()

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        super().heartbeat(*args, **kwargs)
        if self.is_horse:
            return
        self._showing_life = True
        try:
            self._show_life(self.queues[0].name)
        finally:
            self._showing_life = False
        wish, self._wish_to_end = self._wish_to_end, ()
        if wish:
            super().request_stop(*wish)

    def _show_life(self, queue: str) -> None:
        if queue == TICK:
            # The tick itself is that queue's sign of life; what can fail to come is its entry.
            TickScheduler(self.connection, worker_app().config["TICK_SECONDS"]).ensure_tick()
        else:
            note_life(queue)

    def request_stop(self, signum: int, frame: Any) -> None:
        """RQ ends by an exception out of the signal's handler, which SQLAlchemy swallows while it gives a connection back."""
        if self._showing_life:
            self._wish_to_end = (signum, frame)
        else:
            super().request_stop(signum, frame)

    def setup_work_horse_signals(self) -> None:
        """In the fork: die with the worker, take the first SIGTERM as a wish to end soon, open connections of its own."""
        super().setup_work_horse_signals()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        with worker_app().app_context():
            db.engine.dispose(close=False)

    def handle_warm_shutdown_request(self) -> None:
        """A deploy: the horse gives its run back after the pages in hand, so that nobody waits for the whole import."""
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)


def note_life(queue: str) -> None:
    try:
        with worker_app().app_context(), everyone():
            beat(queue, f"{socket.gethostname()}:{os.getpid()}")
    except SQLAlchemyError as error:
        log.warning("heartbeat_failed", queue=queue, kind=type(error).__name__)


def make_worker(queue: str) -> HouseWorker:
    config = worker_app().config
    silence = min(LONGEST_SILENCE, config["TICK_SECONDS"])
    return HouseWorker(
        [queue],
        connection=Redis.from_url(config["REDIS_URL"]),
        queue_class=SafeQueue,
        job_class=SafeJob,
        serializer="json",
        log_job_description=False,
        # RQ waits for a job 15 seconds less than this before it shows a sign of life.
        worker_ttl=silence + 15,
        job_monitoring_interval=min(30, silence),
    )


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in QUEUES:
        sys.exit(f"Podaj jedną kolejkę: {', '.join(QUEUES)}.")
    make_worker(sys.argv[1]).work()


if __name__ == "__main__":
    main()
