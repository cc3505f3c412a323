"""Phone numbers in the one form that every system understands (E.164)."""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

POLAND = "PL"
# The library knows them, and lists of countries do not.
_NOT_COUNTRIES = {"AC", "TA"}

_SEPARATORS = str.maketrans("", "", " -")
_EXTENSION = re.compile(r"[ ,]+w(?:ew)?\.? ?[0-9]{1,5}\Z")
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


def regions() -> dict[str, int]:
    """The country code (48) of every region (PL) that numbers may belong to."""
    codes = {region: phonenumbers.country_code_for_region(region) for region in phonenumbers.SUPPORTED_REGIONS}
    return {region: code for region, code in codes.items() if region not in _NOT_COUNTRIES}


def normalise(raw: str, region: str = POLAND) -> str:
    """The number as E.164, e.g. "+48501502503"; raises ValueError when it is not a number that can be called. An extension is left out.

    `region` (ISO 3166) is where a number without a country code belongs. Common Polish ones are read by a pattern made
    of the library's own data, phonenumbers decides the others.
    """
    if region == POLAND:
        common = _POLISH.fullmatch(raw) or (_POLISH.fullmatch(raw.translate(_SEPARATORS)) if raw.isascii() else None)
        if common and _polish_pattern().fullmatch(common[2]):
            return f"+48{common[2]}"
        if common and common[1] == "+48":
            raise ValueError("not a phone number in use")
    return _normalised_by_library(raw, region)


@cache
def _polish_pattern() -> re.Pattern[str]:
    """Numbers of Poland of nine digits that can be called, as the installed phonenumbers knows them."""
    poland = PhoneMetadata.metadata_for_region(POLAND)
    known = [getattr(poland, kind) for kind in _KINDS]
    return re.compile("|".join(f"(?:{kind.national_number_pattern})" for kind in known if kind))


def _normalised_by_library(raw: str, region: str) -> str:
    try:
        number = phonenumbers.parse(_EXTENSION.sub("", raw), region)
    except phonenumbers.NumberParseException as problem:
        raise ValueError("not a phone number") from problem
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a phone number in use")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
