"""Times as Zoho writes them: with the offset of the person who signed in, here that of Warsaw."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Warsaw")


def shown(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, ZONE).isoformat()


def read(text: str) -> int | None:
    """Whole seconds since 1970 of an ISO 8601 time with an offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int(moment.astimezone(UTC).timestamp()) if moment.tzinfo else None
