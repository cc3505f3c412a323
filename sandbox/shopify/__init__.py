"""Shopify's Admin API on the wire, as far as importers use it (docs: shopify.dev/docs/api/admin-graphql/2026-10)."""

import re
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..options import Options
from ..people import Person
from . import answers, bulk_files, endpoint, oauth
from .nodes import iso
from .paging_faults import FAULTS as PAGING_FAULTS
from .shops import Shop, all_shops, bulk, expire_tokens, throttle

GRAPHQL = re.compile(r"admin/api/(?P<version>[\w-]+)/graphql\.json")
KINDS = {
    "admin/oauth/access_token": "token",
    "admin/oauth/access_scopes.json": "scopes",
    "admin/oauth/authorize": "authorize",
}
METHODS = {"token": "POST", "graphql": "POST", "scopes": "GET", "authorize": "GET", "file": "GET"}


class Shopify:
    """The vendor: its shops, and what it answers below /shopify/<shop>/."""

    switches: ClassVar = {"throttling": throttle, "expire_tokens": expire_tokens, "bulk": bulk}
    fault_names = frozenset(
        {"status", "expired_token", "missing_scope", "personal_data", "throttled", "internal_error", "wrong_type"}
        | {"search_warning", "fall_forward", *PAGING_FAULTS}
    )

    def __init__(self, options: Options):
        self.accounts = all_shops(options)

    def kind(self, path: str) -> str:
        """token, scopes, authorize, graphql, file (of a bulk operation), or other."""
        if bulk_files.PATH.fullmatch(path):
            return "file"
        return "graphql" if GRAPHQL.fullmatch(path) else KINDS.get(path, "other")

    def answer(self, shop: Shop, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        kind = self.kind(path)
        if "status" in faults:
            return answers.status_fault(faults["status"])
        if shop.profile.frozen:
            return answers.refusal(402)
        if METHODS.get(kind) != request.method:
            return answers.refusal(404)
        return self._routed(shop, kind, path, request, faults)

    def _routed(self, shop: Shop, kind: str, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        if kind == "token":
            return oauth.access_token(shop, self.accounts, request)
        if kind == "scopes":
            return oauth.access_scopes(shop, request)
        if kind == "authorize":
            return oauth.authorize(shop, request)
        if kind == "file":
            number = int(bulk_files.PATH.fullmatch(path)["number"])
            return bulk_files.answer(shop.operations.find(number), request)
        return endpoint.answer(shop, GRAPHQL.fullmatch(path)["version"], request, faults)

    def unknown(self, name: str, path: str, request: Request) -> Response:
        return answers.refusal(404)

    def truth(self, shop: Shop, of: str) -> list[dict[str, Any]]:
        """People, or with `of` "checkouts" the abandoned checkouts and whose they are."""
        if of == "checkouts":
            return [_checkout_truth(shop, index) for index in shop.checkouts.by_number()]
        return [self.truth_of(person) for person in shop.population]

    def truth_of(self, person: Person) -> dict[str, Any]:
        return {
            "id": str(person.number),
            "email": person.email,
            "consent": person.consent.upper() if person.email is not None else None,
            "updated_at": iso(person.updated_at),
        }


def _checkout_truth(shop: Shop, index: int) -> dict[str, Any]:
    checkout = shop.checkouts.at(index)
    return {
        "id": str(checkout.number),
        "email": checkout.customer.email if checkout.customer else None,
        "recovered": checkout.completed_at is not None,
        "updated_at": iso(checkout.updated_at),
    }
