"""Salesforce's OAuth: the web server flow with PKCE, sessions of unknown life, and refresh tokens that may rotate (vendor page, section 1)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from webapp.connectors.base import Access, SignIn
from webapp.connectors.decoding import decode
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce.hosts import LOGIN_URL, login_url, require_ours

NOT_INSTALLED = ("app must be installed", "OAUTH_APPROVAL_ERROR_GENERIC")
APP = frozenset({"invalid_client_id", "invalid_client", "redirect_uri_mismatch", "unauthorized_client"})
LOST = frozenset({"invalid_grant", "inactive_user", "inactive_org"})


class Grant(msgspec.Struct):
    """What the token endpoint gives. Nothing says how long the session lives."""

    access_token: str
    instance_url: str
    id: str = ""
    issued_at: str = ""
    signature: str = ""
    refresh_token: str = ""


class Trouble(msgspec.Struct):
    error: str = ""
    error_description: str = ""


class Tokens:
    """The tokens of one person who signed in."""

    def __init__(self, access: Access):
        self._http, self._keep, self._renew = access.http, access.keep, access.renew
        self._credentials, self._app = dict(access.credentials), access.endpoints
        self._template = access.endpoints.get("login_url") or LOGIN_URL
        self._refused = False

    @property
    def instance(self) -> str:
        """Where the data are: what the token answer named. Raises ConnectorError(FOREIGN_HOST)."""
        return require_ours(self._credentials.get("instance_url", ""), self._template)

    def authorize_url(self, sign_in: SignIn) -> str:
        """The page where people agree; `prompt` lets them choose who they are."""
        asked = {
            "response_type": "code",
            "client_id": self._app.get("client_id", ""),
            "redirect_uri": sign_in.redirect_uri,
            "scope": "api refresh_token",
            "state": sign_in.state,
            "code_challenge": sign_in.challenge,
            "code_challenge_method": "S256",
            "prompt": "login",
        }
        return f"{self._door}/services/oauth2/authorize?{urlencode(asked)}"

    def redeem(self, sign_in: SignIn, answer: Mapping[str, str]) -> None:
        """Turn the answer into tokens. Raises ConnectorError."""
        if answer.get("error"):
            raise ConnectorError(_why_not(answer["error"], answer.get("error_description", "")))
        if "iss" in answer:
            require_ours(answer["iss"], self._template)
        grant = self._ask(
            self._door,
            grant_type="authorization_code",
            code=answer.get("code", ""),
            redirect_uri=sign_in.redirect_uri,
            code_verifier=sign_in.verifier,
            lost=Reason.SIGN_IN_EXPIRED,
        )
        if not grant.refresh_token:
            raise ConnectorError(Reason.SIGN_IN_REFUSED)
        kept = self._kept(grant)
        self._keep(kept)
        self._credentials.update(kept)

    def current(self) -> str:
        """The session. Nobody knows how long it lives: it is used until it is refused."""
        if self._refused or not self._credentials.get("access_token"):
            self._credentials.update(self._renew(self._credentials, self._refreshed))
            self._refused = False
        return self._credentials.get("access_token", "")

    def forget(self) -> None:
        """Salesforce refused the session."""
        self._refused = True

    def revoke(self) -> None:
        """Give the refresh token back, and with it every session."""
        token = self._credentials.get("refresh_token")
        if token:
            self._http.request("POST", f"{self._door}/services/oauth2/revoke", form={"token": token})

    @property
    def _door(self) -> str:
        return login_url(
            self._template, self._credentials.get("login_host", ""), self._credentials.get("my_domain", "")
        )

    def _refreshed(self, stored: Mapping[str, str]) -> Mapping[str, str]:
        """Where refresh tokens rotate the old one is dead from here on: what comes back must be stored."""
        token = stored.get("refresh_token", "")
        if not token:
            raise ConnectorError(Reason.UNAUTHORIZED)
        return self._kept(
            self._ask(self._door, grant_type="refresh_token", refresh_token=token, lost=Reason.UNAUTHORIZED)
        )

    def _ask(self, door: str, *, lost: Reason, **asked: str) -> Grant:
        keys = {name: self._app.get(name, "") for name in ("client_id", "client_secret")}
        response = self._http.request("POST", f"{door}/services/oauth2/token", form={**asked, **keys})
        if response.status != 200:
            raise _refused(response, lost)
        grant = decode(response, Grant)
        if not grant.access_token:
            raise ConnectorError(Reason.BAD_RESPONSE)
        self._require_genuine(grant)
        return grant

    def _require_genuine(self, grant: Grant) -> None:
        """The answer is signed with the application's secret; raises ConnectorError(FORGED_ANSWER)."""
        secret, signed = self._app.get("client_secret", "").encode(), (grant.id + grant.issued_at).encode()
        expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest())
        if grant.signature and not hmac.compare_digest(expected, grant.signature.encode()):
            raise ConnectorError(Reason.FORGED_ANSWER)

    def _kept(self, grant: Grant) -> dict[str, str]:
        kept = {
            "access_token": grant.access_token,
            "instance_url": require_ours(grant.instance_url, self._template),
        }
        return kept | ({"refresh_token": grant.refresh_token} if grant.refresh_token else {})


def _refused(response: Response, lost: Reason) -> ConnectorError:
    try:
        trouble = decode(response, Trouble)
    except ConnectorError as error:
        return error
    if trouble.error in LOST or (trouble.error == "invalid_request" and lost is Reason.SIGN_IN_EXPIRED):
        return ConnectorError(lost)
    if trouble.error in APP or trouble.error == "unsupported_grant_type":
        return ConnectorError(_why_not(trouble.error, trouble.error_description))
    return ConnectorError(
        Reason.RATE_LIMITED if "rate" in trouble.error + trouble.error_description else Reason.BAD_RESPONSE
    )


def _why_not(error: str, description: str) -> Reason:
    """What the answer of the sign-in page means."""
    if any(mark in error + description for mark in NOT_INSTALLED):
        return Reason.NOT_INSTALLED
    return Reason.SIGN_IN_REFUSED if error == "access_denied" else Reason.APP_REFUSED
