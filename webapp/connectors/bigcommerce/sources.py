"""Which people of a store can be imported, and how many they are (vendor page, section 5)."""

from typing import Any

import msgspec

from webapp.connectors.base import SUBSCRIBERS, Source, Window
from webapp.connectors.bigcommerce import customers, subscribers
from webapp.connectors.bigcommerce.api import BigCommerceApi
from webapp.connectors.bigcommerce.reader import bounds
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

EVERYONE, GROUP = "everyone", "group:"
GROUPS = "v2/customer_groups"
COUNTED_AT_ONCE = 20


class CustomerGroup(msgspec.Struct):
    id: int
    name: str = ""


class Sources:
    """The sets of people of one store."""

    def __init__(self, api: BigCommerceApi):
        self._api = api

    def listed(self) -> list[Source]:
        """The newsletter's subscribers, all customers, and each customer group; a plan without groups has none."""
        return [
            Source(SUBSCRIBERS, N_("Subscribers"), N_("Newsletter subscribers"), self.count(SUBSCRIBERS)),
            Source(EVERYONE, N_("Customers"), N_("All customers"), self.count(EVERYONE)),
            *(
                Source(f"{GROUP}{number}", N_("Customer group"), name, self._group_total(number, place))
                for place, (number, name) in enumerate(self.group_names().items())
            ),
        ]

    def count(self, source_id: str, window: Window | None = None) -> int | None:
        """How many people the source has, or None where the store does not say.

        The newsletter's list counts those who withdrew with the others. Customers of a window are those who changed and
        those whose subscription did, which the store cannot count together.
        """
        if source_id == SUBSCRIBERS:
            return self._api.total(subscribers.PATH, bounds(window)) if window and window.since else None
        return None if window and window.since else self._api.total(customers.PATH, query_of(source_id))

    def group_names(self) -> dict[int, str]:
        """Names by number; none where the plan or the token knows no groups."""
        try:
            return {group.id: group.name for group in self._api.list_v2(GROUPS, CustomerGroup)}
        except ConnectorError as error:
            if error.reason is not Reason.MISSING_SCOPE:
                raise
            return {}

    def require(self, source_id: str) -> None:
        """Raises ConnectorError(SOURCE_GONE) for a group that was deleted, and for whatever never was a source."""
        if source_id in (EVERYONE, SUBSCRIBERS):
            return
        if number_of(source_id) not in self.group_names():
            raise ConnectorError(Reason.SOURCE_GONE)

    def _group_total(self, number: int, place: int) -> int | None:
        return self.count(f"{GROUP}{number}") if place < COUNTED_AT_ONCE else None


def query_of(source_id: str) -> dict[str, Any]:
    """What finds the customers of a source; raises ConnectorError(SOURCE_GONE)."""
    return {} if source_id == EVERYONE else {"customer_group_id:in": number_of(source_id)}


def number_of(source_id: str) -> int:
    """`group:12` -> 12; raises ConnectorError(SOURCE_GONE)."""
    text = source_id.removeprefix(GROUP)
    if not (source_id.startswith(GROUP) and text.isascii() and text.isdigit()):
        raise ConnectorError(Reason.SOURCE_GONE)
    return int(text)
