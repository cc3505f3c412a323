"""Ids of rows in addresses. A number that no row can have is no id: databases fail on it instead of finding nothing."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1


class RowIdConverter(IntegerConverter):
    """`<int:…>` in routes."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"max": LARGEST} | kwargs)


def row_id(text: str) -> int:
    """An id in a query; raises ValueError."""
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError("no row has this id")
    return number


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowIdConverter
