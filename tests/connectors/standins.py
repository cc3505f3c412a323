"""Each vendor's stand-in in this process, and a connector that speaks to it: what the contract suite needs to know of a vendor."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import Client

from sandbox import Options, create_app
from tests.vendors import BASE, Vendors
from webapp.connectors import CONNECTORS
from webapp.connectors.base import Access, Connector, Consent, Field, Group, Page, Person, SignIn, Window
from webapp.connectors.http import Http, Response
from webapp.connectors.salesforce import Salesforce
from webapp.connectors.shopify import Shopify
from webapp.connectors.zoho import Zoho

HOST = "127.0.0.1:8010"
HOME = f"http://{HOST}"
NOW = datetime.now(UTC)
WHOLE = Window(None, NOW + timedelta(minutes=5))


@dataclass(frozen=True)
class StandIn:
    """`form` is what people type to connect the account `bukowina` in this way; `consents` are the vendor's words for consent.

    `deletions`: whether the vendor tells who was deleted; `expires`: whether its tokens end by themselves; `in_pages`: whether
    people come in the vendor's pages; `preparing`: how many requests it takes besides them. A second stand-in of a vendor names
    it in `vendor`, the connector that reads it in another way in `variant`, and in `told` what the vendor is told first.
    """

    key: str
    way: str
    form: Mapping[str, str]
    endpoints: Mapping[str, str] = field(default_factory=dict)
    consents: Mapping[Any, Consent] = field(default_factory=dict)
    deletions: bool = False
    expires: bool = True
    in_pages: bool = True
    preparing: int = 0
    vendor: str = ""
    variant: type[Connector] | None = None
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.vendor or self.key

    @property
    def connector(self) -> type[Connector]:
        return self.variant or CONNECTORS[self.name]


class ShopifyInBulk(Shopify):
    """Everyone comes in bulk, however few they are."""

    bulk_above = -1


class ZohoInBulk(Zoho):
    """Everyone comes in bulk, however few they are."""

    bulk_above = -1


class SalesforceInBulk(Salesforce):
    """Everyone comes in bulk, however few they are, and in sets that pages do not end with."""

    bulk_above, set_size = -1, 10


SHOPIFY = StandIn(
    "shopify",
    "client",
    {
        "shop": "bukowina.myshopify.com",
        "client_id": "demo-client-bukowina",
        "client_secret": "demo-secret-bukowina",
    },
    {"base_url": f"{HOME}/shopify/{{shop}}"},
    {"SUBSCRIBED": Consent.GRANTED, "PENDING": Consent.PENDING, "UNSUBSCRIBED": Consent.WITHDRAWN},
)
ZOHO = StandIn(
    "zoho",
    "sign_in",
    {"region": "eu"},
    {
        "accounts_url": f"{HOME}/zoho/accounts-{{dc}}",
        "client_id": "1000.DEMO-DOPLYW",
        "client_secret": "demo-secret-zoho",
    },
    {"opted_in": Consent.GRANTED, "opted_out": Consent.WITHDRAWN},
    deletions=True,
)
SALESFORCE = StandIn(
    "salesforce",
    "sign_in",
    {"login_host": "production", "my_domain": ""},
    {
        "login_url": f"{HOME}/salesforce/{{login_host}}",
        "client_id": "3MVG9.demo-doplyw",
        "client_secret": "demo-secret-salesforce",
    },
    {"opted_in": Consent.GRANTED, "opted_out": Consent.WITHDRAWN},
    deletions=True,
)
STAND_INS = {
    stand_in.key: stand_in
    for stand_in in (
        SHOPIFY,
        replace(SHOPIFY, key="shopify_in_bulk", vendor="shopify", variant=ShopifyInBulk, in_pages=False),
        StandIn(
            "magento",
            "oauth1",
            {
                "address": f"{HOME}/magento/bukowina",
                "consumer_key": "demo-consumer-bukowina",
                "consumer_secret": "demo-consumer-secret-bukowina",
                "access_token": "demo-token-bukowina",
                "access_token_secret": "demo-token-secret-bukowina",
            },
            consents={"subscribed": Consent.GRANTED},
            expires=False,
        ),
        StandIn(
            "bigcommerce",
            "token",
            {"store": "bukowina", "access_token": "demo-token-bukowina"},
            {"base_url": f"{HOME}/bigcommerce/{{store_hash}}"},
            {"marketing_newsletter": Consent.GRANTED, "subscribed": Consent.GRANTED},
            expires=False,
        ),
        ZOHO,
        replace(
            ZOHO,
            key="zoho_in_bulk",
            vendor="zoho",
            variant=ZohoInBulk,
            told={"action": "bulk", "downloads": None, "polls": 0},
        ),
        SALESFORCE,
        replace(SALESFORCE, key="salesforce_in_bulk", vendor="salesforce", variant=SalesforceInBulk, preparing=2),
    )
}


class Visit:
    """One vendor account with so many people, connected; `credentials` are what a row of ours would hold."""

    def __init__(self, key: str, people: int = 120):
        self.stand_in = STAND_INS[key]
        self.vendors = Vendors(Client(create_app(Options(people=people))))
        self.credentials = dict(self.stand_in.form)
        self.waits: list[float] = []
        self.send = self.vendors.send
        if self.stand_in.told:
            self.tell(**self.stand_in.told)
        if self.way.sign_in:
            self.sign_in()

    @property
    def way(self) -> Any:
        return next(way for way in self.stand_in.connector.ways if way.key == self.stand_in.way)

    def connect(self, page_size: int = 250) -> Connector:
        http = Http(
            frozenset({HOST}),
            send=lambda *asked: self.send(*asked),
            sleep=self.waits.append,
            backoff=lambda attempt: 1.0,
        )
        keep, renew = self.credentials.update, self._renew
        return self.stand_in.connector(
            Access(http, dict(self.credentials), keep, self.stand_in.endpoints, page_size, renew)
        )

    def spoil(self, change: Callable[[Any], Any], part: str = "") -> None:
        """From here on every JSON answer of an address with this part is what `change` makes of it."""
        honest = self.send

        def send(method: str, url: str, *rest: Any) -> Response:
            answer = honest(method, url, *rest)
            if part not in url:
                return answer
            return Response(answer.status, answer.headers, json.dumps(change(json.loads(answer.body))).encode())

        self.send = send

    def tell(self, **wishes: Any) -> Any:
        return self.vendors.tell(vendor=self.stand_in.name, **wishes)

    def expire_tokens(self, pages: bool = False) -> None:
        """As if an hour had gone by, or (with those of pages) days; keys that never end stay as they are."""
        if self.stand_in.expires:
            self.tell(action="expire_tokens", pages=pages)

    def truth(self) -> list[dict[str, Any]]:
        return self.vendors.truth(vendor=self.stand_in.name)

    def sign_in(self, decision: str = "allow") -> None:
        """As a person in a browser does it."""
        sign_in = SignIn(
            "the-state", "a-verifier-" * 5, f"https://lista.example/integracje/{self.stand_in.name}/powrot"
        )
        connector = self.connect()
        connector.exchange(sign_in, self.answer(connector.authorize_url(sign_in), decision))

    def answer(self, authorize_url: str, decision: str) -> dict[str, str]:
        """What the vendor's page sends the browser back with."""
        client, url = self.vendors.client, urlsplit(authorize_url)
        page = client.get(url.path, query_string=url.query, base_url=HOME, environ_base=BASE)
        if page.status_code == 200:
            form = re.search(r'<form[^>]*?(?:action="([^"]*)")?[^>]*>', page.text)
            hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
            action = urlsplit((form and form[1]) or authorize_url)
            given = {**hidden, "org": "bukowina", "decision": decision}
            page = client.post(
                action.path or url.path, query_string=action.query or url.query, base_url=HOME, data=given
            )
        assert page.status_code == 302, page.text
        return dict(parse_qsl(urlsplit(page.location).query))

    def _renew(self, stale: Mapping[str, str], ask: Any) -> Mapping[str, str]:
        self.credentials.update(ask(self.credentials))
        return dict(self.credentials)


def pages(connector: Connector, group: Group, source: str, columns=(), window=WHOLE, cursor=None) -> list[Page]:
    return list(connector.people(group, source, list(columns), window, cursor))


def people_of(read: list[Page]) -> list[Person]:
    return [person for page in read for person in page.people]


def email_column(fields: list[Field]) -> str:
    return next(field.key for field in fields if field.role == "email")
