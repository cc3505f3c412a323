"""Bulk operations of one shop: a query runs by itself, and its rows stand in a file for a week."""

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from tempfile import TemporaryFile
from threading import Lock, Thread
from typing import IO, Any

from .bulk_queries import Row

MOST_AT_ONCE = 5
PATIENCE = 2.0
FILE_LIFE = 7 * 86_400
UNFINISHED = ("CREATED", "RUNNING", "CANCELING")


@dataclass
class Settings:
    """How the shop's next operations go. `polls`: how often one is looked at before it ends; None: it never ends.

    `end` is COMPLETED, FAILED (then with `error`, and the first `partial` rows), CANCELED or EXPIRED; `others` so many other
    operations of the application are under way; `order` "halves" writes the second half of the rows before the first;
    `cut` so many bytes of the file are missing at its end; `host` stands in the file's address instead of ours;
    without `ranges` the file always comes whole.
    """

    polls: int | None = 0
    end: str = "COMPLETED"
    error: str | None = None
    partial: int = 0
    others: int = 0
    order: str = ""
    cut: int = 0
    ranges: bool = True
    host: str = ""


@dataclass
class Operation:
    """One bulk operation. `pages` are its rows, which a thread writes into `file` meanwhile."""

    number: int
    query: str
    pages: Iterator[list[Row]]
    settings: Settings
    created_at: int = field(default_factory=lambda: int(time.time()))
    completed_at: int | None = None
    status: str = "CREATED"
    looks: int = 0
    objects: int = 0
    roots: int = 0
    whole_size: int = 0
    size: int = 0
    error: str | None = None
    denied: bool = False
    file: IO[bytes] | None = None
    signature: str = field(default_factory=lambda: secrets.token_hex(16))
    reading: Any = field(default_factory=Lock)

    @property
    def is_under_way(self) -> bool:
        return self.status in UNFINISHED

    @property
    def expires_at(self) -> int:
        return (self.completed_at or self.created_at) + FILE_LIFE

    def begin(self) -> None:
        self._writer = Thread(target=self._write, daemon=True)
        self._writer.start()

    def look(self) -> None:
        """As time goes by: created, running, and after so many looks at its end."""
        if not self.is_under_way:
            return
        if self.status == "CANCELING":
            self.status = "CANCELED"
        elif self.settings.polls is None or self.looks < self.settings.polls or self._is_writing():
            self.status, self.looks = "RUNNING", self.looks + 1
        else:
            self._end()

    def cancel(self) -> None:
        if self.is_under_way:
            self.status = "CANCELING"

    def expire(self) -> None:
        """A week later."""
        if self.status == "COMPLETED":
            self.status, self.file = "EXPIRED", None

    def _end(self) -> None:
        self.completed_at = int(time.time())
        self.status, self.error = (
            ("FAILED", "ACCESS_DENIED") if self.denied else (self.settings.end, self.settings.error)
        )
        if self.status not in ("COMPLETED", "FAILED") or not self.objects:
            self.file = None

    def _is_writing(self) -> bool:
        self._writer.join(PATIENCE)
        return self._writer.is_alive()

    def _write(self) -> None:
        """The file, line by line on disk; nobody is held in memory."""
        self.file = TemporaryFile()  # noqa: SIM115 - it is read until the operation expires
        most = self.settings.partial if self.settings.end == "FAILED" else None
        try:
            for row in islice(_ordered(self.pages, self.settings.order), most):
                self.objects, self.roots = self.objects + 1, self.roots + ("__parentId" not in row)
                self.file.write(line(row))
        except PermissionError:
            self.denied = True
        self.whole_size = self.file.tell()
        self.size = max(0, self.whole_size - self.settings.cut)
        self.file.truncate(self.size)


def line(row: Row) -> bytes:
    """One row as the vendor's files have it: slashes escaped, ended by a line feed."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _ordered(pages: Iterable[list[Row]], order: str) -> Iterator[Row]:
    everything = (row for page in pages for row in page)
    if order != "halves":
        return everything
    listed = list(everything)
    middle = len(listed) // 2
    return iter(listed[middle:] + listed[:middle])


class Operations:
    """All bulk operations of a shop and its application."""

    def __init__(self) -> None:
        self.settings = Settings()
        self._known: dict[int, Operation] = {}
        self._lock = Lock()

    def under_way(self) -> list[int]:
        """The numbers of those that have not ended; the others' are made up."""
        own = [operation.number for operation in self._known.values() if operation.is_under_way]
        return [*own, *range(900_000, 900_000 + self.settings.others)]

    def start(self, query: str, pages: Iterator[list[Row]]) -> Operation | None:
        """A new operation, or None where five are under way."""
        with self._lock:
            if len(self.under_way()) >= MOST_AT_ONCE:
                return None
            number = 720_000_000_000 + len(self._known) + 1
            self._known[number] = operation = Operation(number, query, pages, self.settings)
        operation.begin()
        return operation

    def find(self, number: int) -> Operation | None:
        return self._known.get(number)

    def expire(self) -> None:
        for operation in self._known.values():
            operation.expire()
