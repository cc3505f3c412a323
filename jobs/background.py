"""Chores that may take long."""

from jobs.process import worker_app
from webapp.importing import undo as undoing
from webapp.importing.notices import tell_owners
from webapp.importing.retention import purge_old


def purge() -> None:
    """Delete what has been kept long enough."""
    with worker_app().app_context():
        purge_old()


def tell() -> None:
    """Write to the owners of accounts that need reconnecting."""
    with worker_app().app_context():
        tell_owners()


def undo(run_id: int) -> None:
    """Undo a run; what a worker that died had begun goes on where it stopped."""
    with worker_app().app_context():
        undoing.undo(run_id)
