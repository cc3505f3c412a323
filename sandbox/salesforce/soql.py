"""A small strict reader of SOQL: what importers ask, and a MALFORMED_QUERY for anything else."""

import re
from dataclasses import dataclass, field
from typing import Any

from .answers import Refused, malformed

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
OPERATORS = {"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE", "IN"}


@dataclass(frozen=True)
class Compare:
    field: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Junction:
    """AND, OR, or NOT of one part."""

    kind: str
    parts: tuple[Any, ...]


@dataclass
class Query:
    """One query. `columns` is empty for COUNT()."""

    columns: list[str] = field(default_factory=list)
    entity: str = ""
    where: Any = None
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None


def parse(text: str) -> Query:
    """The query; raises Refused(MALFORMED_QUERY)."""
    reader = _Reader(_tokens(text))
    query = reader.query()
    if reader.kind != "end":
        raise malformed(str(reader.value))
    return query


def _tokens(text: str) -> list[tuple[str, Any]]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise malformed(text[place : place + 10])
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return [*found, ("end", "<EOF>")]


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[tuple[str, Any]]):
        self._tokens, self._place = tokens, 0

    @property
    def kind(self) -> str:
        return self._tokens[self._place][0]

    @property
    def value(self) -> Any:
        return self._tokens[self._place][1]

    def query(self) -> Query:
        query = Query()
        self._need("SELECT")
        if self._is("COUNT"):
            self._step()
            self._need("(")
            self._need(")")
        else:
            query.columns = self._listed(self._name)
        self._need("FROM")
        query.entity = self._name()
        if self._is("USING"):
            self._step()
            self._need("SCOPE")
            self._name()
        if self._is("WHERE"):
            self._step()
            query.where = self._either()
        if self._is("ORDER"):
            self._step()
            self._need("BY")
            query.order = self._listed(self._ordering)
        if self._is("LIMIT"):
            self._step()
            if self.kind != "number" or not str(self.value).isdigit():
                raise malformed(str(self.value))
            query.limit = int(self._literal())
        return query

    def _listed(self, read: Any) -> list[Any]:
        found = [read()]
        while self._is(","):
            self._step()
            found.append(read())
        return found

    def _ordering(self) -> tuple[str, bool]:
        name, descending = self._name(), self._is("DESC")
        if descending or self._is("ASC"):
            self._step()
        if self._is("NULLS"):
            self._step()
            self._step()
        return name, descending

    def _either(self) -> Any:
        parts = [self._both()]
        while self._is("OR"):
            self._step()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Junction("OR", tuple(parts))

    def _both(self) -> Any:
        parts = [self._one()]
        while self._is("AND"):
            self._step()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Junction("AND", tuple(parts))

    def _one(self) -> Any:
        if self._is("NOT"):
            self._step()
            return Junction("NOT", (self._one(),))
        if self._is("("):
            self._step()
            inner = self._either()
            self._need(")")
            return inner
        name, operator = self._name(), str(self.value).upper()
        if operator not in OPERATORS:
            raise malformed(str(self.value))
        self._step()
        return Compare(name, operator, self._set() if operator == "IN" else self._literal())

    def _set(self) -> Any:
        self._need("(")
        found = self.query() if self._is("SELECT") else self._listed(self._literal)
        self._need(")")
        return found

    def _literal(self) -> Any:
        kind, value = self.kind, self.value
        self._step()
        if kind == "text":
            return _unescaped(value[1:-1])
        if kind == "number":
            return float(value) if "." in value else int(value)
        if kind == "moment":
            return ("moment", value)
        if kind == "day":
            return value
        if kind == "word" and value.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[value.lower()]
        raise malformed(str(value))

    def _name(self) -> str:
        if self.kind != "word":
            raise malformed(str(self.value))
        value = self.value
        self._step()
        return value

    def _is(self, word: str) -> bool:
        return self.kind in ("word", "sign") and str(self.value).upper() == word

    def _need(self, word: str) -> None:
        if not self._is(word):
            raise malformed(str(self.value))
        self._step()

    def _step(self) -> None:
        self._place = min(self._place + 1, len(self._tokens) - 1)


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1] not in ESCAPES:
            raise Refused(400, "MALFORMED_QUERY", "Illegal string escape")
        return ESCAPES[match[1]]

    return re.sub(r"\\(.)", one, text)
