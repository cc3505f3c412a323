"""Zoho CRM's refusals, in the envelope that all of them share (docs: crm-oas v8, status codes)."""

from typing import Any

from werkzeug.wrappers import Response

from ..faults import Fault
from ..wire import json_response

NO_CONTENT, NOT_MODIFIED = 204, 304


def refusal(status: int, code: str, message: str, **details: Any) -> Response:
    return json_response({"code": code, "details": details, "message": message, "status": "error"}, status)


def invalid_token() -> Response:
    return refusal(401, "INVALID_TOKEN", "invalid oauth token")


def no_token() -> Response:
    return refusal(401, "AUTHENTICATION_FAILURE", "Authentication failed")


def scope_mismatch() -> Response:
    return refusal(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")


def no_permission(module: str) -> Response:
    return refusal(403, "NO_PERMISSION", "permission denied", permissions=[f"Crm_Implied_View_{module}"])


def invalid_module() -> Response:
    return refusal(400, "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0)


def no_such_path() -> Response:
    return refusal(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")


def too_many_requests() -> Response:
    return refusal(429, "TOO_MANY_REQUESTS", "You have made too many requests. Please try again after some time.")


def nothing(status: int) -> Response:
    """204 and 304 have no body at all."""
    return Response(status=status)


def status_fault(fault: Fault) -> Response:
    """Fault `status`: `status`, and `retry_after` as it shall stand in the header."""
    status = int(fault.get("status", 503))
    if status == 429:
        response = too_many_requests()
    elif status == 500:
        response = refusal(500, "INTERNAL_ERROR", "Internal Server Error")
    else:
        response = Response(f"<html><body><h1>{status}</h1></body></html>", status, content_type="text/html")
    if (retry_after := fault.get("retry_after")) is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
