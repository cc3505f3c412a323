"""The results of a query job as CSV, set by set (docs: query_get_job_results, query_compression).

CSV says some things otherwise than JSON: nothing and an empty text look alike, times end in Z, and numbers of doubles
have a point. Everything is quoted.
"""

import csv
import gzip
import io
from base64 import b64decode, b64encode
from collections.abc import Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..people import Person
from . import answers
from .columns import columns_of
from .orgs import Org, numbered
from .queries import record
from .soql import Query

if TYPE_CHECKING:
    from .jobs import Job

USUAL, MOST = 50_000, 250_000
DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
ENDS = {"LF": "\n", "CRLF": "\r\n"}
NO_MORE = "null"
ENDLESS = {"endless", "cursor_stuck", "cursor_loop"}


def lines_of(org: Org, query: Query, people: Sequence[Person], delimiter: str) -> list[str]:
    """A line for each of the people, without its end."""
    known = columns_of(org, query.entity)
    kinds = [known[name].kind if name in known else "string" for name in query.columns]
    found = []
    for person in people:
        values = record(org, query.entity, person, query.columns)
        cells = [_cell(_value(values, name), kind) for name, kind in zip(query.columns, kinds, strict=True)]
        found.append(_line(cells, delimiter))
    return found


def answer(job: "Job", request: Request, faults: dict[str, Fault]) -> Response:
    """GET jobs/query/{id}/results; raises Refused."""
    if job.state != "JobComplete":
        raise answers.Refused(412, "JOB_NOT_COMPLETE", f"Results are there once a job is complete, not {job.state}")
    size = _size(request.args.get("maxRecords", str(USUAL)))
    start = _start(request.args.get("locator", ""), faults)
    lines, following = job.rows[start : start + size], start + size
    lines, following = _disturbed(job, lines, start, following, faults)
    more = following < len(job.rows) or not ENDLESS.isdisjoint(faults)
    return _csv(job, lines, _locator(following) if more else NO_MORE, request)


def _csv(job: "Job", lines: list[str], locator: str, request: Request) -> Response:
    end = ENDS[job.ending]
    text = end.join([_line(job.columns, DELIMITERS[job.delimiter]), *lines, ""])
    headers = {"Sforce-NumberOfRecords": str(len(lines)), "Sforce-Locator": locator}
    body = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
    return Response(body, 200, headers, content_type="text/csv; charset=UTF-8")


def _line(cells: Sequence[str], delimiter: str) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="").writerow(cells)
    return line.getvalue()


def _value(values: dict[str, Any], name: str) -> Any:
    parent, _, part = name.partition(".")
    return (values[parent] or {}).get(part) if part else values[name]


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("+0000", "Z") if kind == "datetime" else str(value)


def _size(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise answers.Refused(400, "API_ERROR", f"Invalid maxRecords: {text}")
    return min(int(text), MOST)


def _locator(offset: int) -> str:
    return b64encode(str(offset).encode()).decode().rstrip("=")


def _start(locator: str, faults: dict[str, Fault]) -> int:
    try:
        if locator and "locator_lost" in faults:
            raise ValueError
        return int(b64decode(locator + "=" * (-len(locator) % 4))) if locator else 0
    except ValueError:
        raise answers.Refused(400, "API_ERROR", f"Invalid locator: {locator}") from None


def _disturbed(
    job: "Job", lines: list[str], start: int, following: int, faults: dict[str, Fault]
) -> tuple[list[str], int]:
    """The faults of paging, as far as sets of results can have them: the lines, and where the next ones begin."""
    if "cursor_stuck" in faults:
        return lines, start
    if "cursor_loop" in faults:
        return lines, 0
    if "endless" in faults and following >= len(job.rows):
        others = islice(cycle(job.rows), following - start)
        return [_under_another_id(job, line, start + n) for n, line in enumerate(others)], following
    for name, wasted in (("empty_pages", []), ("duplicate_pages", lines)):
        if fault := faults.get(name):
            fault.notes.append(None)
            return (lines, following) if len(fault.notes) % 2 == 0 else (wasted, start)
    return lines, following


def _under_another_id(job: "Job", line: str, number: int) -> str:
    """Somebody nobody has seen; the id is the first column."""
    return f'"{numbered(job.entity, 10**6 + number)}"{line[20:]}'
