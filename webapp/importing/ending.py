"""How a page ends a run, or leaves it for now."""

from typing import Any, NamedTuple

from webapp.models import RunReason, RunStatus
from webapp.models.database import now
from webapp.models.import_run import ACTIVE


class End(NamedTuple):
    """The status that the run gets, and why."""

    status: RunStatus
    reason: RunReason | None = None

    def columns(self) -> dict[str, Any]:
        """What it changes in the run's row."""
        over = {} if self.status in ACTIVE else {"finished_at": now()}
        return self._asdict() | over | {"lease_until": None}


WHOLE = End(RunStatus.DONE)
SHORT = End(RunStatus.DONE, RunReason.SHORT)
CAPPED = End(RunStatus.DONE_CAPPED)
MANY_REJECTED = End(RunStatus.HELD, RunReason.MANY_REJECTED)
# Written by Claim.come_back; here it only tells the runner to leave.
PREPARING = End(RunStatus.WAITING, RunReason.PREPARING)
