"""Asking for many rows at once by their keys."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from webapp.extensions import db

IN_CHUNK = 500


def in_chunks(query: Any, column: Any, values: Iterable[Any]) -> list[Any]:
    """The rows whose column has one of these values. PostgreSQL takes them as one array, and plans the query once."""
    values = list(values)
    if db.engine.dialect.name == "postgresql" and values:
        return db.session.execute(query.where(column == any_(literal(values, ARRAY(column.type))))).all()
    return [row for some in chunks(values) for row in db.session.execute(query.where(column.in_(some)))]


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + IN_CHUNK] for start in range(0, len(values), IN_CHUNK))
