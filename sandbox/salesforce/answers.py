"""Salesforce's refusals: a list of errors, and pages for people where its edge answers (docs: api-rest, status codes)."""

from typing import Any

from werkzeug.wrappers import Response

from ..faults import Fault
from ..wire import json_response


class Refused(Exception):
    """A refusal from wherever in the request it is noticed."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message

    @property
    def response(self) -> Response:
        response = json_response([{"message": self.message, "errorCode": self.code}], self.status)
        if self.status == 401:
            response.headers["WWW-Authenticate"] = "Token"
        return response


def no_session() -> Refused:
    return Refused(401, "INVALID_SESSION_ID", "Session expired or invalid")


def lost_locator() -> Refused:
    return Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")


def not_found() -> Refused:
    return Refused(404, "NOT_FOUND", "The requested resource does not exist")


def unknown_type(name: str) -> Refused:
    return Refused(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")


def unknown_field(name: str, entity: str) -> Refused:
    return Refused(
        400,
        "INVALID_FIELD",
        f"SELECT {name}\n       ^\nERROR at Row:1:Column:8\nNo such column '{name}' on entity '{entity}'.",
    )


def wrong_value(name: str, kind: str) -> Refused:
    return Refused(400, "INVALID_FIELD", f"value of filter criterion for field '{name}' must be of type {kind}")


def too_long() -> Refused:
    return Refused(414, "URI_TOO_LONG", "The requested URI is too long")


def malformed(why: str) -> Refused:
    return Refused(400, "MALFORMED_QUERY", f"unexpected token: {why}")


def status_fault(fault: Fault) -> Response:
    """Fault `status`: `status`, and `retry_after` as it shall stand in the header. The edge answers without JSON."""
    status = int(fault.get("status", 503))
    if status == 503:
        response = Refused(503, "SERVER_UNAVAILABLE", "Server is unavailable").response
    else:
        response = Response("<html><body>We are setting things up</body></html>", status, content_type="text/html")
    if (retry_after := fault.get("retry_after")) is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def oauth_error(error: str, description: str, **more: Any) -> Response:
    return json_response({"error": error, "error_description": description, **more}, 400)
