"""Which contacts and leads can be imported: everyone, list views, campaigns (vendor page, section 3)."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import msgspec

from webapp.connectors.base import Group, Source, Window
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce import soql
from webapp.connectors.salesforce.api import DATA, SalesforceApi, UnknownField
from webapp.connectors.salesforce.columns import STAMP
from webapp.values.marks import N_

ENTITIES = {Group.CONTACTS: "Contact", Group.LEADS: "Lead"}
EVERYONE, WITH_CONVERTED, VIEW, CAMPAIGN = "everyone", "with_converted", "view:", "campaign:"
NAMES = {Group.CONTACTS: N_("All contacts"), Group.LEADS: N_("All leads that are not converted")}
MEMBERS = {
    Group.CONTACTS: "Id IN (SELECT ContactId FROM CampaignMember WHERE CampaignId = {campaign})",
    Group.LEADS: "Id IN (SELECT LeadId FROM CampaignMember WHERE CampaignId = {campaign})",
}
MOST_LISTED, MOST_COUNTED = 200, 25
# SOQL knows whole seconds: the end of a window is rounded up, so that nobody is missed.
ALMOST_A_SECOND = timedelta(microseconds=999_999)


class Named(msgspec.Struct):
    Id: str
    Name: str


class View(msgspec.Struct):
    id: str
    label: str = ""
    developerName: str = ""  # noqa: N815 - as on the wire


class Views(msgspec.Struct):
    """One page of list views; `nextRecordsUrl` is where the next begins."""

    listviews: list[View] = []
    done: bool = True
    nextRecordsUrl: str | None = None  # noqa: N815 - as on the wire


class ViewQuery(msgspec.Struct):
    query: str


class People(NamedTuple):
    """Which records a source has, in the words of SOQL."""

    entity: str
    scope: str
    conditions: tuple[str, ...]


class Sources:
    """The sets of people of one kind."""

    def __init__(self, api: SalesforceApi):
        self._api = api

    def of(self, group: Group, knows_consent: bool) -> list[Source]:
        """Everyone, list views and active campaigns; the first of them, so that nobody waits for long, with live counts."""
        kind = {Group.CONTACTS: N_("Contacts"), Group.LEADS: N_("Leads")}[group]
        entries = [(EVERYONE, kind, NAMES[group])]
        if group is Group.LEADS:
            entries.append((WITH_CONVERTED, kind, N_("All leads, with those that were converted")))
        entries += [(VIEW + view.id, N_("List view"), view.label or view.developerName) for view in self._views(group)]
        entries += [(CAMPAIGN + one.Id, N_("Campaign"), one.Name) for one in self._campaigns()]
        sources = [Source(one, kind, name, None, is_incremental(one), knows_consent) for one, kind, name in entries]
        counted = (self._counted(group, source) for source in sources[:MOST_COUNTED])
        return [*filter(None, counted), *sources[MOST_COUNTED:]]

    def count(self, people: People, window: Window | None, last_id: str = "") -> int:
        """How many people there are behind this one, or how many changed in the window."""
        scope = [*people.conditions, *bounds(window), soql.behind(last_id)]
        return self._api.count(soql.count(people.entity, people.scope, scope))

    def people(self, group: Group, source_id: str) -> People:
        """The source as conditions. Raises ConnectorError(SOURCE_GONE) for a view or a campaign that was deleted."""
        if source_id.startswith(CAMPAIGN):
            self._require_campaign(source_id.removeprefix(CAMPAIGN))
        return self._chosen(group, source_id)

    def _chosen(self, group: Group, source_id: str) -> People:
        entity, number = ENTITIES[group], source_id.partition(":")[2]
        if source_id.startswith(VIEW):
            path = f"sobjects/{entity}/listviews/{soql.identifier(number)}/describe"
            scope, condition = soql.condition_of(self._api.get(path, ViewQuery).query)
            return People(entity, scope, (condition,) if condition else ())
        if source_id.startswith(CAMPAIGN):
            return People(entity, "", (MEMBERS[group].format(campaign=soql.literal(number)),))
        if source_id == WITH_CONVERTED and group is Group.LEADS:
            return People(entity, "", ())
        if source_id != EVERYONE:
            raise ConnectorError(Reason.SOURCE_GONE)
        return People(entity, "", ("IsConverted = false",) if group is Group.LEADS else ())

    def _counted(self, group: Group, source: Source) -> Source | None:
        """None for a view that cannot be offered: it chooses by a field that this person may not see, or is gone by now."""
        try:
            return replace(source, total=self.count(self._chosen(group, source.id), None))
        except ConnectorError as error:
            if not isinstance(error, UnknownField) and error.reason is not Reason.SOURCE_GONE:
                raise
            return None

    def _views(self, group: Group) -> list[View]:
        """Salesforce gives them in pages."""
        found: list[View] = []
        path: str | None = f"sobjects/{ENTITIES[group]}/listviews"
        while path and len(found) < MOST_LISTED:
            page = self._api.get(path, Views)
            found += page.listviews
            following = (page.nextRecordsUrl or "").partition(DATA)[2]
            path = following if page.listviews and not page.done else None
        return found[:MOST_LISTED]

    def _campaigns(self) -> list[Named]:
        """Whoever may not see campaigns is not offered them."""
        query = f"SELECT Id, Name FROM Campaign WHERE IsActive = true ORDER BY Name LIMIT {MOST_LISTED}"
        try:
            return self._api.rows(query, Named)
        except ConnectorError as error:
            if error.reason is not Reason.MISSING_SCOPE:
                raise
            return []

    def _require_campaign(self, number: str) -> None:
        query = f"SELECT Id, Name FROM Campaign WHERE Id = {soql.literal(soql.identifier(number))}"
        if not self._api.rows(query, Named):
            raise ConnectorError(Reason.SOURCE_GONE)


def is_incremental(source_id: str) -> bool:
    """A view or a campaign may gain and lose people who did not change themselves."""
    return not source_id.startswith((VIEW, CAMPAIGN))


def bounds(window: Window | None) -> list[str]:
    """The changes of the window. A full pass has none: someone who changes while it reads would drop out of it."""
    if window is None or window.since is None:
        return []
    until = soql.moment(window.until + ALMOST_A_SECOND)
    return [f"{STAMP} >= {soql.moment(window.since)} AND {STAMP} <= {until}"]
