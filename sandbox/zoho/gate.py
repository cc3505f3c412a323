"""What stands before every answer of the CRM: the host, the token, what it allows, and what the person may see."""

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from . import answers
from .orgs import CONTACTS, LEADS, Org

SCOPES = {
    "org": "org",
    "users": "users",
    "fields": "settings.fields",
    "views": "settings.custom_views",
    "modules": "settings.modules",
    "bulk_read": "bulk",
    "bulk_job": "bulk",
    "bulk_result": "bulk",
}
POSTED = frozenset({"bulk_read"})
OF_NO_MODULE = frozenset({"org", "users", "modules", "bulk_read", "bulk_job", "bulk_result"})


def refused(org: Org, kind: str, module: str, request: Request, faults: dict[str, Fault]) -> Response | None:
    """The refusal of a request of this kind, or None where it may be answered."""
    if "invalid_host" in faults:
        return answers.refusal(400, "INVALID_HOST", "Invalid host")
    return (
        _token_refused(org, request, faults)
        or _way_refused(org, kind, request)
        or _scope_refused(org, kind, module, request, faults)
        or (_module_refused(org, module) if kind not in OF_NO_MODULE else None)
    )


def _token_of(request: Request) -> tuple[str, str]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme, token


def _token_refused(org: Org, request: Request, faults: dict[str, Fault]) -> Response | None:
    scheme, token = _token_of(request)
    if not token:
        return answers.no_token()
    if scheme != "Zoho-oauthtoken" or "expired_token" in faults or org.tokens.scopes_of(token) is None:
        return answers.invalid_token()
    return None


def _way_refused(org: Org, kind: str, request: Request) -> Response | None:
    if kind.startswith("bulk") and request.method not in ("GET", "POST"):
        return answers.refusal(400, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one")
    if kind == "other" or request.method != ("POST" if kind in POSTED else "GET"):
        return answers.no_such_path()
    return None if org.profile.credits else answers.too_many_requests()


def _scope_refused(org: Org, kind: str, module: str, request: Request, faults: dict[str, Fault]) -> Response | None:
    """A module that does not exist needs no scope: that there is none is told first."""
    needed = SCOPES.get(kind) or (f"modules.{module.lower()}" if module in (CONTACTS, LEADS) else None)
    granted = org.tokens.scopes_of(_token_of(request)[1]) or frozenset()
    lacking = needed is not None and f"ZohoCRM.{needed}.READ" not in granted
    return answers.scope_mismatch() if lacking or "missing_scope" in faults else None


def module_refused(org: Org, module: str, request: Request) -> Response | None:
    """The refusal of a module that only the body of a request names."""
    return _scope_refused(org, "records", module, request, {}) or _module_refused(org, module)


def _module_refused(org: Org, module: str) -> Response | None:
    if module not in (CONTACTS, LEADS):
        return answers.invalid_module()
    return None if module in org.profile.modules else answers.no_permission(module)
