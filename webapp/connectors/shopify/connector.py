"""Shopify: customers, segments, tags and abandoned checkouts of one shop, through the GraphQL Admin API."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from webapp.connectors.base import (
    SUBSCRIBERS,
    Access,
    ConnectedAccount,
    Consent,
    Field,
    Group,
    Page,
    Person,
    SignIn,
    Source,
    Way,
    Window,
)
from webapp.connectors.paging import by_key, by_reading_again
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify import signing_in
from webapp.connectors.shopify.api import ShopifyApi
from webapp.connectors.shopify.bulk import Bulk
from webapp.connectors.shopify.files import GivenUp
from webapp.connectors.shopify.metafields import DOCUMENT as METAFIELD_DEFINITIONS
from webapp.connectors.shopify.metafields import Definition
from webapp.connectors.shopify.reader import CHECKOUTS, CUSTOMERS, MEMBERS, Collection, Reader
from webapp.connectors.shopify.settings import CLIENT, SIGN_IN, TOKEN, clean_shop
from webapp.connectors.shopify.sources import (
    ABANDONED,
    EVERYONE,
    NOT_RECOVERED,
    SEGMENT,
    TAG,
    Sources,
    search,
    segment_gid,
    tag_query,
)
from webapp.values.marks import N_

log = logging.getLogger(__name__)

LARGEST_PAGE = 250
CHECK = """query Check {
  shop { myshopifyDomain name }
  currentAppInstallation { accessScopes { handle } } }"""
PROBE = """query Probe {
  page: customers(first: 1) {
    nodes { id firstName lastName defaultEmailAddress { emailAddress marketingState } } } }"""


class Shop(msgspec.Struct, rename="camel"):
    myshopify_domain: str
    name: str


class Scope(msgspec.Struct):
    handle: str


class Installation(msgspec.Struct, rename="camel"):
    access_scopes: list[Scope]


class Checked(msgspec.Struct, rename="camel"):
    shop: Shop
    current_app_installation: Installation

    def may_read(self, what: str) -> bool:
        return any(
            scope.handle in (f"read_{what}", f"write_{what}") for scope in self.current_app_installation.access_scopes
        )


class Shopify:
    """One shop, connected by signing in there, with an app of its own, or with an older custom app's token."""

    key: ClassVar = "shopify"
    label: ClassVar = "Shopify"
    tagline: ClassVar = N_("Customers, segments and abandoned checkouts of your shop")
    code: ClassVar = "SHP"
    ways: ClassVar[tuple[Way, ...]] = (SIGN_IN, CLIENT, TOKEN)
    groups: ClassVar = (Group.CONTACTS, Group.LEADS)
    sentences: ClassVar[Mapping[Reason, str]] = {
        Reason.BAD_ADDRESS: N_(
            "This is not the domain of a Shopify shop. Enter it as in the Shopify admin, for example name.myshopify.com."
        ),
        Reason.UNAUTHORIZED: N_(
            "Could not connect to %(vendor)s. The shop refused the key. Check that you copied it whole, "
            "and paste it again."
        ),
        Reason.NOT_INSTALLED: N_(
            "Could not connect to %(vendor)s. The app is not installed in this shop, or belongs to another organisation. "
            "Install it in the shop and connect again."
        ),
        Reason.MISSING_SCOPE: N_(
            "%(vendor)s did not allow people to be read. The app lacks a permission: give it the scope read_customers "
            "(and read_orders for leads), and connect again."
        ),
        Reason.PERSONAL_DATA_REFUSED: N_(
            "%(vendor)s does not show this app e-mail addresses and names, because the shop's plan does not allow it. "
            "Create the app in the Dev Dashboard and connect with its Client ID and secret."
        ),
        Reason.UNKNOWN_ACCOUNT: N_(
            "%(vendor)s does not know a shop of this domain. Check the shop domain; it ends with .myshopify.com."
        ),
        Reason.ACCOUNT_FROZEN: N_(
            "This shop is frozen or locked by %(vendor)s. Pay the overdue bill or unlock the shop in %(vendor)s, "
            "and then resume the imports."
        ),
    }

    # 20 000 people are 80 pages of some 45 points each, twice what the bucket holds and about as long as one wait for a file
    # (60 s); in bulk they cost two dozen points, however many they are, and the file is read in a third of the requests.
    bulk_above: ClassVar = 20_000

    def __init__(self, access: Access):
        shop = clean_shop(access.credentials.get("shop", ""))
        self._shop, self._app = shop, access.endpoints
        self._api = ShopifyApi(access, shop.removesuffix(".myshopify.com"))
        self._sources = Sources(self._api)
        self._page_size, self._bulk_size = min(access.page_size, LARGEST_PAGE), access.page_size
        self._may_bulk = access.in_bulk

    def check(self) -> ConnectedAccount:
        """The shop that the credentials open.

        Raises ConnectorError: UNKNOWN_ACCOUNT if another shop answers (a renamed shop's address can lead there), MISSING_SCOPE
        without read_customers, PERSONAL_DATA_REFUSED if the plan withholds e-mail addresses; a shop without customers
        cannot show the last one yet. Without read_orders only the leads are unavailable.
        """
        checked = self._api.ask(CHECK, {}, Checked)
        if checked.shop.myshopify_domain.lower() != self._shop:
            raise ConnectorError(Reason.UNKNOWN_ACCOUNT, setting="shop")
        if not checked.may_read("customers"):
            raise ConnectorError(Reason.MISSING_SCOPE)
        self._api.ask(PROBE, {}, dict)
        leads = {} if checked.may_read("orders") else {Group.LEADS: Reason.MISSING_SCOPE}
        return ConnectedAccount(self._shop, checked.shop.name, leads)

    def sources(self, group: Group) -> list[Source]:
        """The sets of people of this group, with live counts."""
        return self._sources.leads() if group is Group.LEADS else self._sources.contacts()

    def fields(self, group: Group, source_id: str) -> list[Field]:
        """Shopify's own columns, and for contacts the metafields that the shop has defined."""
        collection = _collection(source_id)
        own = [column.field for column in collection.columns]
        if not collection.metafields:
            return own
        return own + [definition.field for definition in self._api.ask_all(METAFIELD_DEFINITIONS, Definition)]

    def incremental(self, group: Group, source_id: str) -> bool:
        """Members of a segment carry no time of their last change; all others do."""
        return not source_id.startswith(SEGMENT)

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int | None:
        """How many people the source has, or how many changed in the window; None where Shopify does not say."""
        return self._sources.count(source_id, window)

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        """Pages of people in the order of their ids; segments in the vendor's order, whole, whatever the window.

        A whole pass of more than `bulk_above` people goes through a file that Shopify prepares (`Page.later`), in its order.
        Raises ConnectorError(SOURCE_GONE) for a segment that was deleted.
        """
        reader = Reader(self._api, _collection(source_id), columns, self._page_size)
        if source_id.startswith(SEGMENT):
            return self._members(reader, source_id, cursor)
        term, total = _term(source_id), self._sources.count(_read_from(source_id), window)
        begins_in_bulk = self._may_bulk and window.since is None and (total or 0) > self.bulk_above
        if "bulk" in (cursor or {}) or (not cursor and begins_in_bulk):
            return self._in_bulk(reader, source_id, cursor, total)
        last_id = int(cursor["last_id"]) if cursor else 0
        terms = [term, f"id:>{last_id}" if cursor else None]
        return by_key(reader.batches({"query": search(terms, window)}, total), last_id, _keep(source_id))

    def again(self, group: Group, source_id: str, columns: Sequence[str], ids: Sequence[str]) -> Iterator[Person]:
        """Those of these people whom the source still has; the members of a segment come whole each time anyway."""
        if source_id.startswith(SEGMENT):
            return iter(())
        reader = Reader(self._api, _collection(source_id), columns, self._page_size)
        wanted = " OR ".join(f"id:{int(number)}" for number in ids if number.isdecimal())
        batches = reader.batches({"query": search([_term(source_id), f"({wanted})"])}, len(ids))
        return (person for batch in batches for person in batch.people if _keep(source_id)(person))

    def authorize_url(self, sign_in: SignIn) -> str:
        """The shop's own page, with the application of this installation."""
        return signing_in.authorize_url(self._api.base_url, self._app.get("client_id", ""), sign_in)

    def exchange(self, sign_in: SignIn, answer: Mapping[str, str]) -> None:
        """Tokens for the shop that was asked for; raises ConnectorError(FORGED_ANSWER) for an answer that it did not sign."""
        self._api.tokens.redeem(signing_in.code_of(answer, self._shop, self._app.get("client_secret", "")))

    def revoke(self) -> None:
        """Nothing to give back: minted tokens end within 24 h and have no revocation; the others are withdrawn in the shop."""

    def _in_bulk(
        self, reader: Reader, source_id: str, cursor: dict[str, Any] | None, total: int | None
    ) -> Iterator[Page]:
        """Everyone out of one file; where that does not work out, the rest page by page from the key position."""
        keep, term = _keep(source_id), _term(source_id)
        bulk = Bulk(self._api, reader, term, keep, self._bulk_size)
        try:
            yield from bulk.pages(cursor)
        except GivenUp as reason:
            log.info("Reading page by page from %d on: %s", bulk.last_id, reason)
            yield Page([], {"last_id": bulk.last_id})
            batches = reader.batches({"query": search([term, f"id:>{bulk.last_id}"])}, total)
            yield from by_key(batches, bulk.last_id, keep)

    def _members(self, reader: Reader, source_id: str, cursor: dict[str, Any] | None) -> Iterator[Page]:
        self._sources.require_segment(source_id)
        total, segment = self._sources.count(source_id), {"segment": segment_gid(source_id)}
        return by_reading_again(lambda: reader.batches(segment, total), cursor, overlap=self._page_size)


def _collection(source_id: str) -> Collection:
    if source_id == ABANDONED:
        return CHECKOUTS
    return MEMBERS if source_id.startswith(SEGMENT) else CUSTOMERS


def _read_from(source_id: str) -> str:
    """Subscribers are read among everyone."""
    return EVERYONE if source_id == SUBSCRIBERS else source_id


def _term(source_id: str) -> str | None:
    """What the source adds to the search. Subscribers are read among everyone, or those who withdrew would not be told."""
    if source_id.startswith(TAG):
        return tag_query(source_id.removeprefix(TAG))
    if source_id not in (EVERYONE, SUBSCRIBERS, ABANDONED):
        raise ConnectorError(Reason.SOURCE_GONE)
    return NOT_RECOVERED if source_id == ABANDONED else None


def _keep(source_id: str) -> Callable[[Person], bool]:
    """The search index lags behind: subscribers are looked at once more, and those who left are told as withdrawn."""
    if source_id != SUBSCRIBERS:
        return lambda person: True
    return lambda person: person.unreadable or person.consent in (Consent.GRANTED, Consent.WITHDRAWN)
