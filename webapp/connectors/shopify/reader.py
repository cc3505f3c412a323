"""Reading people page by page: one query is made of the columns asked for, and each record is understood on its own."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from webapp.connectors.base import Consent, Person
from webapp.connectors.decoding import moment, strict
from webapp.connectors.guard import PageGuard
from webapp.connectors.paging import Batch
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify.api import PageInfo, ShopifyApi
from webapp.connectors.shopify.columns import CONTACT_COLUMNS, LEAD_COLUMNS, Column, selection
from webapp.connectors.shopify.errors import TooCostly
from webapp.connectors.shopify.metafields import metafield_selection, parse
from webapp.connectors.shopify.records import Checkout, Customer, EmailAddress, with_metafields

CONSENTS = {
    "SUBSCRIBED": Consent.GRANTED,
    "PENDING": Consent.PENDING,
    "UNSUBSCRIBED": Consent.WITHDRAWN,
}


@dataclass(frozen=True)
class Collection:
    """A connection of Shopify's that holds people; `%s` in its document is where the columns go, `name` what it is called."""

    name: str
    document: str
    columns: tuple[Column, ...]
    always: tuple[str, ...]
    metafields: bool = True


CUSTOMERS = Collection(
    "customers",
    """query People($first: Int!, $after: String, $query: String) {
  page: customers(first: $first, after: $after, query: $query, sortKey: ID) {
    nodes { %s } pageInfo { hasNextPage endCursor } } }""",
    CONTACT_COLUMNS,
    ("id", "updatedAt", "defaultEmailAddress.marketingState"),
)
MEMBERS = Collection(  # its connection has no nodes, and its members neither updatedAt nor tags
    "customerSegmentMembers",
    """query People($first: Int!, $after: String, $segment: ID!) {
  page: customerSegmentMembers(segmentId: $segment, first: $first, after: $after) {
    edges { node { %s } } pageInfo { hasNextPage endCursor } } }""",
    tuple(column for column in CONTACT_COLUMNS if column.member),
    ("id", "defaultEmailAddress.marketingState"),
)
CHECKOUTS = Collection(
    "abandonedCheckouts",
    """query People($first: Int!, $after: String, $query: String) {
  page: abandonedCheckouts(first: $first, after: $after, query: $query, sortKey: ID) {
    nodes { %s } pageInfo { hasNextPage endCursor } } }""",
    LEAD_COLUMNS,
    ("id", "updatedAt", "customer.defaultEmailAddress.marketingState"),
    metafields=False,
)


IN_BULK = "{ %s%s { edges { node { %s } } } }"
NUMBER = re.compile(rb'"id":\s*"gid:(?:\\?/){2}shopify\\?/\w+\\?/(\d+)')


class Edge(msgspec.Struct):
    node: msgspec.Raw


class Connection(msgspec.Struct, rename="camel"):
    """A page; records stay raw, so that one of them cannot spoil the others."""

    page_info: PageInfo
    nodes: list[msgspec.Raw] | None = None
    edges: list[Edge] | None = None

    @property
    def records(self) -> list[msgspec.Raw]:
        if self.nodes is None and self.edges is None:
            raise ConnectorError(Reason.BAD_RESPONSE)
        return [edge.node for edge in self.edges or ()] if self.nodes is None else self.nodes


class Data(msgspec.Struct):
    page: Connection


