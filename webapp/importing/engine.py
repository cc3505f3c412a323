"""Runs, claimed one by one: what becomes of each when it goes well, and when it does not."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import NoResultFound, OperationalError

from webapp.connectors.reasons import ConnectorError
from webapp.extensions import db
from webapp.importing.claim import MOST_DEATHS, Claim, FenceLost, claim
from webapp.importing.rehearsal import Rehearsal
from webapp.importing.runner import Runner
from webapp.logs import log
from webapp.models import ImportRun, RunKind, RunReason, RunStatus
from webapp.models.database import no_room_is_left
from webapp.models.scope import acting_for, everyone


def run(run_id: int) -> int:
    """Work on a run for at most five minutes; its fence if it is not finished and wants to be queued again, else 0.

    A run that is gone, ended, waiting or in somebody else's hands is left alone.
    """
    with everyone():
        found = db.session.get(ImportRun, run_id)
        db.session.commit()
    if found is None:
        return 0
    with acting_for(found.account_id):
        return _claimed(run_id)


def _claimed(run_id: int) -> int:
    held = claim(run_id)
    if held is None:
        return 0
    current = db.session.get(ImportRun, run_id, populate_existing=True)
    if current is None:  # gone with its account, this moment
        return 0
    with failing(held):
        if held.deaths > MOST_DEATHS:
            held.end(RunStatus.FAILED, RunReason.INTERNAL)
            return 0
        worker = Rehearsal if current.kind is RunKind.DRY else Runner
        return held.fence if worker(held, current).work() else 0
    return 0


@contextmanager
def failing(held: Claim) -> Iterator[None]:
    """What becomes of the run when something fails. Faults of our own are not caught: the claims count them."""
    try:
        yield
    except FenceLost:
        log.info("run_left", run=held.run_id)
    except NoResultFound:
        # The list is gone with its account.
        db.session.rollback()
        log.info("run_left", run=held.run_id)
    except ConnectorError as error:
        db.session.rollback()
        with leaving_quietly():
            _vendor_failed(held, error)
    except OperationalError as error:
        # The lease runs out, and somebody goes on once the database is well again.
        db.session.rollback()
        log.error("run_storage", run=held.run_id, kind=type(error.orig).__name__)
        if no_room_is_left(error):
            with leaving_quietly(), suppress(OperationalError):
                held.wait_for_room()


@contextmanager
def leaving_quietly() -> Iterator[None]:
    try:
        yield
    except FenceLost:
        log.info("run_left")


def _vendor_failed(held: Claim, error: ConnectorError) -> None:
    log.warning("run_vendor", run=held.run_id, reason=error.reason.value)
    if not error.permanent and not held.is_last_attempt:
        held.wait(error.reason.value, error.wait)
        return
    held.end(RunStatus.FAILED, error.reason.value)
