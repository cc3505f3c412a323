"""The vendor's search syntax (docs: /api/usage/search-syntax): terms, AND, OR, NOT or a minus, brackets, comparators.

A term on a field that the resource cannot be searched by is dropped with a warning: what is left decides alone.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:
        (?P<bracket>[()])
      | (?P<word>AND|OR|NOT)(?=[\s(])
      | (?P<minus>-)?(?:(?P<field>[\w.]+):\s*(?P<comparator>>=|<=|>|<)?\s*)?
        (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s()]+))
    )""",
    re.VERBOSE,
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
Test = Callable[[Any], bool]
FieldTest = Callable[[str, str], Test]  # comparator and text give a test; ValueError where the text does not fit


@dataclass(frozen=True)
class Filter:
    """A test, and the id below which it can let nobody through (so that a resumed reading starts there)."""

    passes: Test
    floor: int = 0


@dataclass
class Search:
    """A parsed query: its filter, and what the vendor warns of."""

    filter: Filter
    warnings: list[dict[str, str]] = field(default_factory=list)


EVERYONE = Filter(lambda item: True)


def parse(query: str | None, fields: dict[str, FieldTest], default: FieldTest) -> Search:
    """Read a query; `default` tests a term without a field."""
    parser = _Parser(query or "", {**fields, "": default})
    return Search(parser.any_of() or EVERYONE, parser.warnings)


class _Parser:
    """Recursive descent; each method returns None where no usable term was found."""

    def __init__(self, query: str, fields: dict[str, FieldTest]):
        self._tokens = [match for match in TOKEN.finditer(query) if match.group().strip()]
        self._fields = fields
        self.warnings: list[dict[str, str]] = []

    def any_of(self) -> Filter | None:
        filters = [self._all_of()]
        while self._next_is("word", "OR"):
            self._tokens.pop(0)
            filters.append(self._all_of())
        return _either([found for found in filters if found])

    def _all_of(self) -> Filter | None:
        filters = []
        while self._tokens and not self._next_is("word", "OR") and not self._next_is("bracket", ")"):
            if self._next_is("word", "AND"):
                self._tokens.pop(0)
            else:
                filters.append(self._one())
        return _both([found for found in filters if found])

    def _one(self) -> Filter | None:
        token = self._tokens.pop(0)
        if token["word"] == "NOT":
            return _not(self._one() if self._tokens else None)
        if token["bracket"] == "(":
            return self._bracket()
        found = self._term(token)
        return _not(found) if token["minus"] else found

    def _bracket(self) -> Filter | None:
        inner = self.any_of()
        if self._next_is("bracket", ")"):
            self._tokens.pop(0)
        return inner

    def _term(self, token: re.Match[str]) -> Filter | None:
        name, comparator = token["field"] or "", token["comparator"] or ""
        text = next(part for part in (token["double"], token["single"], token["bare"], "") if part is not None)
        if name not in self._fields:
            return self._warn(name, "Invalid search field for this query.", "invalid_field")
        try:
            test = self._fields[name](comparator, text)
        except ValueError:
            return self._warn(name, f"Input `{text}` is not an accepted value.", "invalid_value")
        return Filter(test, int(text) if name == "id" and comparator in (">", ">=", "") else 0)

    def _warn(self, name: str, message: str, code: str) -> None:
        self.warnings.append({"field": name, "message": message, "code": code})

    def _next_is(self, group: str, text: str) -> bool:
        return bool(self._tokens) and self._tokens[0][group] == text


def _both(filters: list[Filter]) -> Filter | None:
    if len(filters) < 2:
        return filters[0] if filters else None
    tests = [found.passes for found in filters]
    return Filter(lambda item: all(test(item) for test in tests), max(found.floor for found in filters))


def _either(filters: list[Filter]) -> Filter | None:
    if len(filters) < 2:
        return filters[0] if filters else None
    tests = [found.passes for found in filters]
    return Filter(lambda item: any(test(item) for test in tests), min(found.floor for found in filters))


def _not(found: Filter | None) -> Filter | None:
    return Filter(lambda item: not found.passes(item)) if found else None
