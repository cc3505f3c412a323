"""Asking for many rows at once by their keys: one statement, which gets all the keys as one JSON text.

`among` and `beside` take the keys themselves, or a `bindparam` which they are given later as `keys`.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ARRAY, JSON, BindParameter, String, any_, cast, func, literal, select

from webapp.extensions import db

_encode = msgspec.json.Encoder().encode


def keys(values: Iterable[Any]) -> str:
    """The text of these keys."""
    return _encode(list(values)).decode()


def among(column: Any, given: Any) -> Any:
    """The condition that the column has one of these keys. PostgreSQL gets an array, so that it uses the column's index whatever it expects."""
    if db.engine.dialect.name == "postgresql":
        return column == any_(func.array(_listed(column, given).scalar_subquery(), type_=ARRAY(column.type)))
    return column.in_(_listed(column, given))


def beside(column: Any, given: Any) -> Any:
    """The condition that the column has none of these keys."""
    return column.not_in(_listed(column, given))


def _listed(column: Any, given: Any) -> Any:
    text = given if isinstance(given, BindParameter) else literal(keys(given), String)
    if db.engine.dialect.name == "postgresql":
        return select(cast(func.json_array_elements_text(cast(text, JSON)).column_valued("value"), column.type))
    return select(func.json_each(text).table_valued("value").c.value)
