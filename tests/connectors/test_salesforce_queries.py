"""SOQL as the connector writes it, and the part that it takes over from a list view's own query."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.salesforce.soql import parse
from webapp.connectors.base import Group
from webapp.connectors.reasons import Reason
from webapp.connectors.salesforce.soql import condition_of, identifier, literal, moment

from .reading import failure
from .salesforce_org import Org, trouble
from .standins import WHOLE, pages

VIEW = "view:00BRO0000000001AAA"
TEXTS = st.text(max_size=60) | st.text("\\'\"\n\r\t \u2028ŻA", max_size=20)


class TestLiterals:
    @settings(max_examples=50)
    @given(TEXTS)
    def test_any_text_survives_as_one_literal(self, text):
        assert parse(f"SELECT Id FROM Contact WHERE LastName = {literal(text)} LIMIT 5").where.value == text

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("O'Żak", r"'O\'Żak'"),
            ("\\", r"'\\'"),
            ("\\' OR Name != '", r"'\\\' OR Name != \''"),
            ("a\r\nb", r"'a\r\nb'"),
            ("", "''"),
        ],
    )
    def test_whatever_could_end_a_literal_is_escaped(self, text, written):
        assert literal(text) == written

    def test_a_time_is_unquoted_and_in_utc(self):
        warsaw = timezone(timedelta(hours=1))
        assert moment(datetime(2026, 11, 23, 1, 2, 3, tzinfo=warsaw)) == "2026-11-23T00:02:03Z"
        assert moment(datetime(2026, 11, 23, 1, 2, 3, 999_999, tzinfo=UTC)) == "2026-11-23T01:02:03Z"

    @pytest.mark.parametrize("text", ["701RO0000000001AAA", "701RO0000000001"])
    def test_ids_of_both_lengths_are_taken(self, text):
        assert identifier(text) == text

    @pytest.mark.parametrize(
        "text", ["", "701", "701RO000000000'AAA", "701RO0000000001AA", "../../../../../limits", "701RO0000000001AAĄ"]
    )
    def test_anything_else_is_no_id(self, text):
        assert failure(lambda: identifier(text)).reason is Reason.SOURCE_GONE


class TestViewQueries:
    @pytest.mark.parametrize(
        ("query", "taken"),
        [
            ("SELECT Id FROM Contact", ("", "")),
            ("SELECT Id FROM Contact ORDER BY Name ASC NULLS FIRST, Id LIMIT 50", ("", "")),
            ("SELECT Id FROM Contact USING SCOPE mine ORDER BY Name", ("USING SCOPE mine", "")),
            (
                "select Id from Contact using scope team where Name = 'a' order  by Id",
                ("using scope team", "Name = 'a'"),
            ),
            ("SELECT Id FROM Contact WHERE a = 1 OR b = 2 WITH SECURITY_ENFORCED LIMIT 5", ("", "a = 1 OR b = 2")),
            ("SELECT Id FROM Contact WHERE (a = 1 AND b = 2) FOR VIEW", ("", "(a = 1 AND b = 2)")),
            ("SELECT Id FROM Contact WHERE Limit__c = 5 OFFSET 3", ("", "Limit__c = 5")),
            ("SELECT Id FROM Contact WHERE Name = 'x LIMIT 5 WHERE'", ("", "Name = 'x LIMIT 5 WHERE'")),
            (
                r"SELECT Id FROM Contact WHERE Name = 'a\' LIMIT 5' AND b = ')' LIMIT 5",
                ("", r"Name = 'a\' LIMIT 5' AND b = ')'"),
            ),
            (
                "SELECT Id FROM Contact WHERE Name = 'FROM Contact USING SCOPE mine'",
                ("", "Name = 'FROM Contact USING SCOPE mine'"),
            ),
            (
                "SELECT Id FROM Contact WHERE Id IN (SELECT ContactId FROM CampaignMember WHERE Status = 'a') ORDER BY Id",
                ("", "Id IN (SELECT ContactId FROM CampaignMember WHERE Status = 'a')"),
            ),
            ("SELECT Id, (SELECT Id FROM Cases WHERE x = 1 LIMIT 3) FROM Contact WHERE a = 'b'", ("", "a = 'b'")),
        ],
    )
    def test_scope_and_condition_are_taken_over_and_nothing_else(self, query, taken):
        assert condition_of(query) == taken

    @settings(max_examples=50)
    @given(TEXTS)
    def test_no_text_in_a_condition_cuts_it(self, text):
        condition = f"Name = {literal(text)} OR Name = {literal(text + ' LIMIT 5')}"
        query = f"SELECT Id FROM Contact USING SCOPE mine WHERE {condition} ORDER BY Name LIMIT 50"
        assert condition_of(query) == ("USING SCOPE mine", condition)


@pytest.fixture
def org() -> Org:
    return Org(people=60)


class TestViews:
    def view(self, org, query):
        org.spoil(lambda body: body | {"query": query}, "AAA/describe")

    def test_a_view_gives_whom_its_condition_chooses_in_order_of_ids(self, org):
        everyone = [(one.external_id, one.values["LeadSource"]) for one in org.read("LeadSource")]
        self.view(
            org, "SELECT Name FROM Contact WHERE LeadSource = 'Web' OR LeadSource = 'Targi' ORDER BY Name DESC LIMIT 2"
        )
        found = [(one.external_id, one.values["LeadSource"]) for one in org.read("LeadSource", source=VIEW)]
        assert found == [one for one in everyone if one[1] in ("Web", "Targi")] and len(found) > 10

    def test_the_scope_of_a_view_is_kept(self, org):
        asked = []
        self.view(org, "SELECT Id FROM Contact USING SCOPE mine")
        spoilt = org.send
        org.send = lambda method, url, *rest: (asked.append(url), spoilt(method, url, *rest))[1]
        assert len(org.read(source=VIEW)) == 60
        queries = [url for url in asked if "/query?" in url]
        assert queries and all("FROM+Contact+USING+SCOPE+mine" in url for url in queries)

    def test_views_come_in_pages_and_all_are_offered(self, org):
        listed = "/services/data/v67.0/sobjects/Contact/listviews"
        told = iter([(f"{listed}?page=2", False), (f"{listed}?page=3", False), (None, True)])

        def one_of(body):
            following, done = next(told)
            view = {"id": f"00BRO000000000{len(names)}AAA", "label": f"Widok {len(names)}"}
            names.append(view["label"])
            return {"done": done, "nextRecordsUrl": following, "listviews": [view]}

        names = []
        org.spoil(one_of, "Contact/listviews")
        org.replace("AAA/describe", 200, {"query": "SELECT Id FROM Contact"})
        offered = [one.name for one in org.connect().sources(Group.CONTACTS)]
        assert [name for name in offered if name.startswith("Widok")] == names == ["Widok 0", "Widok 1", "Widok 2"]

    def test_a_view_that_chooses_by_a_hidden_field_is_not_offered_and_spoils_no_other(self, org):
        org.tell(action="hide_field", name="MailingCity")
        kinds = [one.name for one in org.connect().sources(Group.CONTACTS)]
        assert "Wszystkie kontakty" in kinds and "Klienci z Krakowa" not in kinds

    def test_listing_asks_once_for_each_campaign_and_twice_for_each_view(self, org):
        org.vendors.calls.clear()
        offered = org.connect().sources(Group.CONTACTS)
        views = sum(one.id.startswith("view:") for one in offered)
        assert len(org.vendors.calls) == 1 + 1 + 1 + len(offered) + views

    def test_of_very_many_views_the_first_are_counted_and_all_are_offered(self, org):
        views = [{"id": f"00BRO00000000{n:02}AAA", "label": f"Widok {n}"} for n in range(90)]
        org.spoil(lambda body: {"done": True, "listviews": views}, "Contact/listviews")
        org.replace("AAA/describe", 200, {"query": "SELECT Id FROM Contact"})
        org.vendors.calls.clear()
        offered = org.connect().sources(Group.CONTACTS)
        assert len(offered) == 93 and [one.total for one in offered] == [60] * 25 + [None] * 68
        assert len(org.vendors.calls) < 60

    def test_trouble_while_views_are_counted_is_not_taken_for_a_missing_view(self, org):
        org.refuse(400, trouble("QUERY_TIMEOUT"), after=2)
        assert failure(lambda: org.connect().sources(Group.CONTACTS)).reason is Reason.UNAVAILABLE

    @pytest.mark.parametrize("source", ["everyone", VIEW, "campaign:701RO0000000001AAA"])
    def test_a_run_asks_little_besides_its_pages(self, org, source):
        org.vendors.calls.clear()
        pages(org.connect(2000), Group.CONTACTS, source, ["Email"], WHOLE)
        assert len(org.vendors.calls) <= 4


def test_records_are_asked_for_by_rising_id_and_never_by_salesforces_own_cursor(org):
    asked, honest = [], org.send
    org.send = lambda method, url, *rest: (asked.append(url), honest(method, url, *rest))[1]
    org.read("Email", page_size=25)
    read = [url for url in asked if "ORDER+BY" in url]
    assert len(read) == 3 and all(url.endswith("ORDER+BY+Id+ASC+LIMIT+25") for url in read)
    assert all(re.search(r"Id\+%3E\+%27003", url) for url in read[1:])
    assert not [url for url in asked if re.search(r"/query/", url)]
