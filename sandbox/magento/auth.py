"""Who may ask: OAuth 1.0a with HMAC-SHA256 (RFC 5849), or a bearer token where the shop allows it."""

import base64
import hashlib
import hmac
import re
import time
from urllib.parse import quote, unquote

from werkzeug.wrappers import Request, Response

from .refusals import not_authorized, refusal
from .shops import Shop

LATEST = 600
FIELD = re.compile(r'(\w+)="([^"]*)"')
NEEDED = ("oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp")


def refused(shop: Shop, request: Request, resource: str, right: str) -> Response | None:
    """Why this request may not be answered, or None."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme == "OAuth":
        problem = _problem(shop, request, {name: unquote(value) for name, value in FIELD.findall(rest)})
        if problem:
            return problem
    elif not (scheme == "Bearer" and shop.profile.bearer and hmac.compare_digest(rest.encode(), shop.token.encode())):
        return not_authorized(resource)
    return None if right in shop.profile.acl else not_authorized(resource)


def _problem(shop: Shop, request: Request, given: dict[str, str]) -> Response | None:  # noqa: PLR0911 - one for each refusal
    missing = [name for name in (*NEEDED, "oauth_token") if not given.get(name)]
    if missing:
        return refusal(400, "parameter_absent", {"oauth_parameters_absent": missing[0]})
    if given.get("oauth_version", "1.0") != "1.0":
        return refusal(400, "version_rejected")
    if given["oauth_signature_method"] != "HMAC-SHA256":
        return refusal(400, "signature_method_rejected")
    if not given["oauth_timestamp"].isdigit() or abs(int(given["oauth_timestamp"]) - time.time()) > LATEST:
        return refusal(400, "timestamp_refused")
    if given["oauth_consumer_key"] != shop.consumer_key:
        return refusal(401, "consumer_key_rejected")
    if given["oauth_token"] != shop.token:
        return refusal(401, "token_rejected")
    if not hmac.compare_digest(_signature(shop, request, given), given["oauth_signature"].encode()):
        return refusal(401, "The signature is invalid. Verify and try again.")
    return _once(shop, given)


def _once(shop: Shop, given: dict[str, str]) -> Response | None:
    mark = (given["oauth_timestamp"], given["oauth_nonce"])
    if mark in shop.nonces:
        return refusal(401, "nonce_used")
    shop.nonces.add(mark)
    return None


def _signature(shop: Shop, request: Request, given: dict[str, str]) -> bytes:
    signed = [(name, value) for name, value in given.items() if name not in ("oauth_signature", "realm")]
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in [*signed, *request.args.items(multi=True)])
    parameters = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(map(_encoded, (request.method, request.base_url, parameters)))
    key = f"{_encoded(shop.consumer_secret)}&{_encoded(shop.token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest())


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")
