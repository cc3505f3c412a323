"""Cells of CSV files that people open in a spreadsheet."""

from typing import Any

# A spreadsheet takes a text that begins so for a formula, the full-width forms included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_cell(value: Any) -> str:
    """The value as text that no spreadsheet runs: an apostrophe goes before what would be a formula.

    Phone numbers ("+48…") get it too. Numbers stay as they are, so that they can be added up; None is empty.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
