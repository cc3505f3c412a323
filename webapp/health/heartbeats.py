"""When the workers of each queue were last seen."""

from datetime import UTC, datetime, timedelta

from flask_babel import gettext

from jobs.queue import BACKGROUND, IMPORTS, QUEUES, TICK
from webapp.models.database import now
from webapp.models.heartbeat import last_beats
from webapp.values.marks import N_

STANDSTILL = timedelta(minutes=3)
STARTED = datetime.now(UTC)
SENTENCES = {
    TICK: N_(
        "The queue %(queue)s stands still: imports do not start by themselves. Ask your administrator to start its worker."
    ),
    IMPORTS: N_("The queue %(queue)s stands still: imports wait. Ask your administrator to start its worker."),
    BACKGROUND: N_(
        "The queue %(queue)s stands still: mail and exports wait. Ask your administrator to start its worker."
    ),
}


def last_seen() -> dict[str, datetime | None]:
    """The newest sign of life from each queue; None where no worker was ever seen."""
    seen = last_beats()
    return {queue: seen.get(queue) for queue in QUEUES}


def stands_still(seen: datetime | None, moment: datetime) -> bool:
    return seen is None or moment - seen > STANDSTILL


def standing_queues(since: datetime | None = None) -> list[str]:
    """A sentence for each queue that nobody works on; one that is silent has three minutes from `since` on to show itself."""
    moment = now()
    heard = {queue: max(filter(None, (seen, since)), default=None) for queue, seen in last_seen().items()}
    return [gettext(SENTENCES[queue], queue=queue) for queue, seen in heard.items() if stands_still(seen, moment)]


def queue_warnings() -> list[str]:
    """What the banner says: nothing while the workers start together with this process."""
    return standing_queues(STARTED)
