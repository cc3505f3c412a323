"""The control address: switch faults on and off, change people, and read the truth. Open to this machine only."""

import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound
from werkzeug.wrappers import Request, Response

from . import wire
from .account import Account
from .people import Person

CHANGEABLE = frozenset(
    {"email", "first_name", "last_name", "phone", "consent", "tags", "note", "company", "size", "points"}
    | {"orders", "spent", "created_at", "updated_at", "has_address"}
)


def answer(vendors: dict[str, Any], request: Request) -> Response:
    """GET /control, /control/truth, /control/requests; POST /control, /control/reset."""
    try:
        _refuse_strangers(request)
        route = ROUTES.get((request.method, request.path.rstrip("/")))
        if route is None:
            raise NotFound
        return wire.json_response(route(vendors, request))
    except HTTPException as refusal:
        return wire.json_response({"error": refusal.description}, refusal.code or 400)


def _refuse_strangers(request: Request) -> None:
    """Only this machine; and JSON only, which a foreign web page cannot send without asking first."""
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:
        raise Forbidden("The control address answers this machine only.")
    if request.method == "POST" and not request.is_json:
        raise BadRequest("Send JSON, with Content-Type: application/json.")


def _show(vendors: dict[str, Any], request: Request) -> Any:
    return {
        name: {account.name: _state(account) for account in vendor.accounts.values()}
        for name, vendor in vendors.items()
    }


def _state(account: Account) -> dict[str, Any]:
    return {"people": account.population.size, "faults": account.faults.listed()}


def _truth(vendors: dict[str, Any], request: Request) -> Any:
    vendor, account = _addressed(vendors, request.args)
    return vendor.truth(account, request.args.get("of", "people"))


def _requests(vendors: dict[str, Any], request: Request) -> Any:
    return _addressed(vendors, request.args)[1].log.shown()


def _reset(vendors: dict[str, Any], request: Request) -> Any:
    wishes = _wishes(request)
    if "shop" in wishes:
        _addressed(vendors, wishes)[1].reset()
    else:
        for vendor in vendors.values():
            for account in vendor.accounts.values():
                account.reset()
    return {"done": "reset"}


def _act(vendors: dict[str, Any], request: Request) -> Any:
    wishes = _wishes(request)
    vendor, account = _addressed(vendors, wishes)
    action = wishes.pop("action", "fault")
    if action in ACTIONS:
        return ACTIONS[action](vendor, account, wishes)
    if action in vendor.switches:
        return vendor.switches[action](account, wishes)
    raise BadRequest(f"Unknown action. Known: {', '.join(sorted({*ACTIONS, *vendor.switches}))}.")


def _wishes(request: Request) -> dict[str, Any]:
    wishes = request.get_json(force=True)
    if not isinstance(wishes, dict):
        raise BadRequest("Send one JSON object.")
    return wishes


def _addressed(vendors: dict[str, Any], wishes: Any) -> tuple[Any, Account]:
    """The vendor (`vendor`, Shopify unless named) and its account (`shop`)."""
    vendor = vendors.get(wishes.get("vendor", "shopify"))
    account = vendor and vendor.accounts.get(wishes.get("shop"))
    if account is None:
        raise NotFound("No such vendor or shop.")
    return vendor, account


def _fault(vendor: Any, account: Account, wishes: dict[str, Any]) -> Any:
    name = wishes.get("fault")
    if name not in (known := wire.NAMES | vendor.fault_names):
        raise BadRequest(f"Unknown fault. Known: {', '.join(sorted(known))}.")
    params = {key: value for key, value in wishes.items() if key not in ("vendor", "shop", "fault")}
    counts = {key: _whole(params[key]) for key in ("after", "every", "times") if key in params}
    if counts.get("every") == 0:
        raise BadRequest("A fault hits every first, second, ... request, but not every 0th.")
    account.faults.add(name, {**params, **counts})
    return _state(account)


def _clear(vendor: Any, account: Account, wishes: dict[str, Any]) -> Any:
    account.faults.clear(wishes.get("fault"))
    return _state(account)


def _resize(vendor: Any, account: Account, wishes: dict[str, Any]) -> Any:
    account.population.resize(_whole(wishes.get("people")))
    return _state(account)


def _mutate(vendor: Any, account: Account, wishes: dict[str, Any]) -> Any:
    index = _person(account, wishes).index
    changes = {"updated_at": int(time.time()), **_changes(wishes)}
    account.population.change(index, **changes)
    return vendor.truth_of(account.population.person(index))


def _delete(vendor: Any, account: Account, wishes: dict[str, Any]) -> Any:
    person = _person(account, wishes)
    account.population.delete(person.index)
    return {"deleted": str(person.number)}


def _insert(vendor: Any, account: Account, wishes: dict[str, Any]) -> Any:
    now = int(time.time())
    index = account.population.insert(**{"created_at": now, "updated_at": now, **_changes(wishes)})
    return vendor.truth_of(account.population.person(index))


def _person(account: Account, wishes: dict[str, Any]) -> Person:
    """The person meant by `id` (the vendor's number) or `index` (from 0)."""
    if "id" in wishes:
        person = account.population.find(_whole(wishes["id"]))
    else:
        person = account.population.person(_whole(wishes.get("index")))
    if person is None:
        raise NotFound("No such person.")
    return person


def _whole(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise BadRequest("A whole number, 0 or more, is needed.")
    return number


def _changes(wishes: dict[str, Any]) -> dict[str, Any]:
    changes = wishes.get("changes", {})
    if unknown := set(changes) - CHANGEABLE:
        raise BadRequest(f"Cannot be changed: {', '.join(sorted(unknown))}.")
    return changes


ROUTES: dict[tuple[str, str], Callable[[dict[str, Any], Request], Any]] = {
    ("GET", "/control"): _show,
    ("GET", "/control/truth"): _truth,
    ("GET", "/control/requests"): _requests,
    ("POST", "/control"): _act,
    ("POST", "/control/reset"): _reset,
}
ACTIONS: dict[str, Callable[[Any, Account, dict[str, Any]], Any]] = {
    "fault": _fault,
    "clear": _clear,
    "resize": _resize,
    "mutate": _mutate,
    "delete": _delete,
    "insert": _insert,
}
