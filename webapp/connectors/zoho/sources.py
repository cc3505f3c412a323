"""Which contacts and leads can be imported: everyone, and the custom views (vendor page, section 3)."""

from collections.abc import Mapping

import msgspec

from webapp.connectors.base import Group, Source
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.api import ZohoApi
from webapp.values.marks import N_

MODULES = {Group.CONTACTS: "Contacts", Group.LEADS: "Leads"}
EVERYONE, WITH_CONVERTED, VIEW = "everyone", "with_converted", "view:"
NAMES = {Group.CONTACTS: N_("All contacts"), Group.LEADS: N_("All leads that are not converted")}
LARGEST_LIST = 200


class View(msgspec.Struct):
    id: str
    name: str = ""
    display_value: str | None = None
    system_name: str | None = None


class Views(msgspec.Struct):
    custom_views: list[View] = []


class Count(msgspec.Struct):
    count: int


class Sources:
    """The sets of people of one module."""

    def __init__(self, api: ZohoApi):
        self._api = api

    def of(self, group: Group, knows_consent: bool) -> list[Source]:
        """Everyone, leads with those that were converted, and every view but the one that shows all."""
        kind = {Group.CONTACTS: N_("Contacts"), Group.LEADS: N_("Leads")}[group]
        entries = [(EVERYONE, kind, NAMES[group])]
        if group is Group.LEADS:
            entries.append((WITH_CONVERTED, kind, N_("All leads, with those that were converted")))
        entries += [
            (VIEW + view.id, N_("View"), view.display_value or view.name)
            for view in self.views(group)
            if view.system_name != "ALLVIEWS"
        ]
        return [
            Source(one, kind, name, self.count(group, one), not one.startswith(VIEW), knows_consent)
            for one, kind, name in entries
        ]

    def views(self, group: Group) -> list[View]:
        found = self._api.get("settings/custom_views", {"module": MODULES[group], "per_page": LARGEST_LIST}, Views)
        return found.custom_views if found else []

    def count(self, group: Group, source_id: str) -> int | None:
        """How many people; leads with the converted ones are not counted by Zoho."""
        if source_id == WITH_CONVERTED:
            return None
        found = self._api.get(f"{MODULES[group]}/actions/count", query_of(source_id), Count)
        return found.count if found else 0

    def require(self, group: Group, source_id: str) -> None:
        """Raises ConnectorError(SOURCE_GONE) for a view that was deleted."""
        known = {EVERYONE} | ({WITH_CONVERTED} if group is Group.LEADS else set())
        if source_id.startswith(VIEW):
            known |= {VIEW + view.id for view in self.views(group)}
        if source_id not in known:
            raise ConnectorError(Reason.SOURCE_GONE)


def query_of(source_id: str) -> Mapping[str, str]:
    """What a request adds for this source. Without `converted` Zoho hides the leads that became contacts."""
    if source_id.startswith(VIEW):
        return {"cvid": source_id.removeprefix(VIEW)}
    return {"converted": "both"} if source_id == WITH_CONVERTED else {}
