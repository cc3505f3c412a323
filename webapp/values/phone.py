"""Phone numbers in the one form that every system understands (E.164)."""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

_SEPARATORS = str.maketrans("", "", " -")
_POLISH = re.compile(r"(\+48|0048|48)?([1-9][0-9]{8})")
_KINDS = (
    "mobile",
    "fixed_line",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


def normalise(raw: str, region: str = "PL") -> str:
    """The number as E.164, e.g. "+48501502503"; raises ValueError when it is not a number that can be called.

    `region` (ISO 3166) is where a number without a country code belongs. Common Polish ones are read by a pattern made
    of the library's own data, phonenumbers decides the others.
    """
    if region == "PL":
        common = _POLISH.fullmatch(raw) or (_POLISH.fullmatch(raw.translate(_SEPARATORS)) if raw.isascii() else None)
        if common and _polish_pattern().fullmatch(common[2]):
            return f"+48{common[2]}"
        if common and common[1] == "+48":
            raise ValueError("not a phone number in use")
    return _normalised_by_library(raw, region)


@cache
def _polish_pattern() -> re.Pattern[str]:
    """Numbers of Poland of nine digits that can be called, as the installed phonenumbers knows them."""
    poland = PhoneMetadata.metadata_for_region("PL")
    known = [getattr(poland, kind) for kind in _KINDS]
    return re.compile("|".join(f"(?:{kind.national_number_pattern})" for kind in known if kind))


def _normalised_by_library(raw: str, region: str) -> str:
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException as problem:
        raise ValueError("not a phone number") from problem
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a phone number in use")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
