"""The access token of one shop, whichever way it was connected (vendor page, section 2)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

from webapp.connectors.base import Access
from webapp.connectors.decoding import decode
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify.errors import refused

EXPIRY_MARGIN = timedelta(seconds=60)
Seconds = Annotated[float, msgspec.Meta(ge=0, le=100_000_000)]


class Grant(msgspec.Struct):
    """What the token endpoint gives; without `expires_in` the token does not end."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: Seconds | None = None
    refresh_token: str = ""

    @property
    def credentials(self) -> dict[str, str]:
        kept = {"access_token": self.access_token, "access_token_expires": ""}
        if self.expires_in is not None:
            kept["access_token_expires"] = (datetime.now(UTC) + timedelta(seconds=self.expires_in)).isoformat()
        return kept | ({"refresh_token": self.refresh_token} if self.refresh_token else {})


class Tokens:
    """A pasted token, one minted from client ID and secret for 24 h, or one that signing in gave and that is renewed each hour."""

    def __init__(self, access: Access, base_url: str):
        self._http, self._keep, self._renew = access.http, access.keep, access.renew
        self._credentials, self._app = dict(access.credentials), access.endpoints
        self._url = f"{base_url}/admin/oauth/access_token"
        self._refused = False

    @property
    def setting(self) -> str | None:
        """The form field to blame when the shop refuses the token; None for people who signed in."""
        return next((name for name in ("token", "client_secret") if self._credentials.get(name)), None)

    def current(self) -> str:
        """A token that is valid for now. Raises ConnectorError where none can be had."""
        return self._credentials.get("token") or self._fresh() or self._renewed()

    def forget(self) -> None:
        """The shop refused the token before its time: the next one is to be another."""
        self._refused = True

    def redeem(self, code: str) -> None:
        """Turn the code of a sign-in into tokens. Raises ConnectorError: SIGN_IN_EXPIRED, APP_REFUSED."""
        response = self._http.request("POST", self._url, json={**self._app_keys, "code": code, "expiring": "1"})
        if response.status == 401:
            raise ConnectorError(Reason.APP_REFUSED)
        if response.status == 400 and b"invalid_request" in response.body:
            raise ConnectorError(Reason.SIGN_IN_EXPIRED)
        self._remember(_granted(response, None).credentials)

    @property
    def _app_keys(self) -> dict[str, str]:
        return {name: self._app.get(name, "") for name in ("client_id", "client_secret")}

    def _fresh(self) -> str | None:
        token, expires = self._credentials.get("access_token"), self._credentials.get("access_token_expires", "")
        if not token or self._refused:
            return None
        if not expires and not self._credentials.get("client_secret"):
            return token
        try:
            fresh = datetime.fromisoformat(expires) - EXPIRY_MARGIN > datetime.now(UTC)
        except (ValueError, TypeError):
            return None
        return token if fresh else None

    def _renewed(self) -> str:
        if self._credentials.get("client_secret"):
            self._remember(self._mint())
        elif self._credentials.get("refresh_token"):
            self._credentials.update(self._renew(self._credentials, self._refresh))
            self._refused = False
        else:
            raise ConnectorError(Reason.UNAUTHORIZED)
        return self._credentials["access_token"]

    def _remember(self, renewed: Mapping[str, str]) -> None:
        self._keep(renewed)
        self._credentials.update(renewed)
        self._refused = False

    def _mint(self) -> dict[str, str]:
        """Client credentials grant: without a refresh token, minted again when it ends."""
        secrets = {name: self._credentials.get(name, "") for name in ("client_id", "client_secret")}
        response = self._http.request("POST", self._url, form={"grant_type": "client_credentials", **secrets})
        grant = _granted(response, "client_secret")
        if grant.expires_in is None:
            raise ConnectorError(Reason.BAD_RESPONSE)
        return grant.credentials

    def _refresh(self, stored: Mapping[str, str]) -> Mapping[str, str]:
        """The refresh token is replaced on every use; the old one stays valid until its replacement is used."""
        asked = {"grant_type": "refresh_token", "refresh_token": stored.get("refresh_token", ""), **self._app_keys}
        response = self._http.request("POST", self._url, json=asked)
        if response.status == 401:
            raise ConnectorError(Reason.APP_REFUSED)
        return _granted(response, None).credentials


def _granted(response: Response, setting: str | None) -> Grant:
    if response.status != 200:
        raise refused(response, setting)
    return decode(response, Grant)
