"""A shop that answers Shopify's queries from Python lists, in place of the network."""

import json
import re
from collections.abc import Callable
from typing import Any

from webapp.connectors.base import Access
from webapp.connectors.http import Http, Response
from webapp.connectors.shopify import Shopify

SECRETS = {"shop": "bukowina.myshopify.com", "client_id": "canary-id-1", "client_secret": "canary-secret-2"}
TOKEN = {"shop": "bukowina.myshopify.com", "token": "canary-token-3"}
MINTED = "canary-minted-4"


def customer(number: int, **changes: Any) -> dict[str, Any]:
    """A customer as Shopify writes one, whatever columns were asked for."""
    email = {"emailAddress": f"osoba{number}@example.com", "marketingState": changes.pop("state", "SUBSCRIBED")}
    plain = {
        "id": f"gid://shopify/Customer/{number}",
        "firstName": "Łucja",
        "lastName": None,
        "tags": ["vip"],
        "numberOfOrders": "3",
        "amountSpent": {"amount": "199.50", "currencyCode": "PLN"},
        "updatedAt": "2026-11-20T08:00:00Z",
        "defaultEmailAddress": email,
        "defaultAddress": {"city": "Łódź", "countryCodeV2": "PL"},
        "defaultPhoneNumber": None,
    }
    return plain | changes


def checkout(number: int, **changes: Any) -> dict[str, Any]:
    """An abandoned checkout of a customer who is known to the shop."""
    plain = {
        "id": f"gid://shopify/AbandonedCheckout/{number}",
        "updatedAt": "2026-11-20T08:00:00Z",
        "customer": {key: value for key, value in customer(number).items() if key not in ("id", "updatedAt")},
        "shippingAddress": {"firstName": "Ola", "lastName": "Nowak", "city": "Opole", "phone": "600100200"},
    }
    return plain | changes


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    """An answer in JSON; bytes go out as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": "application/json; charset=utf-8", **named}, content)


def complaint(message: str, code: str = "", **extensions: Any) -> Response:
    """A 200 that carries an error."""
    error = {"message": message, "extensions": {"code": code}} if code else {"message": message}
    return answer({"errors": [error], "extensions": extensions})


class FakeShopify:
    """`next` holds answers that are given instead of the shop's own, or None to let one pass; `asked` is what was sent."""

    def __init__(self, people: int = 0):
        self.customers = [customer(number) for number in range(1, people + 1)]
        self.checkouts = [checkout(number) for number in range(1, people + 1)]
        self.domain, self.scopes = "bukowina.myshopify.com", ["read_customers", "read_orders"]
        self.segments = [("gid://shopify/Segment/5", "Stali klienci")]
        self.definitions: list[tuple[str, str, str]] = [("birthday", "Data urodzin", "date")]
        self.next: list[Response | None] = []
        self.asked: list[dict[str, Any]] = []
        self.minted: list[str] = []
        self.tokens: list[str] = []
        self.waits: list[float] = []
        self.kept: dict[str, str] = {}

    def connect(self, credentials: dict[str, str] | None = None, page_size: int = 3) -> Shopify:
        http = Http(send=self, sleep=self.waits.append, backoff=lambda attempt: 1.0)
        return Shopify(Access(http, credentials or SECRETS, self.kept.update, {}, page_size))

    def __call__(self, method: str, url: str, headers: dict[str, str], content: bytes) -> Response:
        forced = self.next.pop(0) if self.next else None
        if url.endswith("/admin/oauth/access_token"):
            self.minted.append(content.decode())
            return forced or answer({"access_token": MINTED, "scope": "read_customers", "expires_in": 86399})
        payload = json.loads(content)
        self.asked.append(payload | {"url": url})
        self.tokens.append(headers["X-Shopify-Access-Token"])
        return forced or self._answer(payload["query"], payload["variables"])

    def _answer(self, query: str, variables: dict[str, Any]) -> Response:
        operation = re.match(r"query (\w+)", query)[1]
        data: Callable[..., dict] = getattr(self, f"_{operation.lower()}")
        return answer({"data": data(query, variables)})

    def _check(self, query, variables):
        scopes = [{"handle": handle} for handle in self.scopes]
        shop = {"myshopifyDomain": self.domain, "name": "Bukowina"}
        return {"shop": shop, "currentAppInstallation": {"accessScopes": scopes}}

    def _probe(self, query, variables):
        return {"page": {"nodes": self.customers[:1]}}

    def _counts(self, query, variables):
        alias_fields = re.findall(r"(v\d+): (\w+)", query)
        return {alias: self._count(field) for alias, field in alias_fields}

    def _count(self, field):
        if field == "customerSegmentMembers":
            return {"totalCount": len(self.customers)}
        records = self.checkouts if field == "abandonedCheckoutsCount" else self.customers
        return {"count": len(records), "precision": "EXACT"}

    def _segments(self, query, variables):
        return {"page": {"nodes": [{"id": id_, "name": name} for id_, name in self.segments], "pageInfo": LAST}}

    def _segment(self, query, variables):
        found = next(({"id": id_, "name": name} for id_, name in self.segments if id_ == variables["id"]), None)
        return {"segment": found}

    def _recenttags(self, query, variables):
        return {"page": {"nodes": [{"tags": record["tags"]} for record in self.customers]}}

    def _metafielddefinitions(self, query, variables):
        nodes = [{"namespace": "custom", "key": k, "name": n, "type": {"name": t}} for k, n, t in self.definitions]
        return {"page": {"nodes": nodes, "pageInfo": LAST}}

    def _people(self, query, variables):
        records = self.checkouts if "abandonedCheckouts" in query else self.customers
        behind = re.search(r"id:>(\d+)", variables.get("query") or "")
        records = [record for record in records if not behind or _number(record) > int(behind[1])]
        start = int(variables["after"] or 0)
        end = start + variables["first"]
        page_info = {"hasNextPage": end < len(records), "endCursor": str(end)}
        page = records[start:end]
        if "customerSegmentMembers" in query:
            return {"page": {"edges": [{"node": _member(record)} for record in page], "pageInfo": page_info}}
        return {"page": {"nodes": page, "pageInfo": page_info}}


LAST = {"hasNextPage": False, "endCursor": None}


def _number(record: dict[str, Any]) -> int:
    return int(record["id"].rsplit("/", 1)[1])


def _member(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in ("updatedAt", "tags")} | {
        "id": f"gid://shopify/CustomerSegmentMember/{_number(record)}"
    }
