"""Numbers, dates and small helpers for templates; everything in the account's zone and in Polish."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_time,
    get_timezone,
    gettext,
    to_user_timezone,
)
from flask_login import current_user

NBSP = "\u00a0"


def init_app(app: Flask) -> None:
    app.jinja_env.filters |= {
        "num": number,
        "percent": percent,
        "moment": moment,
        "day": day,
        "soon": soon,
        "lasted": lasted,
    }
    app.jinja_env.globals |= {"dom_id": dom_id, "gettext_of": gettext_of, "field_attributes": field_attributes}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def zone_name() -> str | None:
    """The account's zone; None (the default zone) where nobody is signed in."""
    return current_user.account.timezone if current_user and current_user.is_authenticated else None


def gettext_of(message: str) -> str:
    """Translate a text that was marked with N_ elsewhere; a vendor's own words pass through."""
    return gettext(message) if message else ""


def dom_id(thing: Any, part: str = "") -> str:
    """The id of the element that shows this row, or a part of it."""
    name = type(thing).__name__.lower()
    return f"{name}-{thing.id}" + (f"-{part}" if part else "")


def field_attributes(field: Any, described: str) -> dict[str, str]:
    """What tells a screen reader about a form field's fault and hint."""
    faulty = {"aria-invalid": "true"} if field.errors else {}
    return faulty | ({"aria-describedby": described.strip()} if described.strip() else {})


def number(value: float | None) -> str:
    return "–" if value is None else format_decimal(value)


def percent(part: int, whole: int) -> str:
    return f"{min(100, 100 * part // whole) if whole else 0}%"


def day(value: date | datetime) -> str:
    return format_date(value, "dd.MM.yyyy")


def moment(value: datetime | None) -> str:
    """23.11.2026, 6:15"""
    return "–" if value is None else format_datetime(value, "dd.MM.yyyy, H:mm")


def soon(value: datetime | None) -> str:
    """dziś o 6:15, jutro o 6:15, wczoraj o 6:15, else the full date."""
    if value is None:
        return "–"
    distance = (to_user_timezone(value).date() - datetime.now(UTC).astimezone(get_timezone()).date()).days
    time = format_time(value, "H:mm")
    words = {
        0: lambda: gettext("today at %(time)s", time=time),
        1: lambda: gettext("tomorrow at %(time)s", time=time),
        -1: lambda: gettext("yesterday at %(time)s", time=time),
    }
    return words[distance]() if distance in words else moment(value)


def lasted(span: timedelta | None) -> str:
    """41 s, 3 min 5 s, 2 godz. 4 min"""
    if span is None:
        return "–"
    seconds = max(0, round(span.total_seconds()))
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if hours:
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    if minutes:
        return gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    return gettext("%(seconds)s s", seconds=rest)
