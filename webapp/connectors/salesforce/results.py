"""A set of results as the records that a query would give: CSV writes the same values otherwise (vendor page, section 2).

Nothing and an empty text look alike and are nothing, times end in Z, and everything is text.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason

NO_MORE = "null"
BOOLEANS = {"true": True, "false": False}


class ResultSet:
    """One set, known to be whole: `ids` of its people in its order, and `following`, the locator of the next set or None.

    `asked` are its columns with their types, the id first. Raises ConnectorError(BAD_RESPONSE) where it is cut short or not
    what was asked for, before anybody is taken from it.
    """

    def __init__(self, response: Response, asked: Mapping[str, str]):
        self._columns = list(asked)
        self._cells = [CELLS.get(kind) for kind in asked.values()]
        try:
            self._text = _text_of(response)
            self.ids = self._looked_through(int(response.headers["sforce-numberofrecords"]))
            locator = response.headers["sforce-locator"]
        except (ValueError, KeyError, csv.Error):
            raise ConnectorError(Reason.BAD_RESPONSE) from None
        self.following = None if locator == NO_MORE else locator

    def records(self) -> Iterator[dict[str, Any]]:
        """One after another, so that a set is in memory once only."""
        rows = self._rows()
        next(rows, None)
        related = [name for name in self._columns if "." in name]
        for row in rows:
            record = {
                name: (cell if read is None else read(cell)) if cell else None
                for name, cell, read in zip(self._columns, row, self._cells, strict=True)
            }
            for name in related:
                parent, _, part = name.partition(".")
                record[parent] = {part: record.pop(name)}
            yield record

    def _looked_through(self, number: int) -> list[str]:
        """The ids; raises ValueError, csv.Error."""
        rows, width = self._rows(), len(self._columns)
        if next(rows, self._columns) != self._columns:
            raise ValueError
        ids = [row[0] for row in rows if len(row) == width or _refuse()]
        if len(ids) != number:
            raise ValueError
        return ids

    def _rows(self) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(self._text, newline=""), strict=True)


def _text_of(response: Response) -> str:
    if "text/csv" not in response.headers.get("content-type", ""):
        raise ValueError
    return response.body.decode("utf-8")


def _refuse() -> bool:
    raise ValueError


def _number(cell: str) -> Any:
    """As JSON would read it; what is no number stays as it is, as it would there."""
    try:
        return msgspec.json.decode(cell.encode(), type=int | float)
    except msgspec.DecodeError:
        return cell


def _time(cell: str) -> str:
    return f"{cell[:-1]}+0000" if cell.endswith("Z") else cell


CELLS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("int", "long", "double", "currency", "percent"), _number),
    "boolean": lambda cell: BOOLEANS.get(cell, cell),
    "datetime": _time,
}
