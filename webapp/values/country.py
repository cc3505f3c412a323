"""Countries as their two-letter code (ISO 3166-1), whichever way the source names them."""

from functools import cache

from babel import Locale
from babel.core import get_global

from webapp.values.text import search_key

LANGUAGES = ("en", "pl")

# CLDR lists these beside the countries: unions, outlying territories without a code of their own, test data.
_NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}

# Names in common use that CLDR does not give.
_ALSO_KNOWN_AS = {
    "america": "US",
    "united states of america": "US",
    "stany zjednoczone ameryki": "US",
    "great britain": "GB",
    "england": "GB",
    "anglia": "GB",
    "scotland": "GB",
    "szkocja": "GB",
    "wales": "GB",
    "walia": "GB",
    "northern ireland": "GB",
    "irlandia polnocna": "GB",
    "wlk brytania": "GB",
    "w brytania": "GB",
    "zjednoczone krolestwo": "GB",
    "czech republic": "CZ",
    "republika czeska": "CZ",
    "slovak republic": "SK",
    "rzeczpospolita polska": "PL",
    "republic of poland": "PL",
    "republika federalna niemiec": "DE",
    "rfn": "DE",
    "deutschland": "DE",
    "osterreich": "AT",
    "cesko": "CZ",
    "ceska republika": "CZ",
    "slovensko": "SK",
    "espana": "ES",
    "italia": "IT",
    "the netherlands": "NL",
    "holland": "NL",
    "niderlandy": "NL",
    "republic of ireland": "IE",
    "turkey": "TR",
    "korea": "KR",
    "republic of korea": "KR",
    "korea, republic of": "KR",
    "korea, democratic people's republic of": "KP",
    "russian federation": "RU",
    "federacja rosyjska": "RU",
    "chinska republika ludowa": "CN",
    "uae": "AE",
    "zea": "AE",
    "macedonia": "MK",
    "republic of moldova": "MD",
    "moldova, republic of": "MD",
    "republika moldawii": "MD",
    "iran, islamic republic of": "IR",
    "tanzania, united republic of": "TZ",
    "venezuela, bolivarian republic of": "VE",
    "bolivia, plurinational state of": "BO",
    "congo, the democratic republic of the": "CD",
    "ivory coast": "CI",
    "wybrzeze kosci sloniowej": "CI",
    "vatican": "VA",
    "swaziland": "SZ",
    "viet nam": "VN",
    "bialorus": "BY",
    "hong kong": "HK",
    "hongkong": "HK",
    "macao": "MO",
    "macau": "MO",
    "makau": "MO",
    "palestine": "PS",
    "palestyna": "PS",
    "myanmar": "MM",
    "burma": "MM",
}


def parse(raw: str) -> str:
    """The country as two capitals, from a Polish or English name or an ISO code; raises ValueError."""
    code = _codes().get(raw) or _codes().get(_fold(raw))
    if code is None:
        raise ValueError("not a country")
    return code


@cache
def _codes() -> dict[str, str]:
    """The code for every folded name and code, and for the code as it is usually written."""
    countries = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()} - _NOT_COUNTRIES
    names = {_fold(_name(code, language)): code for language in LANGUAGES for code in countries}
    return {
        **_ALSO_KNOWN_AS,
        **names,
        **_old_and_long_codes(countries),
        **{code.lower(): code for code in countries},
        **{code: code for code in countries},
    }


def _fold(name: str) -> str:
    return search_key(name).replace(" & ", " and ").replace(".", "")


def _name(code: str, language: str) -> str:
    return Locale(language).territories.get(code, code)


def _old_and_long_codes(countries: set[str]) -> dict[str, str]:
    """ISO's three-letter codes and withdrawn ones that became exactly one country, as CLDR's aliases have them."""
    aliases = get_global("territory_aliases")
    return {
        old.lower(): new[0] for old, new in aliases.items() if old.isalpha() and len(new) == 1 and new[0] in countries
    }
