"""Numbers and amounts, as machines and as people write them."""

import math
import re

# What may be said of a column in which "1,240" or "1.240" occur.
COMMA, POINT = "comma", "point"
DECIMALS = (COMMA, POINT)

# Above this a float cannot tell whole numbers apart, and databases differ in what they keep.
LARGEST_WHOLE = 2**53

_PLAIN = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
_SPACED_THOUSANDS = re.compile(r"(?<=[0-9])[ \u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_CURRENCY = r"(?:[A-Z]{3}|pln|zł|zl|Kč|kr|[€$£¥₴])"
_AMOUNT = re.compile(rf"(?:{_CURRENCY}\s*)?([+-]?)\s*(?:{_CURRENCY}\s*)?([0-9][0-9.,']*)(?:\s*(?:{_CURRENCY}|%))?")
_DECIMAL_POINT = re.compile(r"([1-9][0-9]{0,2}(?:[,'][0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")
_DECIMAL_COMMA = re.compile(r"([1-9][0-9]{0,2}(?:[.'][0-9]{3})+|[0-9]+)(?:,([0-9]+))?")
_EITHER = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_POINTED_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_FORMS = {"": (_DECIMAL_POINT, _DECIMAL_COMMA), POINT: (_DECIMAL_POINT,), COMMA: (_DECIMAL_COMMA, _DECIMAL_POINT)}


def parse(raw: str | float, decimal: str = "") -> int | float:
    """The number in `raw`: int when it is whole, else a finite float; raises ValueError.

    Takes "1240.5", "1 240,50 zł", "1,240.50", "1.240,50", "PLN 12", "12%".
    `decimal` says what begins the decimals in this column (COMMA, POINT); without it "1,240" is refused, which is 1240 to
    some and 1.24 to others, and "1.240" is 1.24, as machines write it.
    """
    if not isinstance(raw, str):
        return _tidy(raw)
    text = raw.strip()
    plain = _PLAIN.fullmatch(text) and not (decimal == COMMA and _POINTED_THOUSANDS.fullmatch(text))
    return _from_plain(text if plain else _plain(text, decimal))


def _plain(text: str, decimal: str) -> str:
    """An amount as people write it, in the form that machines read."""
    amount = _AMOUNT.fullmatch(_SPACED_THOUSANDS.sub("", text.replace("\u2212", "-")))
    if not amount or (not decimal and _EITHER.fullmatch(amount[2])):
        raise ValueError("not a number, or not certain which")
    parts = next(filter(None, (form.fullmatch(amount[2]) for form in _FORMS[decimal])), None)
    if not parts:
        raise ValueError("not a number")
    whole = re.sub("[.,']", "", parts[1])
    return f"{amount[1]}{whole}.{parts[2]}" if parts[2] else f"{amount[1]}{whole}"


def _from_plain(text: str) -> int | float:
    return _tidy(int(text) if text.lstrip("+-").isdigit() else float(text))


def _tidy(value: float) -> int | float:
    """One form for each number, so that 5 and 5.0 do not look like a change."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("not a finite number")
        if not value.is_integer():
            return value
    if abs(value) > LARGEST_WHOLE:
        raise ValueError("too large to be kept exactly")
    return int(value)
