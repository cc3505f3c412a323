"""What Shopify's refusals mean (vendor page, sections 2, 3 and 7).

A status of 200 is not success: missing scopes, throttling and Shopify's own failures stand in `errors`, which may be
a string, an object or a list, and may stand beside `data`. A filter that Shopify does not know is ignored with a warning,
and would deliver everyone: a warning is an error.
"""

from typing import Any, NamedTuple

import msgspec

from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason

FROZEN = frozenset({402, 423, 430})
NOT_INSTALLED = ("shop_not_permitted", "app_not_installed")
PERSONAL_DATA = ("protected-customer-data", "not approved to")


class TooCostly(Exception):
    """One query asked for more than 1000 points; a smaller page helps."""


class Throttle(msgspec.Struct, rename="camel"):
    currently_available: float = 0
    restore_rate: float = 0


class Cost(msgspec.Struct, rename="camel"):
    requested_query_cost: float | None = None
    throttle_status: Throttle | None = None


class Search(msgspec.Struct):
    warnings: list[Any] = []


class Extensions(msgspec.Struct):
    cost: Cost | None = None
    search: list[Search] | None = None


class Answer(msgspec.Struct):
    """The envelope of every GraphQL answer."""

    data: msgspec.Raw = msgspec.Raw()
    errors: Any = None
    extensions: Extensions | None = None


class Complaint(NamedTuple):
    """One entry of `errors`."""

    code: str
    message: str


def refusal(answer: Answer) -> ConnectorError | None:
    """Why the answer may not be used, or None; raises TooCostly."""
    complaints = _complaints(answer.errors)
    codes = {complaint.code for complaint in complaints}
    if "MAX_COST_EXCEEDED" in codes:
        raise TooCostly
    if "THROTTLED" in codes:
        return ConnectorError(Reason.RATE_LIMITED, wait=_wait(answer.extensions))
    if "INTERNAL_SERVER_ERROR" in codes:
        return ConnectorError(Reason.UNAVAILABLE)
    if "ACCESS_DENIED" in codes:
        return ConnectorError(_denied(complaints))
    return ConnectorError(Reason.BAD_RESPONSE) if complaints or _warned(answer.extensions) else None


def refused(response: Response, key_setting: str | None) -> ConnectorError:
    """The meaning of a status other than 200. Bodies may be HTML, so that they are only searched, not decoded."""
    text = response.body[:4000].decode("utf-8", "replace")
    if any(mark in text for mark in NOT_INSTALLED):
        return ConnectorError(Reason.NOT_INSTALLED, setting="client_id")
    if response.status == 404:
        return ConnectorError(Reason.UNKNOWN_ACCOUNT, setting="shop")
    if response.status in FROZEN:
        return ConnectorError(Reason.ACCOUNT_FROZEN, setting="shop")
    if response.status == 403 and "merchant approval" in text:
        return ConnectorError(Reason.MISSING_SCOPE, setting=key_setting)
    if response.status in (400, 401, 403):
        return ConnectorError(Reason.UNAUTHORIZED, setting=key_setting)
    return ConnectorError(Reason.BAD_RESPONSE)


def _complaints(errors: Any) -> list[Complaint]:
    items = errors if isinstance(errors, list) else [errors] if errors else []
    return [_complaint(item) for item in items]


def _complaint(item: Any) -> Complaint:
    if not isinstance(item, dict):
        return Complaint("", str(item))
    extensions = item.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else ""
    return Complaint(str(code), str(item.get("message", "")))


def _denied(complaints: list[Complaint]) -> Reason:
    """A plan or a review that withholds personal data has the same code as a missing scope; only the text differs."""
    texts = [complaint.message for complaint in complaints if complaint.code == "ACCESS_DENIED"]
    personal = any(mark in text for text in texts for mark in PERSONAL_DATA)
    return Reason.PERSONAL_DATA_REFUSED if personal else Reason.MISSING_SCOPE


def _wait(extensions: Extensions | None) -> float:
    """Seconds until the bucket holds what the query costs, at least one."""
    cost = extensions.cost if extensions else None
    if cost is None or cost.requested_query_cost is None or cost.throttle_status is None:
        return 1.0
    missing = cost.requested_query_cost - cost.throttle_status.currently_available
    return max(1.0, missing / max(cost.throttle_status.restore_rate, 1.0))


def _warned(extensions: Extensions | None) -> bool:
    return extensions is not None and any(search.warnings for search in extensions.search or [])
