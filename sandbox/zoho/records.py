"""Get Records: which fields, which people, in which order, and the page tokens that go on (docs: get-records v8)."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..people import Person, draw
from ..wire import json_response
from . import answers, moments
from .fields import entries, record
from .orgs import LEADS, Org
from .paging_faults import disturbed
from .views import VIEWS

LARGEST, MOST_FIELDS, DISCRETE, MOST_BY_TOKEN = 200, 50, 2_000, 100_000
SORTS = {
    "id": lambda person: person.index,
    "Modified_Time": lambda person: person.updated_at,
    "Created_Time": lambda person: person.created_at,
}
KNOWN = frozenset(
    {
        "fields",
        "per_page",
        "page",
        "page_token",
        "sort_by",
        "sort_order",
        "cvid",
        "ids",
        "converted",
        "approved",
        "territory_id",
        "include_child",
    }
)


class Refused(Exception):
    def __init__(self, response: Response):
        super().__init__()
        self.response = response


def is_converted(person: Person) -> bool:
    return draw(person.seed, person.index, 6002, 8) == 0


def get_records(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    """GET /crm/v8/{module}."""
    try:
        return _records(org, module, request, faults)
    except Refused as refused:
        return refused.response


def _records(org: Org, module: str, request: Request, faults: dict[str, Fault]) -> Response:
    asked = request.args
    wanted = _fields(org, module, asked.get("fields", ""))
    size, since = page_size(request), since_of(request)
    indexes = _chosen(org, module, request, since)
    if not indexes:
        return answers.nothing(answers.NOT_MODIFIED if since is not None else answers.NO_CONTENT)
    start, page = _start(org, indexes, request, size)
    shown, more = indexes[start : start + size], start + size < len(indexes)
    place = {"shown": shown, "more": more, "start": start + len(shown)}
    place = disturbed(place, indexes, size, faults)
    people = [org.people_of(module).person(index) for index in place["shown"]]
    found = [record(org, person, wanted) for person in people if person]
    info = {
        "per_page": size,
        "count": len(found),
        "page": page,
        "sort_by": asked.get("sort_by", "id"),
        "sort_order": asked.get("sort_order", "desc"),
        "more_records": place["more"],
        "next_page_token": _token(org, request, place) if place["more"] else None,
        "previous_page_token": None,
        "page_token_expiry": moments.shown(4_000_000_000) if place["more"] else None,
    }
    if not found and not place["more"]:
        return answers.nothing(answers.NO_CONTENT)
    return json_response({"data": found, "info": info})


def _fields(org: Org, module: str, text: str) -> list[Any]:
    names = [name for name in text.split(",") if name]
    if not names or names == ["id"]:
        message = "One of the expected parameter is missing"
        raise Refused(answers.refusal(400, "REQUIRED_PARAM_MISSING", message, param_name="fields"))
    if len(names) > MOST_FIELDS:
        raise Refused(answers.refusal(400, "LIMIT_EXCEEDED", "Max field limit exceeded", limit=MOST_FIELDS))
    known = entries(org, module)
    return [known[name] for name in names if name in known]


def _whole(text: str, name: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise Refused(answers.refusal(400, "INVALID_DATA", "invalid data", param_name=name))
    return int(text)


def page_size(request: Request) -> int:
    """`per_page`, 200 at most; raises Refused."""
    size = _whole(request.args.get("per_page", str(LARGEST)), "per_page")
    if size > LARGEST:
        raise Refused(answers.refusal(400, "INVALID_DATA", "invalid data", param_name="per_page"))
    return size


def page_number(request: Request) -> int:
    """`page`, from 1; raises Refused."""
    return _whole(request.args.get("page", "1"), "page")


def since_of(request: Request) -> int | None:
    text = request.headers.get("If-Modified-Since")
    if text is None:
        return None
    since = moments.read(text)
    if since is None:
        raise Refused(answers.refusal(400, "INVALID_DATA", "invalid date format", header="If-Modified-Since"))
    return since


def _chosen(org: Org, module: str, request: Request, since: int | None) -> Sequence[int]:
    asked, population = request.args, org.people_of(module)
    unknown = set(asked) - KNOWN
    if unknown or ("page" in asked and "page_token" in asked) or ("cvid" in asked and "sort_by" in asked):
        names = sorted(unknown or {"cvid", "sort_by"} & set(asked) or {"page", "page_token"})
        raise Refused(
            answers.refusal(400, "AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request", params=names)
        )
    view = VIEWS[module].get(asked.get("cvid", "")) if "cvid" in asked else None
    if "cvid" in asked and view is None:
        raise Refused(answers.refusal(400, "INVALID_DATA", "the id given seems to be invalid", param_name="cvid"))
    if asked.get("sort_by", "id") not in SORTS or asked.get("sort_order", "desc") not in ("asc", "desc"):
        raise Refused(answers.refusal(400, "INVALID_DATA", "invalid sort", param_name="sort_by"))
    converted = asked.get("converted", "false") if module == LEADS else "both"
    if asked.get("converted", "false") not in ("true", "false", "both"):
        raise Refused(answers.refusal(400, "INVALID_DATA", "invalid data", param_name="converted"))
    if "ids" in asked:
        return _named(population, asked["ids"].split(","), converted)
    # A view sorts as whoever made it likes: here by the last change, so that whoever relies on ids is found out.
    order = asked.get("sort_by", "id" if view is None else "Modified_Time")
    key = ("zoho", module, asked.get("cvid"), converted, since, order, asked.get("sort_order", "desc"))
    return population.remember(
        key, lambda: _found(population, view, converted, since, order, asked.get("sort_order", "desc"))
    )


def _found(population: Any, view: Any, converted: str, since: int | None, order: str, way: str) -> list[int]:
    people = [
        person
        for person in population
        if (view is None or view.test(person))
        and (converted == "both" or is_converted(person) is (converted == "true"))
        and (since is None or person.updated_at >= since)
    ]
    people.sort(key=lambda person: (SORTS[order](person), person.index), reverse=way == "desc")
    return [person.index for person in people]


def _named(population: Any, ids: list[str], converted: str) -> list[int]:
    """The records of these ids, as far as there are any."""
    numbers = [int(one.removeprefix("415086")) for one in ids if one.isdigit() and one.startswith("415086")]
    people = [person for number in numbers if (person := population.find(number))]
    return [person.index for person in people if converted == "both" or is_converted(person) is (converted == "true")]


def _start(org: Org, indexes: Sequence[int], request: Request, size: int) -> tuple[int, int]:
    """Where the page begins, and its number."""
    asked = request.args
    if "page_token" in asked:
        token = _read(asked["page_token"])
        if token is None or token["bound"] != _bound(request):
            raise Refused(
                answers.refusal(400, "TOKEN_BOUND_DATA_MISMATCH", "page token mismatch", param_name="page_token")
            )
        if token["life"] < org.page_tokens_since:
            raise Refused(answers.refusal(400, "EXPIRED_VALUE", "Page token expired", param_name="page_token"))
        if token["start"] >= MOST_BY_TOKEN:
            message = "You can only get the first 100000 records using page_token param"
            raise Refused(answers.refusal(400, "PAGINATION_LIMIT_EXCEEDED", message, limit=MOST_BY_TOKEN))
        return int(token["start"]), int(token["start"]) // size + 1
    page = page_number(request)
    if page * size > DISCRETE and page > 1:
        message = "You can only get the first 2000 records without using page_token param"
        raise Refused(answers.refusal(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", message, limit=DISCRETE))
    return (page - 1) * size, page


def _bound(request: Request) -> str:
    """A token is bound to the other parameters and to the header."""
    parts = sorted((name, value) for name, value in request.args.items() if name not in ("page_token", "page"))
    text = json.dumps([parts, request.headers.get("If-Modified-Since")])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _token(org: Org, request: Request, place: dict[str, Any]) -> str:
    facts = {"bound": _bound(request), "start": place["start"], "life": org.page_tokens_since, **place.get("marks", {})}
    return base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()


def _read(token: str) -> dict[str, Any] | None:
    try:
        facts = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        return None
    return facts if isinstance(facts, dict) and {"bound", "start", "life"} <= set(facts) else None
