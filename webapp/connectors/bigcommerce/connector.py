"""BigCommerce: newsletter subscribers, customers and customer groups of one store, through the REST Management API."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

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
from webapp.connectors.bigcommerce import customers
from webapp.connectors.bigcommerce.api import LARGEST_PAGE, BigCommerceApi, Listing
from webapp.connectors.bigcommerce.columns import CUSTOMER_FIELDS, GROUP, SUBSCRIBER_FIELDS, Attribute
from webapp.connectors.bigcommerce.form_fields import form_fields
from webapp.connectors.bigcommerce.reader import CustomerReader, SubscriberReader
from webapp.connectors.bigcommerce.settings import TOKEN, clean_store
from webapp.connectors.bigcommerce.sources import Sources, query_of
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

ATTRIBUTES = "v3/customers/attributes"
NAMELESS = frozenset({Reason.MISSING_SCOPE, Reason.UNKNOWN_ACCOUNT})


class StoreFacts(msgspec.Struct):
    name: str = ""


class BigCommerce:
    """One store, connected with the token of a store-level API account."""

    key: ClassVar = "bigcommerce"
    label: ClassVar = "BigCommerce"
    tagline: ClassVar = N_("Newsletter subscribers, customers and customer groups of your store")
    code: ClassVar = "BIG"
    ways: ClassVar[tuple[Way, ...]] = (TOKEN,)
    groups: ClassVar = (Group.CONTACTS,)
    sentences: ClassVar[Mapping[Reason, str]] = {
        Reason.BAD_ADDRESS: N_(
            "This is not a store hash of %(vendor)s. Copy the API path from the file that you saved with the token, "
            "and paste it whole."
        ),
        Reason.UNAUTHORIZED: N_(
            "Could not connect to %(vendor)s. The store refused the token. Check that you copied it whole and that "
            "the API account still exists; if it was deleted, create a new one and paste its token."
        ),
        Reason.MISSING_SCOPE: N_(
            "%(vendor)s did not allow people to be read. The API account lacks the scope Customers (read-only): "
            "create one that has it, and paste its token."
        ),
        Reason.UNKNOWN_ACCOUNT: N_(
            "%(vendor)s does not know a store of this hash. Check the API path; the hash is the part after “stores/”."
        ),
        Reason.API_DISABLED: N_(
            "The store has reached a limit of its %(vendor)s plan. Raise the plan or ask %(vendor)s for help, "
            "and then resume the imports."
        ),
    }

    def __init__(self, access: Access):
        self._store = clean_store(access.credentials.get("store", ""))
        self._api = BigCommerceApi(access, self._store)
        self._sources = Sources(self._api)
        self._page_size = min(access.page_size, LARGEST_PAGE)

    def check(self) -> ConnectedAccount:
        """The store that the token opens. Its name needs another scope: without that the hash stands for it."""
        self._api.get(customers.PATH, {"limit": 1}, Listing[msgspec.Raw])
        try:
            name = self._api.get("v2/store", {}, StoreFacts).name
        except ConnectorError as error:
            if error.reason not in NAMELESS:
                raise
            name = ""
        return ConnectedAccount(self._store, name or self._store)

    def sources(self, group: Group) -> list[Source]:
        """The sets of people, with live counts."""
        return self._sources.listed()

    def fields(self, group: Group, source_id: str) -> list[Field]:
        """BigCommerce's own columns; for customers also the store's attributes and the fields of its sign-up form."""
        if source_id == SUBSCRIBERS:
            return list(SUBSCRIBER_FIELDS)
        attributes = self._api.list_v3(ATTRIBUTES, {}, Attribute)
        return [*CUSTOMER_FIELDS, *(attribute.field for attribute in attributes), *form_fields(self._api)]

    def incremental(self, group: Group, source_id: str) -> bool:
        """Every record carries the time of its last change."""
        return True

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int | None:
        """How many people the source has, or None where the store does not say."""
        return self._sources.count(source_id, window)

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        """Pages of people in the order of their ids. Raises ConnectorError(SOURCE_GONE) for a group that was deleted."""
        self._sources.require(source_id)
        if source_id == SUBSCRIBERS:
            return SubscriberReader(self._api, columns, self._page_size).pages(window, cursor)
        groups = self._sources.group_names() if GROUP in columns else {}
        return CustomerReader(self._api, query_of(source_id), columns, groups, self._page_size).pages(window, cursor)

    def again(self, group: Group, source_id: str, columns: Sequence[str], ids: Sequence[str]) -> Iterator[Person]:
        """Those of these people whom the source still has; subscribers cannot be asked for by number."""
        if source_id == SUBSCRIBERS:
            return iter(())
        groups = self._sources.group_names() if GROUP in columns else {}
        query = {**query_of(source_id), "id:in": ",".join(number for number in ids if number.isdecimal())}
        return CustomerReader(self._api, query, columns, groups, self._page_size).few()

    def revoke(self) -> None:
        """Nothing to give back: the token lives until its API account is deleted in the control panel."""
