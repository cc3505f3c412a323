"""Zoho CRM's API v8 as far as importers use it, with its accounts servers (docs: crm-oas v8)."""

import re
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..options import Options
from ..people import Person
from ..wire import json_response
from . import answers, fields, moments, views
from .accounts import Accounts
from .orgs import CONTACTS, LEADS, Org, all_orgs, expire_tokens, record_id, revoke_tokens, throttle_tokens
from .paging_faults import FAULTS
from .records import LARGEST, get_records, is_converted

RECORDS = re.compile(r"crm/v8/(?P<module>\w+)(?P<rest>/deleted|/actions/count)?")
SETTINGS = re.compile(r"crm/v8/settings/(?P<what>fields|custom_views|modules)")
KINDS = {None: "records", "/deleted": "deleted", "/actions/count": "count"}


def extra_fields(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `extra_fields`: so many fields more (`number`), `Pole_0` and so on."""
    org.extra_fields = int(wishes.get("number", 60))
    return {"extra_fields": org.extra_fields}


class Zoho:
    """The vendor: organisations below /zoho/<org>/, accounts servers below /zoho/accounts-<dc>/."""

    switches: ClassVar = {
        "expire_tokens": expire_tokens,
        "revoke_tokens": revoke_tokens,
        "throttle_tokens": throttle_tokens,
        "extra_fields": extra_fields,
    }
    fault_names = frozenset({"status", "expired_token", "missing_scope", "wrong_type", "invalid_host", *FAULTS})

    def __init__(self, options: Options):
        self.accounts = all_orgs(options)
        self._servers = Accounts(self.accounts)

    def kind(self, path: str) -> str:
        """org, fields, views, modules, records, deleted, count, or other."""
        if path == "crm/v8/org":
            return "org"
        if match := SETTINGS.fullmatch(path):
            return {"custom_views": "views"}.get(match["what"], match["what"])
        match = RECORDS.fullmatch(path)
        return KINDS[match["rest"]] if match else "other"

    def answer(self, org: Org, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        kind = self.kind(path)
        if "status" in faults:
            return answers.status_fault(faults["status"])
        if "invalid_host" in faults:
            return answers.refusal(400, "INVALID_HOST", "Invalid host")
        if not token:
            return answers.no_token()
        if scheme != "Zoho-oauthtoken" or "expired_token" in faults or not org.tokens.is_valid(token):
            return answers.invalid_token()
        if kind == "other" or request.method != "GET":
            return answers.no_such_path()
        return self._permitted(org, kind, path, request, faults)

    def _permitted(  # noqa: PLR0911 - one for each refusal
        self, org: Org, kind: str, path: str, request: Request, faults: dict[str, Fault]
    ) -> Response:
        if not org.profile.credits:
            return answers.too_many_requests()
        if "missing_scope" in faults or (not org.profile.scopes and kind != "org"):
            return answers.scope_mismatch()
        if "wrong_type" in faults:
            return json_response({"data": "x", "info": [], "org": 1, "fields": "x", "custom_views": 2})
        if kind == "org":
            return json_response({"org": [_organisation(org)]})
        match = RECORDS.fullmatch(path)
        module = request.args.get("module", "") if kind in ("fields", "views") else match["module"] if match else ""
        if kind == "modules":
            return json_response(
                {
                    "modules": [
                        {"api_name": name, "plural_label": name, "api_supported": True} for name in org.profile.modules
                    ]
                }
            )
        if module not in (CONTACTS, LEADS):
            return answers.invalid_module()
        if module not in org.profile.modules:
            return answers.no_permission(module)
        return ROUTES[kind](org, module, request, faults)

    def unknown(self, name: str, path: str, request: Request) -> Response:
        return self._servers.answer(name, path, request)

    def truth(self, org: Org, of: str) -> list[dict[str, Any]]:
        """Contacts, or with `of` "leads" the leads that were not converted."""
        if of == "leads":
            return [self.truth_of(person) for person in org.leads if not is_converted(person)]
        return [self.truth_of(person) for person in org.population]

    def truth_of(self, person: Person) -> dict[str, Any]:
        return {
            "id": record_id(person),
            "email": person.email,
            "consent": "opted_out" if fields.opted_out(person) else "opted_in",
            "updated_at": moments.shown(person.updated_at),
        }


def _organisation(org: Org) -> dict[str, Any]:
    return {
        "id": f"41508600000{org.number}",
        "zgid": org.number,
        "company_name": org.profile.title,
        "time_zone": "Europe/Warsaw",
        "iso_code": "PLN",
        "license_details": {"paid_type": "enterprise", "users_license_purchased": 3},
    }


def _fields(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    return json_response(
        {"fields": [fields.described(n, one) for n, one in enumerate(fields.entries(org, module).values())]}
    )


def _views(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    found = [views.described(number, view) for number, view in views.VIEWS[module].items()]
    info = {"count": len(found), "default": found[0]["id"], "more_records": False, "page": 1, "per_page": LARGEST}
    return json_response({"custom_views": found, "info": info})


def _count(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    view = views.VIEWS[module].get(request.args["cvid"]) if "cvid" in request.args else None
    if "cvid" in request.args and view is None:
        return answers.refusal(400, "INVALID_DATA", "the id given seems to be invalid", param_name="cvid")
    people = (person for person in org.people_of(module) if view is None or view.test(person))
    return json_response({"count": sum(module == CONTACTS or not is_converted(person) for person in people)})


def _deleted(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/{module}/deleted: the recycle bin and what left it."""
    since = moments.read(request.headers["If-Modified-Since"]) if "If-Modified-Since" in request.headers else 0
    population, page = org.people_of(module), int(request.args.get("page", "1"))
    if since is None or request.args.get("type", "all") not in ("all", "recycle", "permanent"):
        return answers.refusal(400, "INVALID_DATA", "invalid data")
    gone = [(moment, index) for index, moment in population.deleted.items() if moment >= since]
    shown = sorted(gone)[(page - 1) * LARGEST : page * LARGEST]
    if not shown:
        return answers.nothing(answers.NO_CONTENT)
    user = {"name": "Jan Kowalski", "id": "4150860000000225013"}
    data = [
        {
            "deleted_by": user,
            "id": f"415086{population.number(index)}",
            "display_name": "–",
            "type": "recycle",
            "created_by": user,
            "deleted_time": moments.shown(moment),
        }
        for moment, index in shown
    ]
    info = {"per_page": LARGEST, "count": len(data), "page": page, "more_records": page * LARGEST < len(gone)}
    return json_response({"data": data, "info": info})


ROUTES = {"fields": _fields, "views": _views, "records": get_records, "count": _count, "deleted": _deleted}
