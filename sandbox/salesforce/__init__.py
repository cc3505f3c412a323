"""Salesforce's REST API v67.0 as far as importers use it, with its login hosts (docs: api-rest)."""

import re
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..options import Options
from ..people import Person
from ..wire import json_response
from . import answers, campaigns, jobs, queries
from .columns import opted_out, stamp
from .describe import LABELS, described
from .faulty import FAULTS
from .oauth import Logins
from .orgs import (
    Org,
    all_orgs,
    expire_jobs,
    expire_tokens,
    hide_field,
    prepare_jobs,
    record_id,
    revoke_tokens,
    rotate_tokens,
    use_requests,
)

DATA = "services/data/v67.0/"
MOST, BULK = 15_000, "jobs/query"
BULK_FAULTS = {
    *(
        "bulk_refused",
        "bulk_limit",
        "job_fails",
        "job_aborted",
        "job_endless",
        "job_gone",
        "locator_lost",
        "csv_unordered",
    )
}
OBJECT = re.compile(r"sobjects/(?P<entity>\w+)/(?P<what>describe|listviews)(?:/(?P<view>\w+)/describe)?")


class Salesforce:
    """The vendor: organisations below /salesforce/<org>/, login hosts below /salesforce/<host>/."""

    switches: ClassVar = {
        "expire_tokens": expire_tokens,
        "revoke_tokens": revoke_tokens,
        "rotate_tokens": rotate_tokens,
        "use_requests": use_requests,
        "hide_field": hide_field,
        "prepare_jobs": prepare_jobs,
        "expire_jobs": expire_jobs,
    }
    fault_names = frozenset(
        {
            "status",
            "expired_token",
            "missing_scope",
            "wrong_type",
            "query_timeout",
            "empty_pages",
            *FAULTS,
            *BULK_FAULTS,
        }
    )

    def __init__(self, options: Options):
        self.accounts = all_orgs(options)
        self._logins = Logins(self.accounts)

    def kind(self, path: str) -> str:
        """oauth, query, more, jobs, job, results, describe, views, limits, or other."""
        rest = path.removeprefix(DATA)
        if path.startswith("services/oauth2/"):
            return "oauth"
        if rest in ("query", "queryAll", "limits"):
            return {"queryAll": "query"}.get(rest, rest)
        if rest.startswith("query/"):
            return "more"
        if rest.startswith(BULK):
            return "results" if rest.endswith("/results") else "job" if rest.count("/") > 1 else "jobs"
        match = OBJECT.fullmatch(rest)
        return {"describe": "describe", "listviews": "views"}[match["what"]] if match else "other"

    def answer(self, org: Org, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        if "status" in faults:
            return answers.status_fault(faults["status"])
        if path == "services/data":
            return json_response([{"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}])
        if path.startswith("services/oauth2/"):
            return self._logins.answer(org.name, path, request)
        org.used += 1
        try:
            response = self._answered(org, path, request, faults)
        except answers.Refused as refused:
            response = refused.response
        response.headers["Sforce-Limit-Info"] = f"api-usage={org.used}/{MOST}"
        return response

    def _answered(self, org: Org, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        scheme, _, session = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or "expired_token" in faults or not org.tokens.is_valid(session):
            raise answers.no_session()
        if not org.profile.api:
            raise answers.Refused(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
        if org.used > MOST:
            raise answers.Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if "missing_scope" in faults:
            raise answers.Refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object")
        if "query_timeout" in faults:
            raise answers.Refused(400, "QUERY_TIMEOUT", "Your query request was running for too long.")
        rest = path.removeprefix(DATA)
        if not path.startswith(DATA) or (request.method != "GET" and not rest.startswith(BULK)):
            raise answers.not_found()
        if "wrong_type" in faults:
            return json_response({"totalSize": "x", "records": 1, "fields": "x", "listviews": 2})
        if rest.startswith(BULK):
            return jobs.answer(org, rest, request, faults)
        return json_response(_routed(org, rest, request, session, faults))

    def unknown(self, name: str, path: str, request: Request) -> Response:
        return self._logins.answer(name, path, request)

    def truth(self, org: Org, of: str) -> list[dict[str, Any]]:
        """Contacts, or with `of` "leads" the leads, converted ones too."""
        people = org.leads if of == "leads" else org.population
        return [self.truth_of(person, "Lead" if of == "leads" else "Contact") for person in people]

    def truth_of(self, person: Person, entity: str = "Contact") -> dict[str, Any]:
        return {
            "id": record_id(entity, person),
            "email": person.email or None,
            "consent": "opted_out" if opted_out(person) else "opted_in",
            "updated_at": stamp(person.updated_at),
        }


def _routed(org: Org, rest: str, request: Request, session: str, faults: dict[str, Fault]) -> Any:
    if rest in ("query", "queryAll"):
        found = queries.run(org, request.args.get("q", ""), request, session, rest == "queryAll", faults)
        fault = faults.get("empty_pages")
        if fault and found["records"] and "nextRecordsUrl" not in found:
            fault.notes.append(None)
            if len(fault.notes) % 2:
                return {**found, "records": [], "done": False, "nextRecordsUrl": f"/{DATA}query/lost-0"}
        return found
    if rest == "limits":
        made = {"Max": jobs.MOST_A_DAY, "Remaining": jobs.MOST_A_DAY - org.made_jobs}
        return {"DailyApiRequests": {"Max": MOST, "Remaining": MOST - org.used}, "DailyBulkV2QueryJobs": made}
    if rest.startswith("query/"):
        return queries.go_on(org, rest.removeprefix("query/"), request, session)
    match = OBJECT.fullmatch(rest)
    if match is None or match["entity"] not in LABELS or (match["entity"] == "Lead" and not org.profile.leads):
        raise answers.not_found()
    if match["what"] == "describe":
        return described(org, match["entity"])
    return campaigns.described(match["entity"], match["view"]) if match["view"] else campaigns.listed(match["entity"])
