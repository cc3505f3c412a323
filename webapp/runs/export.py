"""Files of rejected people, in the forms that a Polish spreadsheet opens as it should."""

import csv
import tempfile
from collections.abc import Iterator
from io import StringIO
from typing import IO, Any

from flask_babel import gettext as _
from sqlalchemy import Row

from webapp.formats import gettext_of
from webapp.models import ImportRun
from webapp.runs.history import every_rejected
from webapp.values.cells import csv_cell
from webapp.words import REJECT, REJECT_ADVICE

BOM = "\ufeff"
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_lines(run: ImportRun, reason: str) -> Iterator[str]:
    """The file, line by line: with a byte order mark and semicolons, as Excel in Polish expects."""
    yield BOM + csv_line(header())
    for row in every_rejected(run.id, reason):
        yield csv_line(cells(row))


def csv_line(values: list[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL).writerow([csv_cell(value) for value in values])
    return buffer.getvalue()


def xlsx_file(run: ImportRun, reason: str) -> IO[bytes]:
    """The open workbook, row after row through a file on disk: its size does not count against memory."""
    import xlsxwriter  # 2 MB, which no worker needs

    target = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it, once it is sent
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(_("Rejected"))
        sheet.set_column(0, 4, 24)
        write_row(sheet, 0, header())
        for index, row in enumerate(every_rejected(run.id, reason), start=1):
            write_row(sheet, index, cells(row))
    target.seek(0)
    return target


def write_row(sheet: Any, index: int, values: list[str]) -> None:
    """As texts, whatever they look like: no formulas, no links."""
    for column, value in enumerate(values):
        sheet.write_string(index, column, value)


def header() -> list[str]:
    return [_("ID in the source"), _("Field"), _("Value"), _("Reason"), _("What to do")]


def cells(row: Row) -> list[str]:
    field = _("E-mail") if row.field == "email" else row.field
    return [row.external_id, field, row.value, reject_label(row.reason), reject_advice(row.reason)]


def reject_label(reason: str) -> str:
    return gettext_of(REJECT[reason])


def reject_advice(reason: str) -> str:
    return gettext_of(REJECT_ADVICE[reason])
