"""Chores that may take long."""

from jobs.process import worker_app
from webapp.importing.retention import purge_old


def purge() -> None:
    """Delete what has been kept long enough."""
    with worker_app().app_context():
        purge_old()
