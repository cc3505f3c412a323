"""People as they really arrive: without an address, with a broken one, with hostile or damaged text.

The first 120 people of a population hold every kind once; after them about one in fifty is awkward.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from .people import Person

Changes = dict[str, Any]
SMALL = 120


def _email(wording: str) -> Callable[[Person], Changes]:
    return lambda person: {"email": wording.format(person.email)}


def _named(first_name: str, last_name: str) -> Callable[[Person], Changes]:
    return lambda person: {"first_name": first_name, "last_name": last_name, "email": _plain_email(person)}


def _plain_email(person: Person) -> str:
    return f"osoba{person.index + 1}@example.com"


def _own_email(change: Callable[[str], str]) -> Callable[[Person], Changes]:
    return lambda person: {"email": change(person.email or "")}


def _twin(person: Person) -> Changes:
    """The address of the person before, written in capitals."""
    return {"email": (Person(person.seed, person.index - 1, 0).email or "").upper()}


KINDS: dict[str, Callable[[Person], Changes]] = {
    "no_email": lambda person: {"email": None, "phone": f"+48601{person.index % 1_000_000:06}"},
    "empty_email": _email(""),
    "blank_email": _email("   "),
    "no_domain": _email("a@"),
    "two_ats": _own_email(lambda email: email.replace("@", "@@")),
    "no_top_level": _email("a@b"),
    "trailing_dot": _email("{}."),
    "upper_case": _own_email(str.upper),
    "idn_domain": lambda person: {"email": f"zażółć{person.index + 1}@żółw.example"},
    "nbsp_around": _email("\u00a0{}\u00a0"),
    "zero_width": _email("\u200b{}"),
    "crlf_inside": _own_email(lambda email: email.replace("@", "\r\nBcc: ofiara@example.com\r\n@")),
    "over_long_email": lambda person: {"email": f"{'a' * 310}{person.index + 1}@example.com"},
    "long_name": _named("Ada", "Ó" * 10_000),
    "nul": _named("Ala\x00", "Ma\x00kota"),
    "lone_surrogate": _named("Ewa\ud800", "Nowak"),
    "bidi": _named("\u202eaksadA", "Kowalska\u202c"),
    "emoji": _named("Zuza 🦄", "👩‍👩‍👧 Lis"),
    "nfc": _named(unicodedata.normalize("NFC", "Łukasz"), unicodedata.normalize("NFC", "Żółć")),
    "nfd": _named(unicodedata.normalize("NFD", "Łukasz"), unicodedata.normalize("NFD", "Żółć")),
    "html": _named("<img src=x onerror=alert(1)>", "<b>Nowak</b>"),
    "template": _named("{{7*7}}", "${7*7}"),
    "formula": _named('=HYPERLINK("https://example.com";"kliknij")', "+48601"),
    "sql": _named("Robert'; DROP TABLE contacts;--", "O'Żak"),
    "mojibake": _named("Łucja", "WiÅ›niewska"),
    "line_breaks": _named("Jan\nPaweł", "Nowak\r\n"),
    "nameless": lambda person: {"first_name": None, "last_name": None, "email": _plain_email(person)},
    "twin": _twin,
}
_IN_ORDER = tuple(KINDS)


def kind_of(index: int) -> str | None:
    """Which kind of awkward the person at this index is, or None."""
    if index < SMALL:
        return _IN_ORDER[index // 4] if index % 4 == 3 and index // 4 < len(_IN_ORDER) else None
    return _IN_ORDER[index // 50 % len(_IN_ORDER)] if index % 50 == 0 else None


def changes(person: Person) -> Changes:
    """What sets this person apart from an ordinary one."""
    kind = kind_of(person.index)
    return KINDS[kind](person) if kind else {}
