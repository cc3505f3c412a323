"""Query jobs of Bulk API 2.0: asked for, prepared, fetched in sets, and gone again (docs: api-asynch, query_*).

A job keeps its people as they were when it was asked for. Codes that the documentation leaves open follow those that
it names for the older Bulk API, in capitals.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..wire import json_response
from . import answers, queries, results
from .columns import RELATED_OF, columns_of, stamp
from .orgs import Org
from .soql import parse

API_VERSION, MOST_A_DAY, CREATOR = 67.0, 10_000, "005RO000001AAAAEA2"
OVER = ("JobComplete", "Failed", "Aborted")
Faults = dict[str, Fault]


@dataclass
class Job:
    """One query job. `rows` are its lines of CSV, without their ends; `asked` is how often its state was asked for."""

    id: str
    operation: str
    entity: str
    columns: list[str]
    delimiter: str
    ending: str
    rows: list[str]
    state: str = "UploadComplete"
    error: str = ""
    asked: int = 0
    made: int = field(default_factory=lambda: int(time.time()))

    @property
    def shown(self) -> dict[str, Any]:
        over = {"retries": 0, "totalProcessingTime": 1000, "numberRecordsProcessed": len(self.rows)}
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.entity,
            "createdById": CREATOR,
            "createdDate": stamp(self.made),
            "systemModstamp": stamp(int(time.time())),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": API_VERSION,
            "jobType": "V2Query",
            "lineEnding": self.ending,
            "columnDelimiter": self.delimiter,
            **(over if self.state in OVER else {}),
            **({"errorMessage": self.error} if self.error else {}),
        }


def answer(org: Org, rest: str, request: Request, faults: Faults) -> Response:
    """Anything below jobs/query; raises Refused."""
    if "bulk_refused" in faults:
        raise answers.Refused(400, "FEATURENOTENABLED", "Bulk API is not enabled for this user or organization")
    number, _, part = rest.removeprefix("jobs/query").strip("/").partition("/")
    if not number:
        return _made(org, request, faults) if request.method == "POST" else json_response(_listed(org))
    job = org.jobs.get(number)
    if job is None or "job_gone" in faults or part not in ("", "results"):
        raise answers.not_found()
    if part:
        return results.answer(job, request, faults)
    return METHODS.get(request.method, _unknown)(org, job, request, faults)


def _made(org: Org, request: Request, faults: Faults) -> Response:
    org.made_jobs += 1
    if "bulk_limit" in faults or org.made_jobs > MOST_A_DAY:
        raise answers.Refused(400, "EXCEEDEDQUOTA", "The number of query jobs exceeds the limit of the last 24 hours.")
    wishes = _wishes(request)
    delimiter, ending = wishes.get("columnDelimiter", "COMMA"), wishes.get("lineEnding", "LF")
    if wishes.get("operation") not in ("query", "queryAll") or wishes.get("contentType", "CSV") != "CSV":
        raise answers.Refused(400, "INVALIDJOB", "Unsupported operation or content type")
    if delimiter not in results.DELIMITERS or ending not in results.ENDS:
        raise answers.Refused(400, "INVALIDJOB", "Unsupported delimiter or line ending")
    job = _prepared(org, wishes, delimiter, ending, faults)
    org.jobs[job.id] = job
    return json_response(job.shown)


def _wishes(request: Request) -> dict[str, Any]:
    try:
        wishes = json.loads(request.get_data())
    except ValueError:
        wishes = None
    if not isinstance(wishes, dict) or not isinstance(wishes.get("query"), str):
        raise answers.Refused(400, "JSON_PARSER_ERROR", "A JSON object with a query is needed")
    return wishes


def _prepared(org: Org, wishes: dict[str, Any], delimiter: str, ending: str, faults: Faults) -> Job:
    query = parse(wishes["query"])
    if query.entity not in RELATED_OF or (query.entity == "Lead" and not org.profile.leads):
        raise answers.Refused(400, "INVALIDENTITY", f"Entity '{query.entity}' is not supported by the Bulk API.")
    if not query.columns:
        raise answers.Refused(400, "API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    known = columns_of(org, query.entity)
    if any(name in known and known[name].kind == "address" for name in query.columns):
        raise answers.Refused(400, "API_ERROR", "Selecting compound data not supported in Bulk Query")
    if "csv_unordered" in faults:
        query.order = []
    people = queries.chosen(org, query, wishes["operation"] == "queryAll", {})
    lines = results.lines_of(org, query, people, results.DELIMITERS[delimiter])
    number = f"750RO{secrets.token_hex(5)}QAA"
    return Job(number, wishes["operation"], query.entity, query.columns, delimiter, ending, lines)


def _told(org: Org, job: Job, request: Request, faults: Faults) -> Response:
    """Each question brings the job a step further, unless it never ends."""
    job.asked += 1
    if job.state not in OVER:
        job.state = "InProgress"
        if "job_fails" in faults:
            job.state, job.error = "Failed", "QUERY_TIMEOUT: Your query request was running for too long."
        elif "job_aborted" in faults:
            job.state = "Aborted"
        elif "job_endless" not in faults and job.asked > org.steps:
            job.state = "JobComplete"
    return json_response(job.shown)


def _aborted(org: Org, job: Job, request: Request, faults: Faults) -> Response:
    try:
        wanted = json.loads(request.get_data())
    except ValueError:
        wanted = None
    if wanted != {"state": "Aborted"} or job.state in OVER:
        raise answers.Refused(400, "INVALIDJOBSTATE", f"A job in state {job.state} cannot be aborted")
    job.state = "Aborted"
    return json_response(job.shown)


def _deleted(org: Org, job: Job, request: Request, faults: Faults) -> Response:
    if job.state not in OVER:
        raise answers.Refused(400, "API_ERROR", "Error encountered when deleting the job because it is not terminated")
    del org.jobs[job.id]
    return Response(b"", 204)


def _unknown(org: Org, job: Job, request: Request, faults: Faults) -> Response:
    raise answers.Refused(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")


def _listed(org: Org) -> dict[str, Any]:
    return {"done": True, "records": [job.shown for job in org.jobs.values()], "nextRecordsUrl": None}


METHODS: dict[str, Callable[[Org, Job, Request, Faults], Response]] = {
    "GET": _told,
    "PATCH": _aborted,
    "DELETE": _deleted,
}
