"""Magento: customers, subscribers, customer groups, websites and store views of one shop, through REST."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from webapp.connectors.base import (
    SUBSCRIBERS,
    Access,
    ConnectedAccount,
    Field,
    Group,
    Page,
    Person,
    Source,
    Way,
    Window,
)
from webapp.connectors.magento.api import Filter, MagentoApi
from webapp.connectors.magento.columns import Attribute, fields_of
from webapp.connectors.magento.reader import Reader
from webapp.connectors.magento.settings import BEARER, FOUR_KEYS, clean_address
from webapp.connectors.magento.sources import CUSTOMERS, Sources, filters
from webapp.connectors.reasons import Reason
from webapp.values.marks import N_

# More at once is slow in a shop with many attributes, and forbidden where input limits are on.
LARGEST_PAGE = 300


class Magento:
    """One shop, connected with the keys of an integration."""

    key: ClassVar = "magento"
    label: ClassVar = "Magento"
    tagline: ClassVar = N_("Customers and newsletter subscribers of your shop")
    code: ClassVar = "MAG"
    ways: ClassVar[tuple[Way, ...]] = (FOUR_KEYS, BEARER)
    groups: ClassVar = (Group.CONTACTS,)
    sentences: ClassVar[Mapping[Reason, str]] = {
        Reason.BAD_ADDRESS: N_(
            "This is not the address of a %(vendor)s shop. Enter it as you see it in the browser, "
            "for example https://shop.example."
        ),
        Reason.UNAUTHORIZED: N_(
            "%(vendor)s refused these keys. Check that all of them were copied whole, that the integration is activated "
            "and has the resource Customers, and that the address is the shop's own. An access token alone works only "
            "where the shop allows it; otherwise connect with the four keys."
        ),
        Reason.MISSING_SCOPE: N_(
            "%(vendor)s accepted the keys, but the integration may not read customers. Give it the resource Customers "
            "on the API tab, save, activate it again, and enter the new keys."
        ),
        Reason.UNKNOWN_ACCOUNT: N_(
            "There is no %(vendor)s shop at this address. Check the address; if the shop is in a folder, enter it too."
        ),
        Reason.BAD_RESPONSE: N_(
            "What answers at this address is not %(vendor)s, or a firewall stands before the shop. "
            "Check the address, and ask whoever runs the shop to let this server in."
        ),
        Reason.UNAVAILABLE: N_(
            "The %(vendor)s shop is under maintenance or does not answer. We will try again by ourselves; "
            "you do not have to do anything."
        ),
    }

    def __init__(self, access: Access):
        self._address = clean_address(access.credentials.get("address", ""))
        self._api = MagentoApi(access, self._address)
        self._sources = Sources(self._api)
        self._page_size = min(access.page_size, LARGEST_PAGE)

    def check(self) -> ConnectedAccount:
        """The shop that the keys open. A bearer token without the resource Customers is refused as a wrong one is: UNAUTHORIZED."""
        self._api.search(CUSTOMERS, (), "total_count", 1)
        parts = urlsplit(self._address)
        place = f"{parts.netloc}{parts.path}"
        return ConnectedAccount(place, self._sources.title() or place)

    def sources(self, group: Group) -> list[Source]:
        """The sets of customers, with live counts."""
        return self._sources.all()

    def fields(self, group: Group, source_id: str) -> list[Field]:
        """The attributes of customers and of their addresses, under the shop's own labels."""
        address = self._api.get("attributeMetadata/customerAddress", {}, list[Attribute])
        return fields_of(self._attributes(), address)

    def incremental(self, group: Group, source_id: str) -> bool:
        """Every customer carries the time of the last change, but the newsletter flag may change without moving it."""
        return source_id != SUBSCRIBERS

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int | None:
        """How many customers the source has, or how many changed in the window; None for subscribers."""
        return self._sources.count(source_id, window)

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        """Pages of customers by rising id. Subscribers are read among everyone, so that whoever unsubscribed is told.

        Raises ConnectorError(SOURCE_GONE) for a group, website or store view that was deleted.
        """
        self._sources.require(source_id)
        attributes = self._attributes() if columns else []
        reader = Reader(self._api, columns, attributes, self._page_size)
        return reader.pages(filters(source_id, window), int(cursor["last_id"]) if cursor else 0)

    def again(self, group: Group, source_id: str, columns: Sequence[str], ids: Sequence[str]) -> Iterator[Person]:
        """Those of these people whom the source still has."""
        reader = Reader(self._api, columns, self._attributes() if columns else [], self._page_size)
        wanted = Filter("entity_id", "in", ",".join(number for number in ids if number.isdecimal()))
        return (person for page in reader.pages([*filters(source_id), wanted], 0) for person in page.people)

    def revoke(self) -> None:
        """Nothing to give back: an integration is deactivated in the shop."""

    def _attributes(self) -> list[Attribute]:
        return self._api.get("attributeMetadata/customer", {}, list[Attribute])
