"""When two names of fields mean the same thing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from webapp.importing.synonyms import MEANING_OF, QUALIFIERS
from webapp.values.text import search_key

_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CUSTOM_SUFFIX = re.compile(r"__c$")
_PATH = re.compile(r"[./:]")


class Likeness(IntEnum):
    """How much the name of a column is like that of a field; more is better."""

    NONE = 0
    SAME_MEANING_OF_CORE = 60
    SAME_MEANING = 70
    SAME_CORE = 80
    SAME_NAME = 90


@dataclass(frozen=True)
class Name:
    """What a field is called: as written, and its core, without the words that only say whose it is."""

    exact: frozenset[str]
    core: frozenset[str]

    @classmethod
    def of(cls, key: str, label: str) -> "Name":
        last = _PATH.split(key)[-1]
        core = (_without_qualifiers(phrase(text)) for text in (key, last, label))
        return cls(frozenset({phrase(key), phrase(label)} - {""}), frozenset({*core} - {""}))

    def like(self, field: "Name") -> Likeness:
        """How much this column's name is like the field's.

        The field's name counts as written: a shipping phone is a phone, but not a billing phone.
        """
        if self.exact & field.exact:
            return Likeness.SAME_NAME
        if self.core & field.exact:
            return Likeness.SAME_CORE
        return self.meaning(_meanings(field.exact))

    def meaning(self, meanings: frozenset[str]) -> Likeness:
        """How surely this name stands for one of these meanings."""
        if _meanings(self.exact) & meanings:
            return Likeness.SAME_MEANING
        return Likeness.SAME_MEANING_OF_CORE if _meanings(self.core) & meanings else Likeness.NONE


def phrase(text: str) -> str:
    """The words of a key or a label: "numberOfOrders", "number_of_orders" and "Number of orders" are one phrase."""
    spaced = _CAMEL_CASE.sub(" ", _CUSTOM_SUFFIX.sub("", text))
    return " ".join(re.findall("[a-z0-9]+", search_key(spaced)))


def _without_qualifiers(name: str) -> str:
    words = name.split()
    while len(words) > 1 and words[0] in QUALIFIERS:
        del words[0]
    while len(words) > 1 and words[-1] in QUALIFIERS:
        del words[-1]
    return " ".join(words)


def _meanings(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(MEANING_OF[name] for name in phrases if name in MEANING_OF)
