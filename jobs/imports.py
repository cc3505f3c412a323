"""The import job."""

from jobs.process import worker_app
from jobs.queue import enqueue_run
from webapp import importing


def run_import(run_id: int) -> None:
    """Work on the run with this id; a run that is not finished after its slice of time is queued again."""
    with worker_app().app_context():
        if fence := importing.run(run_id):
            enqueue_run(run_id, fence)
