"""When an import is due: one slot a local day, through both clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_slot(hour: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first slot later than `after` (aware); `hour` is local wall time "HH:MM". Returns aware UTC."""
    today = after.astimezone(zone).date()
    candidates = (slot_on(today + timedelta(days=days), hour, zone) for days in (-1, 0, 1, 2))
    return next(slot for slot in candidates if slot > after)


def newest_slot(hour: str, zone: ZoneInfo, until: datetime) -> datetime:
    """The last slot that is not later than `until`: after a standstill only this one is made up for."""
    today = until.astimezone(zone).date()
    candidates = (slot_on(today + timedelta(days=days), hour, zone) for days in (1, 0, -1, -2))
    return next(slot for slot in candidates if slot <= until)


def slot_on(day: date, hour: str, zone: ZoneInfo) -> datetime:
    """The slot of a local day. A time that the clock skips becomes the first minute after the gap, a doubled one its first."""
    hours, minutes = hour.split(":")
    wall = datetime.combine(day, time(int(hours), int(minutes)), tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return end_of_gap(wall)


def end_of_gap(wall: datetime) -> datetime:
    """The instant at which the clock has jumped over a wall time that does not exist."""
    minute = wall.replace(fold=1).astimezone(UTC)
    while minute.astimezone(wall.tzinfo).replace(tzinfo=None) < wall.replace(tzinfo=None):
        minute += timedelta(minutes=1)
    return minute
