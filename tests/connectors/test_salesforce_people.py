"""Who arrives from Salesforce: in batches of its own size, through long queries, bent, converted, deleted, or member of a campaign."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from types import SimpleNamespace

import pytest

from tests.vendors import BASE
from webapp.connectors.base import Consent, Group, Window
from webapp.connectors.reasons import Reason
from webapp.connectors.salesforce import reader
from webapp.connectors.salesforce.columns import Described
from webapp.connectors.salesforce.reader import Reader
from webapp.connectors.salesforce.sources import People, bounds

from .reading import failure
from .salesforce_org import Org
from .standins import pages

COLUMNS = ["Email", "Name", "LeadSource", "Zainteresowania__c", "Account.Name", "Punkty__c"]


@pytest.fixture
def org() -> Org:
    return Org()


def ids(people) -> list[str]:
    return [one.external_id for one in people]


def first(change):
    """Spoil the first record of each page."""

    def changed(body):
        if body.get("records"):
            body["records"][0] = change(body["records"][0])
        return body

    return changed


class TestBatches:
    def test_batches_that_are_smaller_than_asked_for_lose_nobody(self):
        org = Org(people=1201)
        read = pages(org.connect(2000), Group.CONTACTS, "everyone", ["Description", "Uwagi__c"])
        assert [len(page.people) for page in read] == [200] * 6 + [1]
        assert len({one for page in read for one in ids(page.people)}) == 1201

    def test_long_queries_are_asked_in_parts_and_give_the_same_people(self, org, monkeypatch):
        whole = org.read(*COLUMNS)
        split(monkeypatch, 70)
        org.vendors.calls.clear()
        assert org.read(*COLUMNS) == whole
        assert len(org.requested("/query")) > 10

    def test_a_part_that_ends_early_cuts_the_page_and_loses_nobody(self, monkeypatch):
        org = Org(people=250)
        whole = org.read("Email", "Description", "Uwagi__c", page_size=200)
        split(monkeypatch, 60)
        assert org.read("Email", "Description", "Uwagi__c", page_size=2000) == whole

    def test_whoever_is_missing_in_a_part_is_unreadable_and_never_emptied(self, org, monkeypatch):
        split(monkeypatch, 70)
        org.spoil(
            lambda body: (
                body
                | {"records": [one for one in body["records"] if "Punkty__c" not in one][1:] or body["records"][1:]}
            ),
            "Punkty__c",
        )
        people = org.read(*COLUMNS)
        assert [one.unreadable for one in people][:8] == [True] + [False] * 6 + [True]
        assert all(one.values["Email"] is None for one in people if one.unreadable)

    @pytest.mark.parametrize("condition", ["", "LastName = 'Ż" * 400])
    def test_no_address_is_longer_than_salesforce_takes(self, condition):
        described = [Described(f"Pole_{n:036}__c", "string") for n in range(500)]
        asked = []

        def query(soql, deleted):
            asked.append(soql)
            return reader.Found(1, True, [{"Id": "003RO0000000000AAA"}])

        api = SimpleNamespace(query=query, require_budget=lambda: None)
        people = People("Contact", "", (condition,))
        columns = [one.name for one in described]
        list(Reader(api, people, columns, lambda: described, 2000).pages([], "", 1, None))
        assert len(asked) > 1 and max(len(reader.quote_plus(one)) for one in asked) < 15_500
        assert all(any(name in one for one in asked) for name in columns)


def split(monkeypatch, room):
    monkeypatch.setattr(reader, "LONGEST_QUERY", room)
    monkeypatch.setattr(reader, "SHORTEST_LIST", room)


class TestBentRecords:
    @pytest.mark.parametrize(
        "change",
        [
            lambda one: one | {"SystemModstamp": "wczoraj"},
            lambda one: one | {"SystemModstamp": "2026-11-01T10:00:00"},
            lambda one: one | {"SystemModstamp": 5},
            lambda one: one | {"Zainteresowania__c": 5},
            lambda one: one | {"LeadSource": {"a": 1}},
            lambda one: one | {"HasOptedOutOfEmail": {}},
            lambda one: one | {"Account": "Firma"},
            lambda one: one | {"Id": None},
            lambda one: None,
            lambda one: "x",
            lambda one: [],
        ],
    )
    def test_one_bent_record_is_unreadable_and_the_others_arrive(self, org, change):
        honest = org.read(*COLUMNS, page_size=2000)
        org.spoil(first(change), "/query")
        people = org.read(*COLUMNS, page_size=2000)
        assert [one.unreadable for one in people] == [True] + [False] * 29
        assert people[1:] == honest[1:] and list(people[0].values) == COLUMNS

    @pytest.mark.parametrize(
        "change",
        [
            lambda one: one | {"Email": {"a": 1}},
            lambda one: one | {"Account": None},
            lambda one: one | {"LeadSource": "Nowe"},
        ],
    )
    def test_a_bent_value_spoils_no_more_than_itself(self, org, change):
        org.spoil(first(change), "/query")
        assert not any(one.unreadable for one in org.read(*COLUMNS))

    def test_a_last_record_without_an_id_hides_nobody_behind_it(self, org):
        everyone = ids(org.read())

        def changed(body):
            if len(body.get("records", [])) > 1:
                body["records"][-1].pop("Id")
            return body

        org.spoil(changed, "/query")
        assert set(everyone[:-1]) <= set(ids(org.read()))

    def test_empty_pages_without_end_are_left(self, org):
        turns = iter(range(1, 20))
        org.spoil(lambda body: next(turns) and body | {"records": [], "done": False}, "/query")
        assert failure(org.read).reason is Reason.PAGING_LOOP

    def test_pages_without_any_id_end_the_reading(self, org):
        org.spoil(lambda body: body | {"records": [{} for _ in body["records"]]}, "/query")
        assert failure(org.read).reason is Reason.PAGING_LOOP


class TestLeads:
    def test_converted_leads_come_only_where_they_are_wanted(self):
        org = Org(people=120)
        where = "/control/truth?vendor=salesforce&shop=bukowina&of=leads"
        told = {one["id"] for one in org.vendors.client.get(where, environ_base=BASE).json}
        everyone = ids(org.read(group=Group.LEADS, source="with_converted"))
        converted = {
            one.external_id
            for one in org.read("IsConverted", group=Group.LEADS, source="with_converted")
            if one.values["IsConverted"]
        }
        assert set(everyone) == told and converted
        assert set(ids(org.read(group=Group.LEADS))) == told - converted

    def test_contacts_have_no_source_of_converted_ones(self, org):
        assert failure(lambda: org.read(source="with_converted")).reason is Reason.SOURCE_GONE


class TestCampaigns:
    def test_members_of_a_campaign_arrive(self, org):
        assert ids(org.read(source="campaign:701RO0000000001AAA")) == [one["id"] for one in org.truth()[::4]]

    @pytest.mark.parametrize("number", ["701RO0000000009AAA", "x", "", "701' OR Name != '", "701RO0000000001AAA "])
    def test_a_campaign_that_is_not_there_is_gone(self, org, number):
        assert failure(lambda: org.read(source=f"campaign:{number}")).reason is Reason.SOURCE_GONE

    def test_whoever_may_not_see_campaigns_is_offered_the_rest(self, org):
        honest = org.send
        refused = b'[{"errorCode":"INVALID_TYPE","message":"sObject type \'Campaign\' is not supported."}]'
        org.replace("FROM+Campaign", 400, refused)
        assert org.send is not honest
        assert [one.id.split(":")[0] for one in org.connect().sources(Group.CONTACTS)] == ["everyone", "view", "view"]


class TestWindows:
    def test_the_end_of_a_window_is_rounded_up(self):
        until = datetime(2026, 11, 23, 12, 0, 0, 700_000, tzinfo=UTC)
        window = Window(until - timedelta(days=1), until)
        assert bounds(window) == ["SystemModstamp >= 2026-11-22T12:00:00Z AND SystemModstamp <= 2026-11-23T12:00:01Z"]

    def test_who_was_deleted_is_told_in_pages_and_can_be_gone_on_with(self):
        org = Org(people=40)
        now = datetime.now(UTC)
        window = Window(now - timedelta(minutes=5), now + timedelta(minutes=5))
        gone = [one["id"] for one in org.truth()[:9]]
        for index in range(9):
            org.tell(action="delete", index=index)
        read = pages(org.connect(4), Group.CONTACTS, "everyone", ["Email"], window)
        told = [one for page in read for one in page.people]
        assert ids(told) == gone and all(one.deleted and one.values == {"Email": None} for one in told)
        assert [page.cursor and "deleted_after" in page.cursor for page in read] == [True, True, True, None]
        assert ids(org.read(window=window, cursor=read[1].cursor, page_size=4)) == gone[4:]

    def test_a_bin_without_end_is_left(self, org):
        now = datetime.now(UTC)
        org.tell(fault="endless")
        window = Window(now - timedelta(minutes=5), now + timedelta(minutes=5))
        reading = org.connect(7).people(Group.CONTACTS, "everyone", [], window, {"deleted_after": ""})
        assert failure(lambda: list(islice(reading, 40))).reason is Reason.PAGING_LOOP


def test_those_who_opted_out_have_withdrawn_and_the_others_agreed(org):
    told = {one["id"]: Consent.WITHDRAWN if one["consent"] == "opted_out" else Consent.GRANTED for one in org.truth()}
    assert {one.external_id: one.consent for one in org.read()} == told
