"""Magento 2.4's REST API as far as importers use it (docs: commerce-webapi, admin-schema-2.4.9)."""

import re
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..options import Options
from ..people import Person
from ..wire import json_response
from . import attributes, auth, criteria, refusals
from .customers import customer, stamp
from .faulty import FAULTS, disturbed
from .search import search
from .shops import GROUPS, STORES, WEBSITES, Shop, all_shops, input_limits, past_end, serve_all

PATH = re.compile(r"(?P<index>index\.php/)?rest/((?P<store>\w+)/)?V1/(?P<rest>.+)")
ROUTES = {
    "customers/search": ("customers", refusals.CUSTOMERS, "customers"),
    "attributeMetadata/customer": ("attributes", refusals.CUSTOMERS, "customers"),
    "attributeMetadata/customerAddress": ("attributes", refusals.CUSTOMERS, "customers"),
    "customerGroups/search": ("groups", refusals.GROUPS, "groups"),
    "store/websites": ("stores", refusals.STORES, "stores"),
    "store/storeViews": ("stores", refusals.STORES, "stores"),
    "store/storeConfigs": ("stores", refusals.STORES, "stores"),
}
CODES = {code for _number, code, _name, _website in STORES} | {"all"}


class Magento:
    """The vendor: its shops, and what each answers below /magento/<shop>/."""

    switches: ClassVar = {"past_end": past_end, "input_limits": input_limits, "serve_all": serve_all}
    fault_names = frozenset({"status", "expired_token", "missing_scope", "wrong_type", *FAULTS})

    def __init__(self, options: Options):
        self.accounts = all_shops(options)

    def kind(self, path: str) -> str:
        """customers, attributes, groups, stores, or other."""
        match = PATH.fullmatch(path)
        return ROUTES[match["rest"]][0] if match and match["rest"] in ROUTES else "other"

    def answer(self, shop: Shop, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        match = PATH.fullmatch(path)
        if "status" in faults:
            return refusals.status_fault(faults["status"])
        if shop.profile.closed:
            return refusals.page(503)
        if match is None or not (match["index"] or shop.profile.rewrites):
            return refusals.page(404)
        if match["rest"] not in ROUTES or (match["store"] or "default") not in CODES or request.method != "GET":
            return refusals.no_route()
        if match["store"] == "all" and not shop.serves_all:
            return refusals.refusal(400, "Cannot perform GET operation with store code 'all'")
        return self._permitted(shop, match["rest"], request, faults)

    def _permitted(self, shop: Shop, route: str, request: Request, faults: dict[str, Fault]) -> Response:
        kind, resource, right = ROUTES[route]
        if "expired_token" in faults:
            signed = request.headers.get("Authorization", "").startswith("OAuth")
            return refusals.refusal(401, "token_rejected") if signed else refusals.not_authorized(resource)
        if problem := auth.refused(shop, request, resource, right):
            return problem
        if "missing_scope" in faults:
            return refusals.not_authorized(resource)
        if "wrong_type" in faults:
            return json_response({"items": "x", "total_count": "wiele"})
        if kind == "customers":
            return _customers(shop, request, faults)
        return json_response(_listed(shop, route))

    def unknown(self, name: str, path: str, request: Request) -> Response:
        return refusals.page(404)

    def truth(self, shop: Shop, of: str) -> list[dict[str, Any]]:
        return [self.truth_of(person) for person in shop.population]

    def truth_of(self, person: Person) -> dict[str, Any]:
        consent = "subscribed" if person.consent == "subscribed" else "not_subscribed"
        return {
            "id": str(person.number),
            "email": person.email,
            "consent": consent,
            "updated_at": stamp(person.updated_at),
        }


def _customers(shop: Shop, request: Request, faults: dict[str, Fault]) -> Response:
    try:
        asked = criteria.read(request.args)
        unknown = [one.field for group in asked.groups for one in group if one.field not in attributes.FILTERABLE]
        unknown += [name for name, _way in asked.orders if name not in attributes.FILTERABLE]
        if unknown:
            return refusals.refusal(400, refusals.WRONG_ATTRIBUTE, [unknown[0]])
        if shop.largest_page and (asked.size or 0) > shop.largest_page:
            return refusals.refusal(400, "Maximum SearchCriteria pageSize is %max", {"max": shop.largest_page})
        if shop.largest_page and asked.size is None:
            asked.size = 20
        found = disturbed(search(shop, asked, faults), shop, asked, faults)
    except criteria.Unknown as unknown:
        return refusals.refusal(400, refusals.WRONG_ATTRIBUTE, [str(unknown)])
    items = [customer(shop, person) for person in found.people]
    body = {"items": items, "search_criteria": asked.shown(), "total_count": found.total}
    return json_response(criteria.pruned(body, request.args.get("fields", "")))


def _listed(shop: Shop, route: str) -> Any:
    if route == "attributeMetadata/customer":
        return list(attributes.CUSTOMER)
    if route == "attributeMetadata/customerAddress":
        return list(attributes.ADDRESS)
    if route == "store/websites":
        return [{"id": n, "code": code, "name": name, "default_group_id": n} for n, code, name in WEBSITES]
    if route == "store/storeViews":
        keys = ("id", "code", "name", "website_id")
        return [dict(zip(keys, row, strict=True)) | {"store_group_id": row[3], "is_active": 1} for row in STORES]
    if route == "store/storeConfigs":
        return [
            {"id": n, "code": code, "website_id": w, "locale": "pl_PL", "timezone": "Europe/Warsaw"}
            for n, code, _, w in STORES
        ]
    items = [{"id": n, "code": code, "tax_class_id": 3, "tax_class_name": "Retail Customer"} for n, code in GROUPS]
    return {"items": items, "search_criteria": {"filter_groups": []}, "total_count": len(items)}
