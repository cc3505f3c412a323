"""Campaigns, their members, and the list views of contacts and leads."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..people import Person
from . import answers
from .soql import Compare, Query


class Campaign(NamedTuple):
    name: str
    has: Callable[[Person], bool]


CAMPAIGNS: Mapping[str, Campaign] = {
    "701RO0000000001AAA": Campaign("Zimowa wyprzedaż", lambda person: person.index % 4 == 0),
    "701RO0000000002AAA": Campaign("Targi górskie", lambda person: person.index % 7 == 0),
}


class ListView(NamedTuple):
    label: str
    name: str
    query: str


SELECT = "SELECT Name, Email, Phone, Id, CreatedDate, LastModifiedDate, SystemModstamp FROM "
VIEWS: Mapping[str, Mapping[str, ListView]] = {
    "Contact": {
        "00BRO0000000001AAA": ListView(
            "Wszystkie kontakty", "AllContacts", SELECT + "Contact ORDER BY Name ASC NULLS FIRST, Id ASC NULLS FIRST"
        ),
        "00BRO0000000002AAA": ListView(
            "Klienci z Krakowa",
            "Krakow",
            SELECT + "Contact USING SCOPE everything WHERE MailingCity = 'Kraków' ORDER BY LastName DESC",
        ),
    },
    "Lead": {
        "00BRO0000000003AAA": ListView(
            "Ze strony albo z targów",
            "Web",
            SELECT + "Lead WHERE LeadSource = 'Web' OR LeadSource = 'Targi' ORDER BY Name ASC LIMIT 500",
        ),
    },
}


def members(entity: str, query: Query) -> Callable[[Person], bool]:
    """The people of a campaign, as `SELECT ContactId FROM CampaignMember WHERE CampaignId = '…'` chooses them."""
    where = query.where
    column = "LeadId" if entity == "Lead" else "ContactId"
    if query.entity != "CampaignMember" or query.columns != [column]:
        raise answers.malformed(query.entity)
    if not isinstance(where, Compare) or where.field != "CampaignId":
        raise answers.malformed("WHERE")
    campaign = CAMPAIGNS.get(where.value)
    return campaign.has if campaign else lambda person: False


def listed(entity: str) -> dict[str, Any]:
    """GET sobjects/{name}/listviews."""
    base = f"/services/data/v67.0/sobjects/{entity}/listviews"
    views = [
        {
            "id": number,
            "developerName": view.name,
            "label": view.label,
            "describeUrl": f"{base}/{number}/describe",
            "resultsUrl": f"{base}/{number}/results",
            "url": f"{base}/{number}",
        }
        for number, view in VIEWS[entity].items()
    ]
    return {"done": True, "listviews": views, "nextRecordsUrl": None, "size": len(views), "sobjectType": entity}


def described(entity: str, number: str) -> dict[str, Any]:
    """GET sobjects/{name}/listviews/{id}/describe; raises Refused."""
    view = VIEWS[entity].get(number)
    if view is None:
        raise answers.not_found()
    return {
        "columns": [],
        "id": number,
        "orderBy": [],
        "query": view.query,
        "scope": None,
        "sobjectType": entity,
        "whereCondition": {},
    }
