"""Bulk read: jobs that are asked for, looked at, and fetched as a ZIP with one CSV (docs: bulk-read v8).

The order of the records is not promised ("Sorting and Group by clause are not supported"), and a file is there for a day.
"""

import base64
import json
from array import array
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from ..faults import Fault
from ..wire import json_response
from . import answers, gate, moments
from .bulk_files import packed
from .bulk_queries import chosen, columns
from .jobs import Job
from .orgs import CONTACTS, Org
from .paging_faults import disturbed
from .records import Refused
from .resources import USER

MOST_PAGES = 500
ASKED = frozenset({"module", "cvid", "fields", "page", "page_token", "criteria"})


def settle(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `bulk`: how jobs go from here on (the fields of `Ways`)."""
    changes = {name: value for name, value in wishes.items() if name not in ("vendor", "shop", "action")}
    if "unsupported" in changes:
        changes["unsupported"] = tuple(changes["unsupported"])
    org.jobs.ways = replace(org.jobs.ways, **changes)
    return {"bulk": sorted(changes)}


def create(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """POST /crm/bulk/v8/read."""
    try:
        query = _query(request)
        if not org.jobs.has_room():
            return answers.too_many_requests()
        job = _next(org, query["page_token"], faults) if "page_token" in query else _first(org, query, request, faults)
    except Refused as refused:
        return refused.response
    details = {"id": job.id, "operation": "read", "state": "ADDED", "created_by": USER}
    done = {"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully."}
    told = {**done, "details": {**details, "created_time": moments.shown(job.created)}}
    return json_response({"data": [told], "info": {}}, 201)


def look(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/bulk/v8/read/{id}."""
    job = org.jobs.find(request.path.rstrip("/").rpartition("/")[2])
    if job is None:
        return _not_found()
    state = org.jobs.state(job)
    told = {
        "id": job.id,
        "operation": "read",
        "state": state,
        "query": {**job.query, "module": {"api_name": job.module, "id": "4150860000000002175"}, "page": job.page},
        "created_by": USER,
        "created_time": moments.shown(job.created),
        "file_type": "csv",
    }
    result = {"COMPLETED": _result, "FAILURE": _failure}.get(state)
    return json_response({"data": [told | ({"result": result(org, job)} if result else {})]})


def fetch(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/bulk/v8/read/{id}/result."""
    job = org.jobs.find(request.path.rstrip("/").split("/")[-2])
    if job is None or not org.jobs.has_file(job):
        return _not_found()
    if not org.jobs.may_download():
        return answers.too_many_requests()
    file = packed(org, job, faults.get("bulk_file"))
    size = file.seek(0, 2)
    file.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{job.id}.zip"', "Content-Length": str(size)}
    return Response(wrap_file(request.environ, file), headers=headers, content_type="application/zip")


def _query(request: Request) -> dict[str, Any]:
    if not request.is_json:
        raise Refused(answers.refusal(415, "MEDIA_TYPE_NOT_SUPPORTED", "Media type is not supported."))
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(answers.refusal(400, "REQUEST_BODY_NOT_READABLE", "Request body is not readable."))
    query = body.get("query")
    if set(body) - {"query", "callback", "file_type"} or body.get("file_type", "csv") != "csv":
        raise Refused(answers.refusal(400, "INVALID_REQUEST", "The request is invalid"))
    if not isinstance(query, dict) or set(query) - ASKED or ("page_token" in query and len(query) > 1):
        raise Refused(answers.refusal(400, "INVALID_REQUEST", "The request is invalid"))
    return query


def _first(org: Org, query: dict[str, Any], request: Request, faults: dict[str, Fault]) -> Job:
    module = query.get("module")
    name = module.get("api_name") if isinstance(module, dict) else ""
    refusal = gate.module_refused(org, str(name), request)
    if refusal:
        raise Refused(refusal)
    page = query.get("page") or 1
    if not isinstance(page, int) or page < 1:
        raise Refused(answers.refusal(400, "INVALID_REQUEST", "The request is invalid"))
    if page > 1:
        message = "Only the first 200000 records are given without page_token"
        raise Refused(answers.refusal(400, "PAGE_RANGE_EXCEEDED", message, max_limit=1))
    return _begun(org, {**query, "module": name}, 0, faults)


def _next(org: Org, token: Any, faults: dict[str, Fault]) -> Job:
    try:
        facts = json.loads(base64.urlsafe_b64decode(str(token).encode()))
        query, start, life = facts["query"], facts["start"], facts["life"]
    except (ValueError, KeyError, TypeError):
        raise Refused(answers.refusal(400, "INVALID_DATA", "invalid data", api_name="page_token")) from None
    if life < org.jobs.life:
        raise Refused(answers.refusal(400, "EXPIRED_VALUE", "Page token expired", api_name="page_token"))
    if start >= MOST_PAGES * org.jobs.ways.part:
        raise Refused(answers.refusal(400, "PAGE_RANGE_EXCEEDED", "Too many pages", max_limit=MOST_PAGES))
    return _begun(org, query, start, faults)


def _begun(org: Org, query: Mapping[str, Any], start: int, faults: dict[str, Fault]) -> Job:
    module, size = query.get("module", CONTACTS), org.jobs.ways.part
    found, wanted = chosen(org, module, query), columns(org, module, query.get("fields"))
    shown = found[start : start + size]
    place = {"shown": shown, "more": start + size < len(found), "start": start + len(shown)}
    place = disturbed(place, found, size, faults)
    facts = {"query": query, "start": place["start"], "life": org.jobs.life, **place.get("marks", {})}
    then = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode() if place["more"] else None
    people = array("q", place["shown"])
    return org.jobs.add(
        module=module, query=dict(query), columns=wanted, indexes=people, page=start // size + 1, then=then
    )


def _result(org: Org, job: Job) -> dict[str, Any]:
    result = {
        "page": job.page,
        "per_page": 200_000,
        "count": len(job.indexes),
        "download_url": f"/crm/bulk/v8/read/{job.id}/result",
        "more_records": job.then is not None,
    }
    return result | ({"next_page_token": job.then} if job.then else {})


def _failure(org: Org, job: Job) -> dict[str, Any]:
    message = {"status": "error", "code": "INTERNAL_SERVER_ERROR", "message": "Internal server error occurred."}
    return {"error_message": {**message, "details": {}}}


def _not_found() -> Response:
    message = "The requested resource doesn't exist."
    return answers.refusal(404, "RESOURCE_NOT_FOUND", message, resource="job")
