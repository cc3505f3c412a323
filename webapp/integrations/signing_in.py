"""Signing in at a vendor: there by the button „Połącz”, back by the vendor's redirect."""

from collections.abc import Mapping

from flask import current_app, url_for
from flask_login import current_user

from webapp.connectors import CONNECTORS
from webapp.connectors.base import SignIn, Way
from webapp.extensions import db
from webapp.importing import access
from webapp.integrations.connecting import settle
from webapp.logs import security_event
from webapp.models import Integration, SignInAttempt, VendorApp


class UnknownAttempt(Exception):
    """An answer that nobody waits for: forged, used, too old, or meant for another browser or another vendor."""


def return_address(vendor: str) -> str:
    """Where this vendor sends people back to: one address each, so that no vendor's answer passes for another's."""
    return current_app.config["EXTERNAL_URL"] + url_for("integrations.signed_in", vendor=vendor)


def begin(vendor: str, way: Way, settings: Mapping[str, str], again: Integration | None) -> str:
    """Note the attempt, and say where to send the browser. Raises ConnectorError; nothing is noted then."""
    with access.trying(vendor, settings) as (connector, _kept):
        state, verifier = SignInAttempt.begin(current_user.session_token, vendor, way.key, settings, again and again.id)
        target = connector.authorize_url(SignIn(state, verifier, return_address(vendor)))
    db.session.commit()
    return target


def finish(vendor: str, answer: Mapping[str, str]) -> Integration:
    """Turn the vendor's answer into a connected account.

    Raises UnknownAttempt, ConnectorError, and OtherAccount when another account was to be connected again; nothing is stored then.
    """
    attempt, verifier = take(answer.get("state", ""), vendor)
    again = db.session.get(Integration, attempt.integration_id) if attempt.integration_id else None
    way = next(way for way in CONNECTORS[vendor].ways if way.key == attempt.way)
    with access.trying(vendor, attempt.settings) as (connector, kept):
        connector.exchange(SignIn(answer["state"], verifier, return_address(vendor)), answer)
        account = connector.check()
    return settle(vendor, way, account, {**attempt.settings, **kept}, again)


def take(state: str, vendor: str) -> tuple[SignInAttempt, str]:
    """The attempt and its verifier. It is spent from here on, whatever comes of it."""
    attempt = SignInAttempt.take(state, current_user.session_token, vendor)
    db.session.commit()
    if attempt is None:
        security_event("sign_in_unknown", vendor=vendor)
        raise UnknownAttempt
    return attempt, attempt.credentials["verifier"]


def has_app(vendor: str) -> bool:
    """Whether there is an application through which people can sign in at this vendor."""
    installed = current_app.config["ENDPOINTS"].get(vendor, {}).get("client_id")
    return bool(installed) or VendorApp.of(vendor) is not None
