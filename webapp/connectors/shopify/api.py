"""Speaking GraphQL with one shop: the address, the token, and the waiting that Shopify asks for."""

import logging
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from webapp.connectors.base import Access
from webapp.connectors.decoding import decode
from webapp.connectors.guard import PageGuard
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify.errors import Answer, refusal, refused
from webapp.connectors.shopify.tokens import Tokens

API_VERSION = "2026-10"
BASE_URL = "https://{shop}.myshopify.com"
ATTEMPTS = 5
WAITED_OUT = frozenset({Reason.RATE_LIMITED, Reason.UNAVAILABLE})
MOST_LISTED = 2500
ONCE = (b'"data"', b'"errors"', b'"page"', b'"nodes"', b'"edges"', b'"pageInfo"')

log = logging.getLogger(__name__)
T = TypeVar("T")


class PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class Listing(msgspec.Struct, Generic[T], rename="camel"):
    nodes: list[T]
    page_info: PageInfo


class Listed(msgspec.Struct, Generic[T]):
    page: Listing[T]


class ShopifyApi:
    """The Admin API of one shop. `shop` is the name without `.myshopify.com`."""

    def __init__(self, access: Access, shop: str):
        self.http = access.http
        self.base_url = (access.endpoints.get("base_url") or BASE_URL).replace("{shop}", shop)
        self.tokens = Tokens(access, self.base_url)

    def ask(self, document: str, variables: Mapping[str, Any], kind: type[T]) -> T:
        """The `data` of the answer. Short throttling is waited out; raises ConnectorError or TooCostly."""
        for attempt in range(ATTEMPTS):
            answer = self._post({"query": document, "variables": variables})
            error = refusal(answer)
            if error is None:
                return _data(answer, kind)
            if error.reason not in WAITED_OUT or attempt == ATTEMPTS - 1:
                raise error
            self.http.pause(error, attempt)

    def ask_all(self, document: str, kind: type[T]) -> list[T]:
        """All nodes of a short list (segments, definitions) whose document takes `$after` and names it `page`."""
        guard, after, nodes = PageGuard(MOST_LISTED, 250), None, []
        while True:
            page = self.ask(document, {"after": after}, Listed[kind]).page
            nodes += page.nodes
            if not page.page_info.has_next_page:
                return nodes
            after = page.page_info.end_cursor
            guard.pass_through(after)

    def pause(self, seconds: float) -> None:
        """Wait for something that Shopify will have done soon."""
        self.http.pause(ConnectorError(Reason.UNAVAILABLE, wait=seconds))

    def _post(self, payload: dict[str, Any]) -> Answer:
        response = self._send(payload)
        if response.status == 401:  # may pass by itself at Shopify's edge, or the token ended early
            self.tokens.forget()
            response = self._send(payload)
        if response.status != 200:
            raise refused(response, self.tokens.setting)
        self._compare_version(response)
        return decode(response, Answer, ONCE)

    def _send(self, payload: dict[str, Any]) -> Response:
        url = f"{self.base_url}/admin/api/{API_VERSION}/graphql.json"
        return self.http.request("POST", url, headers={"X-Shopify-Access-Token": self.tokens.current()}, json=payload)

    def _compare_version(self, response: Response) -> None:
        served = response.headers.get("x-shopify-api-version", API_VERSION)
        if served != API_VERSION:
            log.warning("Shopify served API version %.20r instead of %s", served, API_VERSION)


def _data(answer: Answer, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.data, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise ConnectorError(Reason.BAD_RESPONSE) from None
