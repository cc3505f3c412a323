"""Magento's refusals as they stand on the wire: placeholders in the message, their values beside it (docs: rest/error-response)."""

from typing import Any

from werkzeug.wrappers import Response

from ..faults import Fault
from ..wire import json_response

CUSTOMERS, GROUPS, STORES = "Magento_Customer::customer", "Magento_Customer::group", "Magento_Backend::store"
WRONG_ATTRIBUTE = 'The "%1" attribute name is invalid. Reset the name and try again.'


def refusal(status: int, message: str, parameters: Any = None) -> Response:
    return json_response({"message": message} | ({"parameters": parameters} if parameters else {}), status)


def not_authorized(resource: str) -> Response:
    """One answer for five causes, with its placeholder left as it is."""
    return refusal(401, "The consumer isn't authorized to access %resources.", {"resources": resource})


def no_route() -> Response:
    return refusal(404, "Request does not match any route.")


def page(status: int) -> Response:
    """What stands before a shop, or a shop under maintenance, answers for people."""
    return Response(f"<!doctype html><html><body><h1>{status}</h1></body></html>", status, content_type="text/html")


def status_fault(fault: Fault) -> Response:
    """Fault `status`: `status`, and `retry_after` as it shall stand in the header."""
    status = int(fault.get("status", 503))
    report = "Internal Error. Details are available in Magento log file. Report ID: webapi-5f0c1d2e3a4b5"
    response = refusal(500, report) if status == 500 else page(status)
    if (retry_after := fault.get("retry_after")) is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
