"""All that is no record: the organisation, its people, fields, views, counts, and who was deleted."""

from typing import Any

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..wire import json_response
from . import answers, fields, moments, views
from .orgs import CONTACTS, Org
from .records import LARGEST, Refused, is_converted, page_number, page_size, since_of

USER = {"name": "Jan Kowalski", "id": "4150860000000225013"}


def extra_fields(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `extra_fields`: so many fields more (`number`), `Pole_0` and so on."""
    org.extra_fields = int(wishes.get("number", 60))
    return {"extra_fields": org.extra_fields}


def organisation(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/org."""
    shown = {
        "id": f"41508600000{org.number}",
        "zgid": org.number,
        "company_name": org.profile.title,
        "time_zone": "Europe/Warsaw",
        "iso_code": "PLN",
        "license_details": {"paid_type": "enterprise", "users_license_purchased": 3},
    }
    return json_response({"org": [shown]})


def users(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/users: the one who signed in."""
    role = {"name": "CEO", "id": "4150860000000026005"}
    shown = {
        "id": USER["id"],
        "first_name": "Jan",
        "last_name": "Kowalski",
        "full_name": USER["name"],
        "email": "jan@example.com",
        "status": "active",
        "role": role,
        "profile": {"name": "Administrator", "id": "4150860000000026011"},
        "time_zone": "Europe/Warsaw",
        "confirm": True,
    }
    info = {"per_page": LARGEST, "count": 1, "page": 1, "more_records": False}
    return json_response({"users": [shown], "info": info})


def modules(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/settings/modules."""
    found = [{"api_name": name, "plural_label": name, "api_supported": True} for name in org.profile.modules]
    return json_response({"modules": found})


def listed_fields(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/settings/fields."""
    known = fields.entries(org, module).values()
    found = [fields.described(place, one, hidden=fields.is_hidden(org, one)) for place, one in enumerate(known)]
    return json_response({"fields": found})


def listed_views(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/settings/custom_views."""
    try:
        size, page = page_size(request), page_number(request)
    except Refused as refused:
        return refused.response
    found = [views.described(number, view) for number, view in views.VIEWS[module].items()]
    shown = found[(page - 1) * size : page * size]
    more = page * size < len(found)
    info = {"count": len(shown), "default": found[0]["id"], "more_records": more, "page": page, "per_page": size}
    return json_response({"custom_views": shown, "info": info})


def count(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/{module}/actions/count; leads that were converted do not count."""
    view = views.VIEWS[module].get(request.args["cvid"]) if "cvid" in request.args else None
    if "cvid" in request.args and view is None:
        return answers.refusal(400, "INVALID_DATA", "the id given seems to be invalid", param_name="cvid")
    return json_response(
        {"count": org.people_of(module).remember(("zoho count", view), lambda: _many(org, module, view))}
    )


def _many(org: Org, module: str, view: views.View | None) -> int:
    people = (person for person in org.people_of(module) if view is None or view.test(person))
    return sum(module == CONTACTS or not is_converted(person) for person in people)


def deleted(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/{module}/deleted: the recycle bin and what left it."""
    try:
        size, page, since = page_size(request), page_number(request), since_of(request) or 0
    except Refused as refused:
        return refused.response
    if request.args.get("type", "all") not in ("all", "recycle", "permanent"):
        return answers.refusal(400, "INVALID_DATA", "invalid data", param_name="type")
    population = org.people_of(module)
    gone = sorted((moment, index) for index, moment in population.deleted.items() if moment >= since)
    data = [
        {
            "deleted_by": USER,
            "id": f"415086{population.number(index)}",
            "display_name": "–",
            "type": "recycle",
            "created_by": USER,
            "deleted_time": moments.shown(moment),
        }
        for moment, index in gone[(page - 1) * size : page * size]
    ]
    if not data:
        return answers.nothing(answers.NO_CONTENT)
    info = {"per_page": size, "count": len(data), "page": page, "more_records": page * size < len(gone)}
    return json_response({"data": data, "info": info})
