"""The file of a bulk read job: a ZIP with one CSV (docs: bulk-read/download-result), and the ways in which one can be none."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from ..faults import Fault
from ..people import Person
from .jobs import Job
from .orgs import Org, record_id

BOMB = 30_000_000
Fill = Callable[[IO[bytes]], None]


def packed(org: Org, job: Job, fault: Fault | None) -> IO[bytes]:
    """The ZIP, at its beginning. Fault `bulk_file`, with `how`: second, name, short, bent, bomb, latin, empty, locked, folder."""
    how = fault.get("how") if fault else ""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    name = {"name": "../../etc/passwd", "folder": f"{job.id}/"}.get(how, f"{job.id}.csv")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        if how != "empty":
            with archive.open(name, "w", force_zip64=True) as entry:
                _filled(how, org, job)(entry)
        if how == "second":
            archive.writestr("readme.txt", "not asked for")
    if how == "locked":
        _lock(file)
    file.seek(0)
    return file


def _filled(how: str, org: Org, job: Job) -> Fill:
    if how == "folder":
        return lambda entry: None
    if how == "bomb":
        return _bomb
    return lambda entry: _write(org, job, entry, how)


def _bomb(entry: IO[bytes]) -> None:
    entry.write(b"Id,Email\n")
    for _ in range(BOMB // 1_000_000):
        entry.write(b"0" * 1_000_000)


def _write(org: Org, job: Job, entry: IO[bytes], how: str) -> None:
    encoding = "utf-16" if how == "latin" else "utf-8"
    text = io.TextIOWrapper(entry, encoding, newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([org.jobs.ways.header, *(column.name for column in job.columns)])
    for row in _rows(org, job, how):
        writer.writerow(row)
    text.flush()
    text.detach()


def _rows(org: Org, job: Job, how: str) -> Iterator[list[str]]:
    """As people were when the job was done: whoever was deleted since is still there."""
    people = org.people_of(job.module)
    for place, index in enumerate(job.indexes[: len(job.indexes) // 2] if how == "short" else job.indexes):
        person = people.person(index) or Person(people.seed, index, people.number(index))
        row = [record_id(person), *(_text(column.read(person), org.jobs.ways.separator) for column in job.columns)]
        yield row[:-1] if how == "bent" and place == 1 else row


def _text(value: Any, separator: str) -> str:
    """A value as it stands in the file: lookups are ids, choices and tags their names. What no encoding holds is replaced."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return value["id"]
    if isinstance(value, list):
        return (separator if value and isinstance(value[0], str) else ",").join(
            one["name"] if isinstance(one, dict) else one for one in value
        )
    return "" if value is None else str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _lock(file: IO[bytes]) -> None:
    """Mark the entry as one that needs a password."""
    file.seek(0)
    body = bytearray(file.read())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + place] |= 1
    file.seek(0)
    file.write(body)
