"""The vendor's own refusals: an object for v3, a list for v2, pages where a gateway speaks (vendor page, section 2)."""

from typing import Any

from werkzeug.wrappers import Response

from ..faults import Fault
from ..wire import json_response

STATUS_CODES = "/api-docs/getting-started/api-status-codes"
TITLES = {
    400: "Bad Request",
    401: ("Unauthorized - the v3 Auth client ID or token in the request are not a valid combination for this store."),
    403: "You don't have a required scope to access the endpoint",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    422: "Invalid field(s): the request could not be processed.",
    423: "The store is locked.",
    429: "Too Many Requests",
    507: "The store has reached a limit of its plan.",
}


def refusal(status: int, version: str = "v3", errors: dict[str, str] | None = None) -> Response:
    """An HTTP error in the form of this version of the interface; 5xx and unlisted ones are the gateway's HTML."""
    if status not in TITLES:
        return page(status)
    if version == "v2":
        return json_response([{"status": status, "message": TITLES[status]}], status)
    body: dict[str, Any] = {"status": status, "title": TITLES[status], "type": STATUS_CODES}
    if status in (403, 422):
        body["errors"] = errors or {}
    return json_response(body, status)


def page(status: int) -> Response:
    """What the gateway in front says, in HTML."""
    text = f"<html><head><title>{status}</title></head><body><center>openresty</center></body></html>"
    return Response(text, status, content_type="text/html")


def missing_token() -> Response:
    return Response("X-Auth-Token header is required", 401, content_type="text/plain; charset=utf-8")


def status_fault(fault: Fault, version: str) -> Response:
    """Fault `status`: `status`, and `retry_after` as it shall stand in the header (seconds, a date, nonsense)."""
    response = refusal(int(fault.get("status", 503)), version)
    if fault.get("retry_after") is not None:
        response.headers["Retry-After"] = str(fault.get("retry_after"))
    return response


def throttled(fault: Fault | None, headers: dict[str, str], version: str) -> Response:
    """429. Fault `throttled`: `reset_ms` and `x_retry_after` stand in the headers; `headers` false leaves all of them out."""
    response = refusal(429, version)
    if fault is None or fault.get("headers", True):
        response.headers.update(headers | {"X-Rate-Limit-Requests-Left": "0"})
    if fault is not None and fault.get("reset_ms") is not None:
        response.headers["X-Rate-Limit-Time-Reset-Ms"] = str(fault.get("reset_ms"))
    if fault is not None and fault.get("x_retry_after") is not None:
        response.headers["X-Retry-After"] = str(fault.get("x_retry_after"))
    return response
