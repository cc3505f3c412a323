"""Dates, in whichever form a shop or CRM gives them, as YYYY-MM-DD."""

import re
from datetime import UTC, date, datetime
from functools import cache

from babel import Locale
from dateutil import parser

from webapp.values.text import search_key

# What may be said of a column whose days look like 01/02/2026.
DAY_FIRST, MONTH_FIRST = "day", "month"
ORDERS = (DAY_FIRST, MONTH_FIRST)

_DIGITS = re.compile(r"-?[0-9]+")
_DOTTED = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
_POLISH_WORDS = re.compile(r"([0-9]{1,2})\.? ([^\W\d_]{1,12})\.? ([0-9]{4})")
# „r.” is how Polish people end a year.
_YEAR_MARK = re.compile(r"(?<=[0-9]{4}) ?r\.?(?=,? |$)")
_TIME_OF_DAY = re.compile(r",? (?:godz\. ?|o )?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?$")
_NAMED_MONTH = re.compile(r"(?=.*[A-Za-z]{3})(?=.*\b[0-9]{4}\b)[ -~]{8,40}")
_ONE, _OTHER = datetime(2000, 1, 1), datetime(2001, 2, 2)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


def parse(raw: str | float, order: str = "") -> str:
    """The day as YYYY-MM-DD; raises ValueError.

    Takes ISO 8601 dates and times, yyyymmdd, dd.mm.yyyy, d-m-yyyy, yyyy/mm/dd with or without a time of day, days with a
    Polish or English month name, and seconds or milliseconds since 1970 (UTC). Of a time the day that is written in it is
    kept, whatever its zone. `order` says how 01/02/2026 and 01-02-2026 are meant in this column (DAY_FIRST, MONTH_FIRST);
    without it 23/11/2026 is taken, which can be one day only, and 01/02/2026 refused.
    """
    if not isinstance(raw, str):
        return _from_number(raw)
    text = raw.strip()
    if _is_ready(text):
        return text
    if _DIGITS.fullmatch(text):
        return _from_digits(text)
    return _from_iso(text) or _from_parts(text, order) or _from_words(text)


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


def _from_parts(text: str, order: str) -> str | None:
    day = _YEAR_MARK.sub("", _TIME_OF_DAY.sub("", text))
    if parts := _DOTTED.fullmatch(day):
        return date(int(parts[3]), int(parts[2]), int(parts[1])).isoformat()
    if parts := _YEAR_FIRST.fullmatch(day):
        return date(int(parts[1]), int(parts[2]), int(parts[3])).isoformat()
    if parts := _YEAR_LAST.fullmatch(day):
        first, second, year = int(parts[1]), int(parts[3]), int(parts[4])
        order = order or (DAY_FIRST if parts[2] == "-" else _only_order(first, second))
        month, number = (second, first) if order == DAY_FIRST else (first, second)
        return date(year, month, number).isoformat()
    if (parts := _POLISH_WORDS.fullmatch(day)) and (month := _polish_months().get(search_key(parts[2]))):
        return date(int(parts[3]), month, int(parts[1])).isoformat()
    return None


def _only_order(first: int, second: int) -> str:
    """The order in which these two numbers are a day of a month, if it is the only one."""
    if first != second and max(first, second) <= 12:
        raise ValueError("not certain which is the month")
    return DAY_FIRST if second <= 12 else MONTH_FIRST


@cache
def _polish_months() -> dict[str, int]:
    """Months as Polish people write them: "listopada", "listopad", "lis", "XI"."""
    months = Locale("pl").months
    forms = [months[context][width] for context in ("format", "stand-alone") for width in ("wide", "abbreviated")]
    named = {search_key(name).strip("."): number for form in forms for number, name in form.items()}
    return named | {roman: number for number, roman in enumerate(_ROMAN, 1)}


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
