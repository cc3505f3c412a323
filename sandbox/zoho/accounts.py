"""The accounts servers, one a data centre: the page where people agree, and the token endpoint, whose refusals come with 200."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request, Response

from ..wire import json_response
from .orgs import DATA_CENTRES, SCOPES, Org
from .tokens import LIFE

CLIENT_ID, CLIENT_SECRET = "1000.DEMO-DOPLYW", "demo-secret-zoho"
PREFIX = "accounts-"
RETURN_PATH = "/integracje/zoho/powrot"


class Accounts:
    """Answers below /zoho/accounts-<dc>/oauth/v2/."""

    def __init__(self, orgs: Mapping[str, Org]):
        self._orgs = orgs
        self._agreed: set[str] = set()

    def answer(self, name: str, path: str, request: Request) -> Response:
        dc = name.removeprefix(PREFIX)
        if not name.startswith(PREFIX) or dc not in DATA_CENTRES:
            return Response("Not found", 404)
        routes = {
            ("GET", "oauth/v2/auth"): lambda: self._page(request),
            ("POST", "oauth/v2/auth"): lambda: self._decided(request),
            ("POST", "oauth/v2/token"): lambda: self._token(dc, request),
            ("POST", "oauth/v2/token/revoke"): lambda: self._revoke(request),
        }
        route = routes.get((request.method, path))
        return route() if route else Response("Not found", 404)

    def _page(self, request: Request) -> Response:
        problem = _wrong_request(request.args)
        if problem:
            return Response(f"<!doctype html><title>Zoho</title><h1>{escape(problem)}</h1>", 400, mimetype="text/html")
        options = "".join(
            f"<option value={one.name!r}>{escape(one.profile.title)}</option>" for one in self._orgs.values()
        )
        return Response(
            "<!doctype html><html lang=pl><meta charset=utf-8><title>Zoho</title>"
            '<meta name="viewport" content="width=device-width"><body>'
            "<h1>Zoho (piaskownica)</h1><p>Aplikacja Dopływ prosi o odczyt kontaktów i leadów.</p><form method=post>"
            f"<p><label>Firma <select name=org>{options}</select></label></p>"
            "<p><button name=decision value=allow>Zezwól</button> <button name=decision value=deny>Odmów</button></p></form>",
            content_type="text/html; charset=utf-8",
        )

    def _decided(self, request: Request) -> Response:
        asked, state = request.args, request.args.get("state", "")
        org = self._orgs.get(request.form.get("org", ""))
        if _wrong_request(asked) or org is None:
            return Response("Bad request", 400)
        if request.form.get("decision") != "allow":
            return _redirect(asked["redirect_uri"], error="access_denied", state=state)
        offline = asked.get("access_type") == "offline" and (
            asked.get("prompt") == "consent" or org.name not in self._agreed
        )
        self._agreed.add(org.name)
        code = org.tokens.new_code(
            redirect_uri=asked["redirect_uri"],
            challenge=asked.get("code_challenge"),
            offline=offline,
            scopes=frozenset(asked["scope"].split(",")) - org.profile.withheld,
        )
        server = f"{request.host_url}zoho/{PREFIX}{org.profile.dc}"
        location = "us" if org.profile.dc == "com" else org.profile.dc
        return _redirect(
            asked["redirect_uri"], code=code, location=location, state=state, **{"accounts-server": server}
        )

    def _token(self, dc: str, request: Request) -> Response:
        asked = request.form
        if asked.get("client_id") != CLIENT_ID:
            return _error("invalid_client")
        if asked.get("client_secret") != CLIENT_SECRET:
            return _error("invalid_client_secret")
        orgs = [org for org in self._orgs.values() if org.profile.dc == dc]
        if asked.get("grant_type") == "refresh_token":
            return self._refreshed(orgs, asked, request)
        if asked.get("grant_type") == "authorization_code":
            return self._redeemed(orgs, asked, request)
        return _error("unsupported_grant_type")

    def _redeemed(self, orgs: list[Org], asked: Mapping[str, str], request: Request) -> Response:
        """A code of another data centre is as unknown as a spent one."""
        for org in orgs:
            facts = org.tokens.redeem(asked.get("code", ""))
            if facts is None:
                continue
            if facts["redirect_uri"] != asked.get("redirect_uri"):
                return _error("invalid_redirect_uri")
            if facts["challenge"] and facts["challenge"] != _challenge(asked.get("code_verifier", "")):
                return _error("invalid_code")
            scopes = facts["scopes"]
            refresh = {"refresh_token": org.tokens.new_refresh(scopes)} if facts["offline"] else {}
            return json_response(_granted(org, request, org.tokens.mint(scopes)) | refresh)
        return _error("invalid_code")

    def _refreshed(self, orgs: list[Org], asked: Mapping[str, str], request: Request) -> Response:
        org = next((one for one in orgs if one.tokens.knows(asked.get("refresh_token", ""))), None)
        if org is None:
            return _error("invalid_code")
        if not org.tokens.may_renew():
            text = "You have made too many requests continuously. Please try again after some time."
            return json_response(
                {"error": "Access Denied", "error_description": text, "status": "failure"}, org.tokens.lock_status
            )
        return json_response(_granted(org, request, org.tokens.renewed(asked["refresh_token"])))

    def _revoke(self, request: Request) -> Response:
        token = request.values.get("token", "")
        org = next((one for one in self._orgs.values() if one.tokens.knows(token)), None)
        if org is None:
            return json_response({"error": "invalid_token"}, 400)
        org.tokens.revoke(token)
        return json_response({"status": "success"})


def _wrong_request(asked: Mapping[str, str]) -> str:
    if asked.get("client_id") != CLIENT_ID:
        return "Invalid Client ID"
    if asked.get("response_type") != "code":
        return "Invalid response type"
    if not urlsplit(asked.get("redirect_uri", "")).path.endswith(RETURN_PATH):
        return "Invalid Redirect Uri"
    if not asked.get("scope") or set(asked["scope"].split(",")) - SCOPES:
        return "Invalid OAuth Scope"
    return ""


def _granted(org: Org, request: Request, access_token: str) -> dict[str, object]:
    return {
        "access_token": access_token,
        "api_domain": f"{request.host_url}zoho/{org.name}",
        "token_type": "Bearer",
        "expires_in": LIFE,
    }


def _error(name: str) -> Response:
    return json_response({"error": name})


def _redirect(target: str, **answer: str) -> Response:
    return Response("", 302, {"Location": f"{target}?{urlencode(answer)}"})


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
