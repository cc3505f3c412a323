"""Signing in at a shop (authorisation code grant): where people are sent, and what they must come back with."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from webapp.connectors.base import SignIn
from webapp.connectors.reasons import ConnectorError, Reason

SCOPES = "read_customers,read_orders"
LONGEST_WAY_BACK = 90
UNSIGNED = ("hmac", "signature")


def authorize_url(base_url: str, client_id: str, sign_in: SignIn) -> str:
    """The page of the shop where its owner agrees (offline access)."""
    asked = {
        "client_id": client_id,
        "scope": SCOPES,
        "redirect_uri": sign_in.redirect_uri,
        "state": sign_in.state,
    }
    return f"{base_url}/admin/oauth/authorize?{urlencode(asked)}"


def code_of(answer: Mapping[str, str], shop: str, client_secret: str) -> str:
    """The code that this shop signed within the last 90 s (vendor page, section 2, way C).

    Raises ConnectorError: SIGN_IN_REFUSED, FORGED_ANSWER.
    """
    if answer.get("error"):
        raise ConnectorError(Reason.SIGN_IN_REFUSED)
    genuine = hmac.compare_digest(_signature(answer, client_secret), answer.get("hmac", "").encode())
    if not (genuine and _is_recent(answer.get("timestamp", "")) and answer.get("shop", "").lower() == shop):
        raise ConnectorError(Reason.FORGED_ANSWER)
    return answer.get("code", "")


def _signature(answer: Mapping[str, str], client_secret: str) -> bytes:
    signed = urlencode(sorted((name, value) for name, value in answer.items() if name not in UNSIGNED))
    return hmac.new(client_secret.encode(), signed.encode(), hashlib.sha256).hexdigest().encode()


def _is_recent(timestamp: str) -> bool:
    return (
        bool(re.fullmatch(r"\d{1,12}", timestamp, re.ASCII)) and abs(time.time() - int(timestamp)) <= LONGEST_WAY_BACK
    )
