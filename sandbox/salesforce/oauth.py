"""The login hosts: the page where people agree, the token endpoint with PKCE, and revocation (docs: web server flow)."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request, Response

from ..wire import json_response
from .answers import oauth_error
from .orgs import PRODUCTION, SANDBOX, Org

CLIENT_ID, CLIENT_SECRET = "3MVG9.demo-doplyw", "demo-secret-salesforce"
RETURN_PATH = "/integracje/salesforce/powrot"
NEEDED = frozenset({"api", "refresh_token"})


class Logins:
    """Answers below /salesforce/<login host>/services/oauth2/, and below an organisation's own address."""

    def __init__(self, orgs: Mapping[str, Org]):
        self._orgs = orgs

    def answer(self, host: str, path: str, request: Request) -> Response:
        orgs = self._behind(host)
        if not orgs:
            return Response("<html>Not found</html>", 404, mimetype="text/html")
        routes = {
            ("GET", "services/oauth2/authorize"): lambda: self._page(orgs, request),
            ("POST", "services/oauth2/authorize"): lambda: self._decided(orgs, request),
            ("POST", "services/oauth2/token"): lambda: self._token(host, orgs, request),
            ("POST", "services/oauth2/revoke"): lambda: self._revoke(orgs, request),
        }
        route = routes.get((request.method, path))
        return route() if route else Response("<html>Not found</html>", 404, mimetype="text/html")

    def _behind(self, host: str) -> list[Org]:
        """Production and sandboxes have a door each; an organisation's own domain opens that one alone."""
        if host in (PRODUCTION, SANDBOX):
            return [org for org in self._orgs.values() if org.profile.login == host]
        return [org for org in self._orgs.values() if host in (org.my_domain, org.name)]

    def _page(self, orgs: list[Org], request: Request) -> Response:
        problem = _wrong_request(request.args)
        if problem:
            return Response(
                f"<!doctype html><title>Salesforce</title><h1>{escape(problem)}</h1>", 400, mimetype="text/html"
            )
        options = "".join(f"<option value={one.name!r}>{escape(one.profile.title)}</option>" for one in orgs)
        return Response(
            "<!doctype html><html lang=pl><meta charset=utf-8><title>Salesforce</title>"
            '<meta name="viewport" content="width=device-width"><body>'
            "<h1>Salesforce (piaskownica)</h1><p>Aplikacja Dopływ prosi o dostęp do danych przez API.</p><form method=post>"
            f"<p><label>Organizacja <select name=org>{options}</select></label></p>"
            "<p><button name=decision value=allow>Zezwól</button> <button name=decision value=deny>Odmów</button></p></form>",
            content_type="text/html; charset=utf-8",
        )

    def _decided(self, orgs: list[Org], request: Request) -> Response:
        asked, state = request.args, request.args.get("state", "")
        org = next((one for one in orgs if one.name == request.form.get("org")), None)
        if _wrong_request(asked) or org is None:
            return Response("Bad request", 400)
        target = asked["redirect_uri"]
        if not org.profile.installed:
            text = "app must be installed into org"
            return _redirect(target, error="invalid_client", error_description=text, state=state)
        if request.form.get("decision") != "allow":
            return _redirect(
                target, error="access_denied", error_description="end-user denied authorization", state=state
            )
        code = org.tokens.new_code(redirect_uri=target, challenge=asked["code_challenge"])
        return _redirect(target, code=code, state=state)

    def _token(self, host: str, orgs: list[Org], request: Request) -> Response:
        asked = request.form
        if asked.get("client_id") != CLIENT_ID:
            return oauth_error("invalid_client_id", "client identifier invalid")
        if asked.get("client_secret") != CLIENT_SECRET:
            return oauth_error("invalid_client", "invalid client credentials")
        grant = asked.get("grant_type")
        if grant == "authorization_code":
            return self._redeemed(host, orgs, asked, request)
        if grant == "refresh_token":
            return self._refreshed(host, orgs, asked, request)
        return oauth_error("unsupported_grant_type", "grant type not supported")

    def _redeemed(self, host: str, orgs: list[Org], asked: Mapping[str, str], request: Request) -> Response:
        for org in orgs:
            facts = org.tokens.redeem(asked.get("code", ""))
            if facts is None:
                continue
            if facts["redirect_uri"] != asked.get("redirect_uri"):
                return oauth_error("redirect_uri_mismatch", "redirect_uri must match configuration")
            if not asked.get("code_verifier"):
                return oauth_error("invalid_grant", "code verifier required")
            if facts["challenge"] != _challenge(asked["code_verifier"]):
                return oauth_error("invalid_request", "invalid code verifier")
            return json_response(_granted(host, org, request) | {"refresh_token": org.tokens.new_refresh()})
        return oauth_error("invalid_grant", "expired authorization code")

    def _refreshed(self, host: str, orgs: list[Org], asked: Mapping[str, str], request: Request) -> Response:
        """A refresh token is good at the host where it was made, or at the organisation's own."""
        for org in orgs:
            good, replacement = org.tokens.renewed(asked.get("refresh_token", ""))
            if good:
                return json_response(
                    _granted(host, org, request) | ({"refresh_token": replacement} if replacement else {})
                )
        return oauth_error("invalid_grant", "expired access/refresh token")

    def _revoke(self, orgs: list[Org], request: Request) -> Response:
        token = request.form.get("token", "")
        for org in orgs:
            if org.tokens.knows(token):
                org.tokens.revoke()
                return Response("", 200)
        return oauth_error("invalid_token", "invalid token")


def _wrong_request(asked: Mapping[str, str]) -> str:
    if asked.get("client_id") != CLIENT_ID:
        return "invalid_client_id"
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if not urlsplit(asked.get("redirect_uri", "")).path.endswith(RETURN_PATH):
        return "redirect_uri_mismatch"
    if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
        return "missing required code challenge"
    if not set(asked.get("scope", "").split()) >= NEEDED:
        return "invalid_scope"
    return ""


def _granted(host: str, org: Org, request: Request) -> dict[str, str]:
    identity = f"{request.host_url}salesforce/{host}/id/{org.number}/005RO000001AAAAEA2"
    issued_at = str(int(time.time() * 1000))
    signature = hmac.new(CLIENT_SECRET.encode(), (identity + issued_at).encode(), hashlib.sha256).digest()
    return {
        "access_token": org.tokens.new_session(org.name),
        "signature": base64.b64encode(signature).decode(),
        "scope": "refresh_token api",
        "instance_url": f"{request.host_url}salesforce/{org.name}",
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def _redirect(target: str, **answer: str) -> Response:
    return Response("", 302, {"Location": f"{target}?{urlencode(answer)}"})


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
