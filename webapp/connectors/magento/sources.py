"""Which people of a shop can be imported, and how many they are (vendor page, section 3)."""

from typing import Any

import msgspec

from webapp.connectors.base import SUBSCRIBERS, Source, Window
from webapp.connectors.decoding import converted
from webapp.connectors.magento.api import Filter, MagentoApi
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

CUSTOMERS = "customers/search"
EVERYONE = "everyone"
# Kinds of parts: the filter that a part is, by the beginning of a source's id.
PARTS = {"group": "group_id", "website": "website_id", "store": "store_id"}
MOST_GROUPS = 100
HIDDEN = frozenset({Reason.UNAUTHORIZED, Reason.MISSING_SCOPE})


class Website(msgspec.Struct):
    id: int
    name: str


class StoreView(msgspec.Struct):
    id: int
    name: str
    is_active: Any = True


class CustomerGroup(msgspec.Struct):
    id: int
    code: str


class Sources:
    """The sets of customers of one shop."""

    def __init__(self, api: MagentoApi):
        self._api = api

    def all(self) -> list[Source]:
        """Everyone, the subscribers, and the parts of the shop that the integration may see."""
        everyone = Source(EVERYONE, N_("Customers"), N_("All customers"), self.count(EVERYONE))
        subscribers = Source(SUBSCRIBERS, N_("Customers"), N_("Newsletter subscribers among customers"))
        kinds = {"group": N_("Customer group"), "website": N_("Website"), "store": N_("Store view")}
        return [everyone, subscribers] + [
            Source(f"{part}:{number}", kinds[part], name, self.count(f"{part}:{number}"))
            for part in PARTS
            for number, name in self._parts(part)
        ]

    def count(self, source_id: str, window: Window | None = None) -> int | None:
        """How many customers; None for subscribers, who cannot be filtered for."""
        if source_id == SUBSCRIBERS:
            return None
        return self._api.search(CUSTOMERS, filters(source_id, window), "total_count", 1).total_count

    def require(self, source_id: str) -> None:
        """Raises ConnectorError(SOURCE_GONE) for a part that the shop no longer has."""
        part, _, number = source_id.partition(":")
        if part not in PARTS:
            if source_id not in (EVERYONE, SUBSCRIBERS):
                raise ConnectorError(Reason.SOURCE_GONE)
            return
        try:
            known = {str(one) for one, _name in self._listed(part)}
        except ConnectorError as error:
            if error.reason not in HIDDEN:
                raise
            return  # the list may not be seen (any more); the customers' own answer says whether the keys are at fault
        if number not in known:
            raise ConnectorError(Reason.SOURCE_GONE)

    def title(self) -> str:
        """What the shop calls itself, where the integration may see it."""
        return next((name for _number, name in self._parts("website")), "")

    def _parts(self, part: str) -> list[tuple[int, str]]:
        """Whatever the integration may not see is not offered; its 401 is the same as that of a wrong key."""
        try:
            return self._listed(part)
        except ConnectorError as error:
            if error.reason not in HIDDEN:
                raise
            return []

    def _listed(self, part: str) -> list[tuple[int, str]]:
        return {"group": self._groups, "website": self._websites, "store": self._views}[part]()

    def _groups(self) -> list[tuple[int, str]]:
        """Nobody who has an account is in group 0, „not logged in”."""
        found = self._api.search("customerGroups/search", (), "items[id,code],total_count", MOST_GROUPS)
        groups = converted(found.items or [], list[CustomerGroup])
        return [(one.id, one.code) for one in groups if one.id != 0]

    def _websites(self) -> list[tuple[int, str]]:
        return [(one.id, one.name) for one in self._api.get("store/websites", {}, list[Website]) if one.id != 0]

    def _views(self) -> list[tuple[int, str]]:
        return [
            (one.id, one.name)
            for one in self._api.get("store/storeViews", {}, list[StoreView])
            if one.id != 0 and one.is_active
        ]


def filters(source_id: str, window: Window | None = None) -> list[Filter]:
    """The source and the window as filters. Times are UTC, whatever the shop's zone."""
    part, _, number = source_id.partition(":")
    found = [Filter(PARTS[part], "eq", number)] if part in PARTS else []
    if window and window.since:
        found.append(Filter("updated_at", "gteq", f"{window.since:%Y-%m-%d %H:%M:%S}"))
        found.append(Filter("updated_at", "lteq", f"{window.until:%Y-%m-%d %H:%M:%S}"))
    return found
