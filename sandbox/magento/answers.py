"""The vendor's own refusals. Texts keep their placeholders: the vendor sends them unfilled, beside the `parameters` (vendor page, section 1)."""

from typing import Any

from werkzeug.wrappers import Response

from ..faults import Fault
from ..wire import json_response

CUSTOMERS = "Magento_Customer::customer"
GROUPS = "Magento_Customer::group"
STORES = "Magento_Backend::store"
NO_ROUTE = "Request does not match any route."
PAGE = '<!doctype html><html lang="pl"><head><title>{0}</title></head><body><h1>{0}</h1></body></html>'


class Refused(Exception):
    """A request that the shop does not answer as asked."""

    def __init__(self, status: int, message: str, parameters: Any = None, **more: Any):
        super().__init__(message)
        self.status = status
        self.body = {"message": message, **({"parameters": parameters} if parameters is not None else {}), **more}

    @property
    def response(self) -> Response:
        return json_response(self.body, self.status)


def not_authorized(resource: str) -> Refused:
    """The one text for a wrong Bearer token, Bearer switched off, and a missing resource."""
    return Refused(401, "The consumer isn't authorized to access %resources.", {"resources": resource})


def no_such_attribute(name: str) -> Refused:
    return Refused(400, 'The "%1" attribute name is invalid. Reset the name and try again.', [name])


def no_such_entity(field: str, value: Any) -> Refused:
    return Refused(404, "No such entity with %fieldName = %fieldValue", {"fieldName": field, "fieldValue": value})


def required(field: str) -> Refused:
    return Refused(400, '"%fieldName" is required. Enter and try again.', {"fieldName": field})


def wrong_type(value: str) -> Refused:
    message = 'The "%1" value\'s type is invalid. The "%2" type was expected. Verify and try again.'
    return Refused(400, message, [value, "int"])


def too_many(maximum: int) -> Refused:
    return Refused(400, "Maximum SearchCriteria pageSize is %max", {"max": maximum})


def internal_error() -> Refused:
    message = "Internal Error. Details are available in Magento log file. Report ID: webapi-5f0c1d2e3a4b5"
    return Refused(500, message)


def page(title: str, status: int) -> Response:
    """What a web server, a firewall or a shop in maintenance says: HTML."""
    return Response(PAGE.format(title), status, content_type="text/html; charset=UTF-8")


def status_fault(fault: Fault) -> Response:
    """Fault `status`: `status`, and `retry_after` as it shall stand in the header (seconds, a date, nonsense)."""
    response = page("Service Temporarily Unavailable", int(fault.get("status", 503)))
    if fault.get("retry_after") is not None:
        response.headers["Retry-After"] = str(fault.get("retry_after"))
    return response
