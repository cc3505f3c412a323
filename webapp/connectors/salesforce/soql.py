"""Writing SOQL: literals, and the part of somebody else's query that says which records (vendor page, sections 2 and 3)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from webapp.connectors.reasons import ConnectorError, Reason

# Text literals are passed over, so that a word within one is not taken for a clause.
CLAUSE = re.compile(
    r"'(?:[^'\\]|\\.)*'|\b(WHERE|WITH|GROUP\s+BY|HAVING|ORDER\s+BY|LIMIT|OFFSET|FOR\s+(?:VIEW|REFERENCE|UPDATE))\b",
    re.IGNORECASE,
)
SCOPE = re.compile(r"\bFROM\s+\w+\s+(USING\s+SCOPE\s+\w+)", re.IGNORECASE)


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
    scope = SCOPE.search(query)
    places = [(match.start(), match.end(), match[1].upper().split()[0]) for match in CLAUSE.finditer(query) if match[1]]
    where = next((place for place, one in enumerate(places) if one[2] == "WHERE"), None)
    if where is None:
        return (scope[1] if scope else "", "")
    end = places[where + 1][0] if where + 1 < len(places) else len(query)
    return (scope[1] if scope else "", query[places[where][1] : end].strip())


def select(columns: Sequence[str], entity: str, scope: str, conditions: Sequence[str], limit: int) -> str:
    """A page by rising id."""
    where = " AND ".join(f"({one})" for one in conditions if one)
    parts = [f"SELECT {', '.join(columns)} FROM {entity}", scope, f"WHERE {where}" if where else ""]
    return " ".join(part for part in [*parts, f"ORDER BY Id ASC LIMIT {limit}"] if part)


def count(entity: str, scope: str, conditions: Sequence[str]) -> str:
    """How many records these conditions leave."""
    where = " AND ".join(f"({one})" for one in conditions if one)
    return " ".join(
        part for part in (f"SELECT COUNT() FROM {entity}", scope, f"WHERE {where}" if where else "") if part
    )
