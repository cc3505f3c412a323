"""The token endpoint with its three grants, the authorisation page, and the list of granted scopes."""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from ..wire import json_response
from .answers import invalid_token, oauth_page
from .shops import Shop
from .tokens import OFFLINE_LIFE, REFRESH_LIFE


def access_token(shop: Shop, shops: Mapping[str, Shop], request: Request) -> Response:
    """POST /admin/oauth/access_token, form-encoded or JSON. Without `grant_type` a code is redeemed."""
    asked = _fields(request)
    owner = next((other for other in shops.values() if other.client_id == asked.get("client_id")), None)
    if owner is None or asked.get("client_secret") != owner.client_secret:
        return json_response({"error": "invalid_client", "error_description": "Client authentication failed."}, 401)
    grant = asked.get("grant_type", "authorization_code")
    if owner is not shop and grant == "client_credentials":
        return oauth_page("shop_not_permitted: Client credentials cannot be performed on this shop.")
    if owner is not shop or grant not in GRANTS:
        return _refused("invalid_request", "The request is not valid for this shop or grant.")
    return GRANTS[grant](shop, asked)


def _fields(request: Request) -> Mapping[str, Any]:
    if not request.is_json:
        return request.form
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _client_credentials(shop: Shop, asked: Mapping[str, Any]) -> Response:
    life = shop.tokens.life
    return json_response({"access_token": shop.tokens.mint(life), "scope": _scope(shop), "expires_in": life})


def _authorization_code(shop: Shop, asked: Mapping[str, Any]) -> Response:
    if not shop.tokens.redeem(str(asked.get("code"))):
        return _refused("invalid_request", "The authorization code was not found or was already used")
    if str(asked.get("expiring", "0")) != "1":
        return json_response({"access_token": shop.tokens.mint(None), "scope": _scope(shop)})
    return _offline_token(shop, shop.tokens.new_refresh())


def _refresh_token(shop: Shop, asked: Mapping[str, Any]) -> Response:
    replacement = shop.tokens.refresh(str(asked.get("refresh_token")))
    if replacement is None:
        return _refused("invalid_grant", "The refresh token is invalid or has expired.")
    return _offline_token(shop, replacement)


def _offline_token(shop: Shop, refresh_token: str) -> Response:
    return json_response(
        {
            "access_token": shop.tokens.mint(OFFLINE_LIFE),
            "scope": _scope(shop),
            "expires_in": OFFLINE_LIFE,
            "refresh_token": refresh_token,
            "refresh_token_expires_in": REFRESH_LIFE,
        }
    )


def _scope(shop: Shop) -> str:
    return ",".join(shop.profile.scopes)


def _refused(error: str, description: str) -> Response:
    return json_response({"error": error, "error_description": description}, 400)


GRANTS: dict[str, Callable[[Shop, Mapping[str, Any]], Response]] = {
    "client_credentials": _client_credentials,
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
}


def authorize(shop: Shop, request: Request) -> Response:
    """GET /admin/oauth/authorize: the merchant agrees at once, and is sent back with a signed code."""
    asked = request.args
    if asked.get("client_id") != shop.client_id or not asked.get("redirect_uri"):
        return oauth_page("invalid_request: Could not find Shopify API application with api_key")
    answer = {
        "code": shop.tokens.new_code(),
        "host": "ZGVtbw",
        "shop": shop.domain,
        "state": asked.get("state", ""),
        "timestamp": str(int(time.time())),
    }
    answer["hmac"] = sign(answer, shop.client_secret)
    return Response("", 302, {"Location": f"{asked['redirect_uri']}?{urlencode(answer)}"})


def sign(fields: Mapping[str, str], secret: str) -> str:
    """The vendor's signature of a callback: HMAC-SHA256 over the sorted, url-encoded fields, in hex."""
    return hmac.new(secret.encode(), urlencode(sorted(fields.items())).encode(), hashlib.sha256).hexdigest()


def access_scopes(shop: Shop, request: Request) -> Response:
    """GET /admin/oauth/access_scopes.json."""
    scopes = shop.scopes_of(request.headers.get("X-Shopify-Access-Token", ""))
    if scopes is None:
        return invalid_token()
    return json_response({"access_scopes": [{"handle": scope} for scope in scopes]})
