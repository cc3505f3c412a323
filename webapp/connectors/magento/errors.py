"""What Magento's refusals mean (vendor page, section 1: one 401 for five causes; section 5: what stands before a shop)."""

import json
import re
from typing import Any

from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason

# The parts of OAuth 1.0a that are refused by name, and the field of the form that holds each.
BLAMED = (
    ("consumer_key_rejected", "consumer_key"),
    ("consumer having the specified key", "consumer_key"),
    ("signature", "consumer_secret"),
)
PLACEHOLDER = re.compile(r"%(\w+)")


class TooManyAsked(Exception):
    """The shop limits its pages; `most` is the largest that it gives."""

    def __init__(self, most: int):
        super().__init__()
        self.most = most


def refused(response: Response, signed: bool) -> ConnectorError:
    """The meaning of a status other than 200; raises TooManyAsked.

    Of a signed request that is not authorized the keys were right: what lacks is the resource.
    """
    message = message_of(response)
    if response.status == 400 and (limit := re.search(r"pageSize is (\d{1,6})", message)):
        raise TooManyAsked(int(limit[1]))
    if response.status == 401 and signed and "authorized to access" in message:
        return ConnectorError(Reason.MISSING_SCOPE)
    if response.status == 401:
        blamed = next((setting for part, setting in BLAMED if part in message), "access_token")
        return ConnectorError(Reason.UNAUTHORIZED, setting=blamed)
    if response.status == 404:
        unknown_view = "does not match any route" in message
        return ConnectorError(Reason.UNKNOWN_ACCOUNT, setting="store_view" if unknown_view else "address")
    if response.status == 400 and "timestamp_refused" in message:
        return ConnectorError(Reason.UNAVAILABLE)
    return ConnectorError(Reason.BAD_RESPONSE)


def is_replay(response: Response) -> bool:
    """Whether the shop has seen this signature before."""
    return response.status in (400, 401) and "nonce" in message_of(response)


def is_page(response: Response) -> bool:
    """Whether a person was to read this: a web server's own answer, and not Magento's."""
    return "json" not in response.headers.get("content-type", "")


def message_of(response: Response) -> str:
    """Magento's message with the placeholders filled in, which it leaves to its clients; empty for anything else."""
    try:
        body = json.loads(response.body[:20_000])
        message, parameters = str(body["message"]), body.get("parameters", {})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return PLACEHOLDER.sub(lambda match: _value(match, parameters), message)


def _value(match: re.Match[str], parameters: Any) -> str:
    """`%1` counts from one in a list, `%name` names a key of an object."""
    if isinstance(parameters, dict):
        return str(parameters.get(match[1], match[0]))
    place = int(match[1]) if match[1].isdigit() and isinstance(parameters, list) else 0
    return str(parameters[place - 1]) if 0 < place <= len(parameters) else match[0]
