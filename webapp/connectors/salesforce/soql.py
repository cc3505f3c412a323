"""Writing SOQL: literals, and the part of somebody else's query that says which records (vendor page, sections 2 and 3)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from webapp.connectors.reasons import ConnectorError, Reason

# Text literals are passed over, so that a word within one is not taken for a clause.
CLAUSE = re.compile(
    r"'(?:[^'\\]|\\.)*'|(?P<parenthesis>[()])|\b(?P<clause>USING\s+SCOPE\s+\w+|WHERE|WITH|GROUP\s+BY|HAVING|ORDER\s+BY"
    r"|LIMIT|OFFSET|FOR\s+(?:VIEW|REFERENCE|UPDATE))\b",
    re.IGNORECASE | re.DOTALL,
)


def literal(text: str) -> str:
    """A text in quotes, with everything escaped that could end it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def moment(value: datetime) -> str:
    """A time, unquoted and in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identifier(text: str) -> str:
    """An id as it may stand in a query or an address; raises ConnectorError(SOURCE_GONE) for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", text, re.ASCII):
        raise ConnectorError(Reason.SOURCE_GONE)
    return text


def condition_of(query: str) -> tuple[str, str]:
    """The scope and the condition of a list view's own query; empty where it has none."""
    clauses = _clauses(query)
    scope = next((one[0] for one in clauses if one[0].upper().startswith("USING")), "")
    where = next((place for place, one in enumerate(clauses) if one[0].upper() == "WHERE"), None)
    if where is None:
        return scope, ""
    end = clauses[where + 1].start() if where + 1 < len(clauses) else len(query)
    return scope, query[clauses[where].end() : end].strip()


def _clauses(query: str) -> list[re.Match[str]]:
    """Where the clauses of the query itself begin and end; its subqueries have clauses of their own."""
    found, depth = [], 0
    for match in CLAUSE.finditer(query):
        depth += {"(": 1, ")": -1}.get(match["parenthesis"] or "", 0)
        if match["clause"] and depth == 0:
            found.append(match)
    return found


def select(columns: Sequence[str], entity: str, scope: str, conditions: Sequence[str], limit: int | None = None) -> str:
    """A page by rising id, or everybody without a limit."""
    where = " AND ".join(f"({one})" for one in conditions if one)
    parts = [f"SELECT {', '.join(columns)} FROM {entity}", scope, f"WHERE {where}" if where else ""]
    end = f"ORDER BY Id ASC LIMIT {limit}" if limit else "ORDER BY Id ASC"
    return " ".join(part for part in [*parts, end] if part)


def behind(last_id: str) -> str:
    """The condition that a record comes after this one; empty at the start."""
    return f"Id > {literal(last_id)}" if last_id else ""


def count(entity: str, scope: str, conditions: Sequence[str]) -> str:
    """How many records these conditions leave."""
    where = " AND ".join(f"({one})" for one in conditions if one)
    return " ".join(
        part for part in (f"SELECT COUNT() FROM {entity}", scope, f"WHERE {where}" if where else "") if part
    )
