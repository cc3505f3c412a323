"""The file of a bulk read job: a ZIP with one CSV in UTF-8, read as a stream, twice, without unpacking it to a disk.

Nothing is believed before it was seen: the first reading finds whether the file is whole, how many records it has, and whether
their ids rise. Neither the order of records nor the case of the column `Id` is promised.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from webapp.connectors.reasons import Reason
from webapp.connectors.zoho.jobs import ID, Stumbled

MOST_UNPACKED = 3_000_000_000
MOST_RATIO, ALWAYS_FINE = 200, 20_000_000
ENCRYPTED = 1
ROWS_A_SIGN = 20_000
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, UnicodeError, csv.Error, NotImplementedError, RuntimeError, OSError)

Row = list[str]


class _Unpacked(io.RawIOBase):
    """The bytes of one entry, as far as they stay within what an honest file has."""

    def __init__(self, entry: zipfile.ZipExtFile, most: int):
        self._entry, self._left = entry, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        part = self._entry.read(len(buffer))
        self._left -= len(part)
        if self._left < 0:
            raise Stumbled(Reason.TOO_LARGE)
        buffer[: len(part)] = part
        return len(part)


class ResultFile:
    """A file that was fetched. Everything that is wrong with it is a Stumbled.

    `header` are its columns, `identity` is the place of the id among them; `rises` says, after `look_through`, whether ids rise.
    """

    def __init__(self, file: BinaryIO, count: int):
        self._file, self._count = file, count
        self.header: Row = []
        self.identity, self.rises = 0, False

    def look_through(self) -> Iterator[None]:
        """Read it once, yielding now and then."""
        rows, last, rises = 0, -1, True
        for row in self._read(0):
            number = self.number(row)
            rows, rises, last = rows + 1, rises and number > last, number
            if rows % ROWS_A_SIGN == 0:
                yield
        if rows != self._count:
            raise Stumbled(Reason.BAD_RESPONSE)
        self.rises = rises

    def number(self, row: Row) -> int:
        """The id of a record, or -1 for what is none."""
        number = row[self.identity] if len(row) == len(self.header) else ""
        return int(number) if ID.fullmatch(number) else -1

    def rows(self, start: int) -> Iterator[Row]:
        """The records from this place on (0: the first)."""
        return self._read(start)

    def _read(self, start: int) -> Iterator[Row]:
        try:
            with zipfile.ZipFile(self._file) as archive, archive.open(_only(archive)) as entry:
                packed = archive.infolist()[0].compress_size
                raw = _Unpacked(entry, min(MOST_UNPACKED, max(ALWAYS_FINE, MOST_RATIO * packed)))
                text = io.TextIOWrapper(io.BufferedReader(raw, 256 * 1024), "utf-8-sig", newline="")
                rows = csv.reader(text, strict=True)
                self._begin(next(rows, []))
                yield from islice(filter(None, rows), start, None)
        except BROKEN:
            raise Stumbled(Reason.BAD_RESPONSE) from None

    def _begin(self, header: Row) -> None:
        places = [place for place, name in enumerate(header) if name.lower() == "id"]
        if len(places) != 1:
            raise Stumbled(Reason.BAD_RESPONSE)
        self.header, self.identity = header, places[0]


def _only(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one entry. Its name is not used for anything, only its kind."""
    entries = archive.infolist()
    if len(entries) != 1 or not entries[0].filename.endswith(".csv") or entries[0].flag_bits & ENCRYPTED:
        raise Stumbled(Reason.BAD_RESPONSE)
    if entries[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Stumbled(Reason.BAD_RESPONSE)
    return entries[0]
