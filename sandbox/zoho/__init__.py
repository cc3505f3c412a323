"""Zoho CRM's API v8 as far as importers use it, with its accounts servers (docs: crm-oas v8)."""

import re
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..options import Options
from ..people import Person
from ..wire import json_response
from . import answers, bulk, fields, gate, moments
from .accounts import Accounts
from .orgs import Org, all_orgs, expire_tokens, record_id, revoke_tokens, throttle_tokens
from .paging_faults import FAULTS
from .records import get_records, is_converted
from .resources import count, deleted, extra_fields, listed_fields, listed_views, modules, organisation, users

RECORDS = re.compile(r"crm/v8/(?P<module>\w+)(?P<rest>/deleted|/actions/count)?")
SETTINGS = re.compile(r"crm/v8/settings/(?P<what>fields|custom_views|modules)")
KINDS = {None: "records", "/deleted": "deleted", "/actions/count": "count"}
BULK = re.compile(r"crm/bulk/v8/read/\d+(?P<rest>/result)?")
PLAIN = {"crm/v8/org": "org", "crm/v8/users": "users", "crm/bulk/v8/read": "bulk_read"}
ROUTES = {
    "org": organisation,
    "users": users,
    "modules": modules,
    "fields": listed_fields,
    "views": listed_views,
    "records": get_records,
    "count": count,
    "deleted": deleted,
    "bulk_read": bulk.create,
    "bulk_job": bulk.look,
    "bulk_result": bulk.fetch,
}


class Zoho:
    """The vendor: organisations below /zoho/<org>/, accounts servers below /zoho/accounts-<dc>/."""

    switches: ClassVar = {
        "expire_tokens": expire_tokens,
        "revoke_tokens": revoke_tokens,
        "throttle_tokens": throttle_tokens,
        "extra_fields": extra_fields,
        "bulk": bulk.settle,
    }
    fault_names = frozenset(
        {"status", "expired_token", "missing_scope", "wrong_type", "invalid_host", "bulk_file", *FAULTS}
    )

    def __init__(self, options: Options):
        self.accounts = all_orgs(options)
        self._servers = Accounts(self.accounts)

    def kind(self, path: str) -> str:
        """org, users, fields, views, modules, records, deleted, count, bulk_read, bulk_job, bulk_result, or other."""
        if path in PLAIN:
            return PLAIN[path]
        if match := SETTINGS.fullmatch(path):
            return {"custom_views": "views"}.get(match["what"], match["what"])
        if match := BULK.fullmatch(path):
            return "bulk_result" if match["rest"] else "bulk_job"
        match = RECORDS.fullmatch(path)
        return KINDS[match["rest"]] if match else "other"

    def answer(self, org: Org, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        if "status" in faults:
            return answers.status_fault(faults["status"])
        kind = self.kind(path)
        match = RECORDS.fullmatch(path)
        module = request.args.get("module", "") if kind in ("fields", "views") else match["module"] if match else ""
        refusal = gate.refused(org, kind, module, request, faults)
        if refusal:
            return refusal
        if "wrong_type" in faults:
            return json_response({"data": "x", "info": [], "org": 1, "fields": "x", "custom_views": 2})
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
