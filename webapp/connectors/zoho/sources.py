"""Which contacts and leads can be imported: everyone, and the custom views (vendor page, section 3)."""

import re
from collections.abc import Mapping

import msgspec

from webapp.connectors.base import Group, Source
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.api import Refused, ZohoApi
from webapp.values.marks import N_

MODULES = {Group.CONTACTS: "Contacts", Group.LEADS: "Leads"}
EVERYONE, WITH_CONVERTED, VIEW = "everyone", "with_converted", "view:"
NAMES = {Group.CONTACTS: N_("All contacts"), Group.LEADS: N_("All leads that are not converted")}
LARGEST_LIST, MOST_LISTS, COUNTED_AT_ONCE = 200, 20, 30


class View(msgspec.Struct):
    id: str
    name: str = ""
    display_value: str | None = None
    system_name: str | None = None


class Info(msgspec.Struct, frozen=True):
    more_records: bool = False


class Views(msgspec.Struct):
    custom_views: list[View] = []
    info: Info = Info()


class Count(msgspec.Struct):
    """The examples show a number, the OpenAPI document says that it is text."""

    count: int | str | None = None

    @property
    def number(self) -> int | None:
        return int(self.count) if re.fullmatch(r"\d{1,15}", str(self.count), re.ASCII) else None


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
            Source(
                one,
                kind,
                name,
                self.count(group, one) if place < COUNTED_AT_ONCE else None,
                not one.startswith(VIEW),
                knows_consent,
            )
            for place, (one, kind, name) in enumerate(entries)
        ]

    def views(self, group: Group) -> list[View]:
        """All custom views that the person may see."""
        views: list[View] = []
        for page in range(1, MOST_LISTS + 1):
            query = {"module": MODULES[group], "page": page, "per_page": LARGEST_LIST}
            found = self._api.get("settings/custom_views", query, Views)
            views += found.custom_views if found else []
            if not found or not found.info.more_records:
                break
        return views

    def count(self, group: Group, source_id: str) -> int | None:
        """How many people; None for leads with the converted ones, and where Zoho does not want to count."""
        if source_id == WITH_CONVERTED:
            return None
        try:
            found = self._api.get(f"{MODULES[group]}/actions/count", query_of(source_id), Count)
        except Refused:
            return None
        return found.number if found else 0

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
