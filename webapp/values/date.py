"""Dates, in whichever form a shop or CRM gives them, as YYYY-MM-DD."""

import re
from datetime import UTC, date, datetime

from dateutil import parser

_DIGITS = re.compile(r"-?[0-9]+")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[.-]([0-9]{1,2})[.-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})")
_TIME_OF_DAY = re.compile(r"[, ] ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$")
_NAMED_MONTH = re.compile(r"(?=.*[A-Za-z]{3})(?=.*\b[0-9]{4}\b)[ -~]{8,40}")
_ONE, _OTHER = datetime(2000, 1, 1), datetime(2001, 2, 2)


def parse(raw: str | float) -> str:
    """The day as YYYY-MM-DD; raises ValueError.

    Takes ISO 8601 dates and times, yyyymmdd, dd.mm.yyyy, d-m-yyyy, yyyy/mm/dd with or without a time of day, days with an
    English month name, and seconds or milliseconds since 1970 (UTC). Of a time the day that is written in it is kept,
    whatever its zone. d/m/yyyy is refused: nothing tells it from m/d/yyyy.
    """
    if not isinstance(raw, str):
        return _from_number(raw)
    text = raw.strip()
    if _is_ready(text):
        return text
    if _DIGITS.fullmatch(text):
        return _from_digits(text)
    return _from_iso(text) or _from_parts(text) or _from_words(text)


def _is_ready(text: str) -> bool:
    """Whether it is a day in the form that is kept."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _from_number(raw: float) -> str:
    try:
        return _from_digits(str(int(raw)))
    except OverflowError as problem:
        raise ValueError("not a date") from problem


def _from_digits(digits: str) -> str:
    match len(digits.removeprefix("-")):
        case 8:
            return datetime.strptime(digits, "%Y%m%d").date().isoformat()
        case 9 | 10:
            return _since_1970(int(digits))
        case 12 | 13:
            return _since_1970(int(digits) / 1000)
    raise ValueError("neither a day nor a time since 1970")


def _since_1970(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _from_iso(text: str) -> str | None:
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return None


def _from_parts(text: str) -> str | None:
    day = _TIME_OF_DAY.sub("", text)
    if parts := _DAY_FIRST.fullmatch(day):
        return date(int(parts[3]), int(parts[2]), int(parts[1])).isoformat()
    if parts := _YEAR_FIRST.fullmatch(day):
        return date(int(parts[1]), int(parts[2]), int(parts[3])).isoformat()
    return None


def _from_words(text: str) -> str:
    """Such as "Mon, 23 Nov 2026 08:00:00 GMT"; read twice, because the library fills in whatever is missing."""
    if not _NAMED_MONTH.fullmatch(text):
        raise ValueError("not a date")
    try:
        days = {parser.parse(text, default=default, ignoretz=True).date() for default in (_ONE, _OTHER)}
    except OverflowError as problem:
        raise ValueError("not a date") from problem
    if len(days) > 1:
        raise ValueError("not a whole date")
    return days.pop().isoformat()
