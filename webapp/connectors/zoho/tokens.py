"""Zoho's OAuth: codes, access tokens for an hour, and the refresh token that renews them (vendor page, section 1).

Refusals come with status 200. More than ten renewals in ten minutes lock the account out, and asking again prolongs it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import msgspec

from webapp.connectors.base import Access, SignIn
from webapp.connectors.decoding import decode
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.regions import ACCOUNTS_URL, accounts_server, require_accounts_server, require_api

SCOPES = ",".join(
    f"ZohoCRM.{name}.READ"
    for name in ("modules.contacts", "modules.leads", "settings.fields", "settings.custom_views", "org", "bulk")
)
EXPIRY_MARGIN = timedelta(seconds=60)
LOCKED = 600.0
APP = frozenset(
    {"invalid_client", "invalid_client_secret", "invalid_redirect_uri", "unauthorized_client", "invalid_scope"}
)
DEAD = frozenset({"invalid_code", "invalid_token", "invalid_grant", "access_denied"})


class Grant(msgspec.Struct):
    """What the token endpoint answers, well or ill."""

    error: str = ""
    access_token: str = ""
    refresh_token: str = ""
    api_domain: str = ""
    expires_in: float = 3600


class Tokens:
    """The tokens of one person who signed in."""

    def __init__(self, access: Access):
        self._http, self._keep, self._renew = access.http, access.keep, access.renew
        self._credentials, self._app = dict(access.credentials), access.endpoints
        self._template = access.endpoints.get("accounts_url") or ACCOUNTS_URL
        self._refused = False

    @property
    def api(self) -> str:
        """Where the data are: what the token answer named, unless the administrator says otherwise. Raises FOREIGN_HOST."""
        return self._app.get("api_url") or require_api(self._credentials.get("api_domain", ""), self._template)

    def authorize_url(self, sign_in: SignIn) -> str:
        """The page where people agree. Without `prompt` a second agreement gives no refresh token."""
        asked = {
            "response_type": "code",
            "client_id": self._app.get("client_id", ""),
            "scope": SCOPES,
            "redirect_uri": sign_in.redirect_uri,
            "access_type": "offline",
            "prompt": "consent",
            "state": sign_in.state,
            "code_challenge": sign_in.challenge,
            "code_challenge_method": "S256",
        }
        server = accounts_server(self._template, self._credentials.get("region", "eu"))
        return f"{server}/oauth/v2/auth?{urlencode(asked)}"

    def redeem(self, sign_in: SignIn, answer: Mapping[str, str]) -> None:
        """Turn the answer into tokens; whichever region it names must be one of Zoho's. Raises ConnectorError."""
        if error := answer.get("error"):
            raise ConnectorError(Reason.APP_REFUSED if error in APP else Reason.SIGN_IN_REFUSED)
        own = accounts_server(self._template, self._credentials.get("region", "eu"))
        server = require_accounts_server(answer.get("accounts-server") or own, self._template)
        require_accounts_server(answer.get("iss", server), self._template)
        grant = self._ask(
            server,
            grant_type="authorization_code",
            code=answer.get("code", ""),
            redirect_uri=sign_in.redirect_uri,
            code_verifier=sign_in.verifier,
        )
        if grant.error:
            raise _refusal(grant, Reason.SIGN_IN_EXPIRED)
        if not grant.refresh_token:
            raise ConnectorError(Reason.SIGN_IN_REFUSED)
        kept = self._kept(grant) | {"refresh_token": grant.refresh_token, "accounts_server": server}
        self._keep(kept)
        self._credentials.update(kept)

    def current(self) -> str:
        """An access token that is valid for now. Raises ConnectorError(UNAUTHORIZED) where access was taken back."""
        if self._refused or not self._is_fresh():
            self._credentials.update(self._renew(self._credentials, self._refreshed))
            self._refused = False
        return self._credentials.get("access_token", "")

    def forget(self) -> None:
        """Zoho refused the token before its time."""
        self._refused = True

    def revoke(self) -> None:
        """Give the refresh token back, and with it every access token."""
        token = self._credentials.get("refresh_token")
        if token:
            server = self._server_of(self._credentials)
            self._http.request("POST", f"{server}/oauth/v2/token/revoke", form={"token": token})

    def _server_of(self, credentials: Mapping[str, str]) -> str:
        return require_accounts_server(credentials.get("accounts_server", ""), self._template)

    def _is_fresh(self) -> bool:
        try:
            return datetime.fromisoformat(self._credentials["access_token_expires"]) - EXPIRY_MARGIN > datetime.now(UTC)
        except (KeyError, ValueError, TypeError):
            return False

    def _refreshed(self, stored: Mapping[str, str]) -> Mapping[str, str]:
        token = stored.get("refresh_token", "")
        if not token:
            raise ConnectorError(Reason.UNAUTHORIZED)
        grant = self._ask(self._server_of(stored), grant_type="refresh_token", refresh_token=token)
        if grant.error:
            raise _refusal(grant, Reason.UNAUTHORIZED)
        return self._kept(grant)

    def _ask(self, server: str, **asked: str) -> Grant:
        form = {
            **asked,
            "client_id": self._app.get("client_id", ""),
            "client_secret": self._app.get("client_secret", ""),
        }
        response = self._http.request("POST", f"{server}/oauth/v2/token", form=form)
        grant = _granted(response)
        if grant.error == "Access Denied":
            raise ConnectorError(Reason.RATE_LIMITED, wait=LOCKED)
        return grant

    def _kept(self, grant: Grant) -> dict[str, str]:
        expires = datetime.now(UTC) + timedelta(seconds=min(max(grant.expires_in, 0), 86_400))
        kept = {"access_token": grant.access_token, "access_token_expires": expires.isoformat()}
        if not self._app.get("api_url"):
            kept["api_domain"] = require_api(
                grant.api_domain or self._credentials.get("api_domain", ""), self._template
            )
        return kept


def _refusal(grant: Grant, dead: Reason) -> ConnectorError:
    """`dead` is what a spent code or a revoked refresh token means here; errors that we do not know may pass by themselves."""
    if grant.error in APP:
        return ConnectorError(Reason.APP_REFUSED)
    return ConnectorError(dead if grant.error in DEAD else Reason.BAD_RESPONSE)


def _granted(response: Response) -> Grant:
    """Status and content say little here: what counts is whether there is a token."""
    grant = decode(response, Grant)
    if not grant.error and not grant.access_token:
        raise ConnectorError(Reason.BAD_RESPONSE)
    return grant