class Reader:
    """Reads one collection with the chosen columns. Columns that it does not have are None for everyone."""

    def __init__(self, api: ShopifyApi, collection: Collection, columns: Sequence[str], page_size: int):
        self._api, self._size = api, page_size
        self._metafields = _metafield_selections(columns) if collection.metafields else {}
        chosen = [column for column in collection.columns if column.key in columns]
        self._name, self._fields = collection.name, _fields(collection, chosen, self._metafields)
        self._document = collection.document % self._fields
        self._readers = {key: self._reader(key, chosen) for key in columns}
        aliases = [alias for alias, _ in self._metafields.values()]
        self._decoder = msgspec.json.Decoder(Checkout if collection is CHECKOUTS else with_metafields(aliases))

    def batches(self, variables: Mapping[str, Any], total: int | None) -> Iterator[Batch]:
        """Pages from the first one on; raises ConnectorError(PAGING_LOOP) when the shop pages for ever."""
        guard, after, last_id, seen = None, None, "", 0
        while True:
            page = self._fetch({**variables, "after": after})
            guard = guard or PageGuard(total, self._size)
            people = [self.person(record) for record in page.records]
            more, after, seen = page.page_info.has_next_page, page.page_info.end_cursor, seen + len(people)
            if more:
                guard.pass_through(after)
            last_id = next((person.external_id for person in reversed(people) if person.external_id), last_id)
            yield Batch(people, last_id, more, seen)
            if not more:
                return

    def bulk_document(self, query: str | None) -> str:
        """The same people as a query for a bulk operation, which takes no variables."""
        search = f"(query: {json.dumps(query, ensure_ascii=False)})" if query else ""
        return IN_BULK % (self._name, search, self._fields)

    def probe(self, query: str | None) -> None:
        """Ask for one person: a bulk operation says neither that it ignores a part of the search, nor that it may not show a field.

        Raises ConnectorError, TooCostly.
        """
        self._api.ask(self._document, {"query": query, "after": None, "first": 1}, Data)

    def person(self, record: bytes | msgspec.Raw) -> Person:
        """Who stands in this record; a lone surrogate, which msgspec does not read, is replaced."""
        person = self._person(record)
        if not person.unreadable or isinstance(record, msgspec.Raw):
            return person
        try:
            return self._person(strict(record))
        except (ValueError, RecursionError):
            return person

    def _fetch(self, variables: dict[str, Any]) -> Connection:
        while True:
            try:
                return self._api.ask(self._document, {**variables, "first": self._size}, Data).page
            except TooCostly:
                if self._size == 1:
                    raise ConnectorError(Reason.TOO_LARGE) from None
                self._size //= 2

    def _person(self, record: bytes | msgspec.Raw) -> Person:
        try:
            node = self._decoder.decode(record)
            values = {key: read(node) for key, read in self._readers.items()}
            return Person(number_of(node.id), values, _consent(node), moment(node.updated_at))
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
            return Person(number_within(bytes(record)), {}, unreadable=True)

    def _reader(self, key: str, chosen: list[Column]) -> Callable[[Any], Any]:
        if key in self._metafields:
            alias = self._metafields[key][0]
            return lambda node: parse(getattr(node, alias))
        return next((column.read for column in chosen if column.key == key), lambda node: None)


def number_of(gid: str) -> str:
    """`gid://shopify/Customer/7001` -> `7001`, the number that customers and segment members share."""
    match = re.match(r"gid://shopify/\w+/(\d+)", gid, re.ASCII)
    if not match:
        raise ValueError
    return match[1]


def number_within(record: bytes) -> str:
    """The number in a record that may not be readable; slashes may be escaped."""
    match = NUMBER.search(record)
    return match[1].decode() if match else ""


def _metafield_selections(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Column -> (alias, GraphQL) for those that are metafields."""
    selections = {}
    for key in columns:
        alias = f"m{len(selections)}"
        graphql = metafield_selection(alias, key)
        if graphql:
            selections[key] = (alias, graphql)
    return selections


def _fields(collection: Collection, chosen: list[Column], metafields: Mapping[str, tuple[str, str]]) -> str:
    paths = [*collection.always, *(path for column in chosen for path in column.paths)]
    return " ".join([selection(paths), *(graphql for _, graphql in metafields.values())])


def _consent(node: Customer | Checkout) -> Consent:
    """Only what the shop states; a state that we do not know, or none, is no consent."""
    customer = node.customer if isinstance(node, Checkout) else node
    email: EmailAddress | None = customer and customer.default_email_address
    return CONSENTS.get(email.marketing_state if email else None, Consent.NONE)
