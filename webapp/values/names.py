"""First and last names, together and apart."""

import re

from webapp.values.text import clean

# Small words that belong to the last name, as in "Ludwig van Beethoven".
_PARTICLES = {
    "af",
    "al",
    "bin",
    "da",
    "de",
    "del",
    "den",
    "der",
    "di",
    "dos",
    "du",
    "el",
    "la",
    "le",
    "ten",
    "ter",
    "van",
    "von",
    "zu",
}
_HYPHEN = re.compile(r"\s*[-\u2010-\u2013]\s*")


def split_full_name(text: str) -> tuple[str, str]:
    """First and last name: the last word and what belongs to it is the last name, "Kowalska, Anna" is turned round.

    One word alone is a first name. An address is no name: vendors put it where the name is missing.
    """
    name = _HYPHEN.sub("-", clean(text))
    if "@" in name:
        return "", ""
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    words = name.split()
    start = _last_name_start(words)
    return " ".join(words[:start]), " ".join(words[start:])


def _last_name_start(words: list[str]) -> int:
    start = max(len(words) - 1, 1)
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return start


def full_name(first: str, last: str) -> str:
    """Both names with a space between, or the one that is there."""
    return f"{first} {last}".strip()
