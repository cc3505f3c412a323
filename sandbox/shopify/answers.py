"""The vendor's own refusals, word for word where a live answer was recorded (docs: response-codes, access-scopes)."""

from typing import Any

from graphql import GraphQLError
from werkzeug.wrappers import Response

from ..faults import Fault
from ..wire import json_response

PROTECTED_DATA = "https://shopify.dev/docs/apps/launch/protected-customer-data"
BODIES = {
    400: "Bad Request",
    401: "[API] Invalid API key or access token (unrecognized login or wrong password)",
    402: "Unavailable Shop",
    403: "[API] This action requires merchant approval for read_customers scope.",
    404: "Not Found",
    423: "Locked",
    429: "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
    430: "Security Rejection",
    500: "Internal Server Error",
}


def refusal(status: int, retry_after: Any = None) -> Response:
    """An HTTP error: `errors` is a plain string, and what a gateway says is HTML."""
    if status in BODIES:
        response = json_response({"errors": BODIES[status]}, status)
    else:
        response = Response(f"<html><body><h1>{status}</h1></body></html>", status, content_type="text/html")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def status_fault(fault: Fault) -> Response:
    """Fault `status`: `status`, and `retry_after` as it shall stand in the header (seconds, a date, nonsense)."""
    return refusal(int(fault.get("status", 503)), fault.get("retry_after"))


def invalid_token() -> Response:
    return refusal(401)


def oauth_page(text: str) -> Response:
    """The token endpoint's refusals are pages for people."""
    return Response(
        f"<!DOCTYPE html><html><head><title>Oauth error {text}</title></head></html>", 400, mimetype="text/html"
    )


def missing_scope(field: str, scope: str) -> GraphQLError:
    needed = f"`{scope}` access scope."
    return GraphQLError(
        f"Access denied for {field} field. Required access: {needed}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": needed,
        },
    )


def personal_data_refused(field: str | None = None) -> GraphQLError:
    """The plan or the vendor's review keeps a field, or (without one) the whole customer, from the application."""
    what = f"use the {field} field" if field else "access the Customer object"
    message = f"This app is not approved to {what}. See {PROTECTED_DATA} for more details."
    return GraphQLError(message, extensions={"code": "ACCESS_DENIED", "documentation": PROTECTED_DATA})


def throttled(cost: dict[str, Any]) -> dict[str, Any]:
    documentation = "https://shopify.dev/api/usage/rate-limits"
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": documentation}}
    return {"errors": [error], "extensions": {"cost": cost}}


def internal_error() -> dict[str, Any]:
    message = (
        "Internal error. Looks like something went wrong on our end.\n"
        "Request ID: demo-0000 (include this in support requests)."
    )
    return {"errors": [{"message": message, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "demo-0000"}}]}
