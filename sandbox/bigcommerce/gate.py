"""Who is let in: the token, its scope, the quota, the method, the form of the answer and the length of the address."""

import time

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..wire import json_response
from . import answers
from .paging import USUAL_SIZE
from .params import Invalid, read
from .resources import RESOURCES
from .stores import CUSTOMERS, INFORMATION, Store

LONGEST_ADDRESS = 8_000
SCOPES = {"store": INFORMATION, "time": INFORMATION}
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<response/>'


def answer(store: Store, kind: str, version: str, request: Request, faults: dict[str, Fault]) -> Response:
    """What the vendor answers to this kind of request, refusals first."""
    refused = _refusal(store, kind, version, request, faults)
    if refused is not None:
        return refused
    if kind == "time":
        return json_response({"time": int(time.time())})
    if "wrong_type" in faults:
        return json_response({"data": "x", "meta": {}})
    try:
        return _answered(store, kind, request, faults)
    except Invalid as invalid:
        return answers.refusal(422, version, invalid.errors)


def _answered(store: Store, kind: str, request: Request, faults: dict[str, Fault]) -> Response:
    """Fault `too_heavy`: with `include` a page of more than `limit` (100 unless named) runs out of time."""
    resource, known = RESOURCES[kind]
    asked = read(request.args.to_dict(), known)
    heavy = faults.get("too_heavy")
    if heavy and asked.get("include") and asked.get("limit", USUAL_SIZE) > heavy.get("limit", 100):
        return answers.page(504)
    if "cursor_refused" in faults and "after" in asked:
        raise Invalid("after", "The cursor is not valid any more.")
    return resource(store, asked, faults)


def _refusal(store: Store, kind: str, version: str, request: Request, faults: dict[str, Fault]) -> Response | None:
    if len(request.query_string) > LONGEST_ADDRESS:
        return answers.page(414)
    if not (token := request.headers.get("X-Auth-Token")):
        return answers.missing_token()
    if "throttled" in faults or not store.rates.take():
        return answers.throttled(faults.get("throttled"), store.rates.headers(), version)
    if status := _refused_with(store, kind, token, request, faults):
        return answers.refusal(status, version)
    if version == "v2" and "json" not in request.headers.get("Accept", ""):
        return Response(XML, content_type="text/xml; charset=utf-8")
    return None


def _refused_with(store: Store, kind: str, token: str, request: Request, faults: dict[str, Fault]) -> int | None:
    if token != store.token or "expired_token" in faults:
        return 401
    if store.profile.locked:
        return 423
    if kind == "other":
        return 404
    return 403 if request.method != "GET" or _lacks(store, kind, faults) else None


def _lacks(store: Store, kind: str, faults: dict[str, Fault]) -> bool:
    """Fault `missing_scope`: `scope`, that of the customers unless named. Groups need a plan that has them."""
    needed, fault = SCOPES.get(kind, CUSTOMERS), faults.get("missing_scope")
    kept = fault is not None and fault.get("scope", CUSTOMERS) == needed
    return needed not in store.profile.scopes or kept or (kind == "groups" and not store.profile.groups)
