"""Asking for many rows at once by their keys: one statement, whose only parameter is the keys as JSON."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ARRAY, JSON, String, any_, cast, func, literal, select

from webapp.extensions import db

_encode = msgspec.json.Encoder().encode


def among(column: Any, values: Iterable[Any]) -> Any:
    """The condition that the column has one of these values. PostgreSQL gets an array, so that it uses the column's index whatever it expects."""
    if db.engine.dialect.name == "postgresql":
        return column == any_(func.array(_listed(column, values).scalar_subquery(), type_=ARRAY(column.type)))
    return column.in_(_listed(column, values))


def beside(column: Any, values: Iterable[Any]) -> Any:
    """The condition that the column has none of these values."""
    return column.not_in(_listed(column, values))


def _listed(column: Any, values: Iterable[Any]) -> Any:
    keys = _encode(list(values)).decode()
    if db.engine.dialect.name == "postgresql":
        value = func.json_array_elements_text(cast(literal(keys, String), JSON)).column_valued("value")
        return select(cast(value, column.type))
    return select(func.json_each(keys).table_valued("value").c.value)
