"""What is special about Zoho: fields in parts, page tokens that die, refusals with codes, answers without a body."""

import json
from datetime import timedelta

import pytest

from webapp.connectors.base import Consent, FieldKind, Group, Window
from webapp.connectors.http import Response
from webapp.connectors.reasons import Reason

from .reading import failure
from .standins import NOW, Visit, pages, people_of

RECENT = Window(NOW - timedelta(minutes=5), NOW + timedelta(minutes=5))
OPTED_OUT = "view:4150860000000500003"


@pytest.fixture
def visit() -> Visit:
    return Visit("zoho", people=30)


def org(name: str) -> Visit:
    """Signed in to another organisation."""
    visit = Visit("zoho", people=30)
    honest = visit.vendors.client.post
    visit.vendors.client.post = lambda *a, **k: honest(*a, **{**k, "data": {**k["data"], "org": name}})
    visit.sign_in()
    return visit


def read(visit, *columns, source="everyone", group=Group.CONTACTS, window=None, cursor=None):
    window = window or Window(None, NOW)
    return people_of(pages(visit.connect(page_size=7), group, source, columns, window, cursor))


def watched(visit) -> list[str]:
    """The addresses that are asked from here on."""
    asked, honest = [], visit.send
    visit.send = lambda method, url, *rest: (asked.append(url), honest(method, url, *rest))[1]
    return asked


def refused(visit, part: str, code: str, status: int = 400) -> None:
    """From here on addresses with this part are refused so."""
    honest, body = visit.send, json.dumps({"code": code, "details": {}, "message": "x", "status": "error"}).encode()
    visit.send = lambda method, url, *rest: (
        Response(status, {"content-type": "application/json"}, body) if part in url else honest(method, url, *rest)
    )


def first(change):
    """Spoil the first record of each page."""

    def changed(body):
        if body.get("data"):
            change(body["data"][0])
        return body

    return changed


class TestAccount:
    def test_it_is_the_organisation(self, visit):
        account = visit.connect().check()
        assert (account.external_id, account.name) == ("20090000000", "Bukowina – górskie specjały")

    def test_leads_that_the_profile_may_not_see_are_unavailable_and_contacts_are_there(self):
        visit = org("bezuprawnien")
        assert visit.connect().check().unavailable == {Group.LEADS: Reason.MISSING_SCOPE}
        assert len(read(visit)) == 30

    @pytest.mark.parametrize(
        ("name", "reason"), [("bezzgody", Reason.MISSING_SCOPE), ("bezlimitu", Reason.RATE_LIMITED)]
    )
    def test_each_refusing_organisation_is_refused_for_its_reason(self, name, reason):
        assert failure(org(name).connect().check).reason is reason

    @pytest.mark.parametrize(
        ("code", "status", "reason"),
        [
            ("INVALID_HOST", 400, Reason.WRONG_REGION),
            ("OAUTH_SCOPE_MISMATCH", 401, Reason.MISSING_SCOPE),
            ("NO_PERMISSION", 403, Reason.MISSING_SCOPE),
            ("INVALID_TOKEN", 401, Reason.UNAUTHORIZED),
            ("AUTHENTICATION_FAILURE", 401, Reason.UNAUTHORIZED),
            ("CRM_NOT_ENABLED", 400, Reason.API_DISABLED),
            ("API_LIMIT_EXCEEDED", 400, Reason.QUOTA_USED_UP),
            ("INTERNAL_ERROR", 400, Reason.UNAVAILABLE),
            ("WHATEVER", 400, Reason.BAD_RESPONSE),
        ],
    )
    def test_each_code_has_its_meaning(self, visit, code, status, reason):
        refused(visit, "/crm/v8/org", code, status)
        assert failure(visit.connect().check).reason is reason

    def test_a_group_is_lost_only_for_permissions(self, visit):
        refused(visit, "/Leads", "INVALID_HOST")
        assert failure(visit.connect().check).reason is Reason.WRONG_REGION

    def test_no_organisation_is_a_bad_response(self, visit):
        visit.spoil(lambda body: {"org": []}, "/org")
        assert failure(visit.connect().check).reason is Reason.BAD_RESPONSE


class TestSources:
    def test_contacts_and_leads_come_with_their_views(self, visit):
        contacts = {source.name: source for source in visit.connect().sources(Group.CONTACTS)}
        leads = {source.id: source.total for source in visit.connect().sources(Group.LEADS)}
        assert set(contacts) == {"All contacts", "Klienci z Krakowa", "Zrezygnowali", "Pusty widok"}
        assert contacts["All contacts"].total == 30 and not contacts["Pusty widok"].incremental
        assert leads["everyone"] < 15 and leads["with_converted"] is None

    def test_leads_with_the_converted_ones_are_more(self, visit):
        leads = {
            source: len(read(visit, group=Group.LEADS, source=source)) for source in ("everyone", "with_converted")
        }
        assert leads["everyone"] < leads["with_converted"] == 15

    def test_views_are_read_to_the_last_page_of_their_list(self, visit):
        honest = visit.send
        visit.send = lambda method, url, *rest: honest(method, url.replace("per_page=200", "per_page=2"), *rest)
        assert len(visit.connect().sources(Group.CONTACTS)) == 4

    @pytest.mark.parametrize("count", ["30", 30])
    def test_a_count_may_be_text(self, visit, count):
        visit.spoil(lambda body: {"count": count}, "actions/count")
        assert visit.connect().count(Group.CONTACTS, "everyone") == 30

    @pytest.mark.parametrize("spoil", [lambda visit: refused(visit, "actions/count", "OAUTH_SCOPE_MISMATCH", 401)])
    def test_where_zoho_does_not_count_people_are_read_all_the_same(self, visit, spoil):
        spoil(visit)
        assert visit.connect().count(Group.CONTACTS, "everyone") is None
        assert len(read(visit)) == 30

    def test_changes_are_not_counted(self, visit):
        assert visit.connect().count(Group.CONTACTS, "everyone", RECENT) is None

    def test_without_the_field_for_opting_out_there_is_no_consent(self):
        visit = org("bezpola")
        assert not any(source.has_consent for source in visit.connect().sources(Group.CONTACTS))
        assert {person.consent for person in read(visit)} == {None}

    def test_a_view_of_those_who_opted_out_holds_nobody_else(self, visit):
        people = read(visit, source=OPTED_OUT)
        assert people and {person.consent for person in people} == {Consent.WITHDRAWN}


class TestFields:
    def test_fields_have_their_kinds_and_the_organisations_labels(self, visit):
        fields = {field.key: field for field in visit.connect().fields(Group.CONTACTS, "everyone")}
        kinds = {key: field.kind for key, field in fields.items()}
        assert kinds["Date_of_Birth"] is FieldKind.DATE and kinds["Wydano"] is FieldKind.NUMBER
        assert kinds["Lead_Source"] is FieldKind.CHOICE and kinds["Zainteresowania"] is FieldKind.LIST
        assert kinds["Tag"] is FieldKind.LIST and kinds["Mobile"] is FieldKind.PHONE
        assert kinds["Modified_Time"] is FieldKind.DATETIME and kinds["Email_Opt_Out"] is FieldKind.BOOLEAN
        assert fields["Lead_Source"].label == "Źródło pozyskania" and "Record_Image" not in fields
        assert ("Targi", "Targi") in fields["Lead_Source"].options

    @pytest.mark.parametrize(
        "change",
        [{"visible": False}, {"view_type": {"view": False}}, {"data_type": "subform"}],
    )
    def test_what_cannot_be_used_is_not_offered(self, visit, change):
        visit.spoil(
            lambda body: {"fields": [one | change if one["api_name"] == "Punkty" else one for one in body["fields"]]},
            "settings/fields",
        )
        assert "Punkty" not in {field.key for field in visit.connect().fields(Group.CONTACTS, "everyone")}

    def test_a_field_without_choices_may_say_so_with_null(self, visit):
        visit.spoil(
            lambda body: {"fields": [one | {"pick_list_values": None} for one in body["fields"]]}, "settings/fields"
        )
        assert visit.connect().fields(Group.CONTACTS, "everyone")[0].role

    def test_the_empty_choice_is_none(self, visit):
        empty = {"actual_value": "-None-", "display_value": "-None-"}
        visit.spoil(lambda body: {"fields": [one | {"pick_list_values": [empty]} for one in body["fields"]]}, "/fields")
        assert not any(field.options for field in visit.connect().fields(Group.CONTACTS, "everyone"))

    def test_an_organisation_that_has_removed_the_address_still_has_the_column(self, visit):
        visit.spoil(
            lambda body: {"fields": [one for one in body["fields"] if one["api_name"] != "Email"]}, "settings/fields"
        )
        fields = visit.connect().fields(Group.CONTACTS, "everyone")
        assert [field.role for field in fields if field.key == "Email"] == ["email"]
        assert {person.values["Email"] for person in read(visit, "Email")} == {None}

    def test_lookups_arrive_as_names_and_choices_as_people_see_them(self, visit):
        people = read(visit, "Owner", "Account_Name", "Lead_Source", "Tag", "Zainteresowania", "Punkty")
        assert {person.values["Owner"] for person in people} == {"Jan Kowalski"}
        assert {person.values["Lead_Source"] for person in people} == {"Strona www", "Targi", "Polecenie"}
        assert any("vip" in (person.values["Tag"] or []) for person in people)
        assert ["Góry", "Rowery"] in [person.values["Zainteresowania"] for person in people]
        assert all(isinstance(person.values["Punkty"], int | None) for person in people)


class TestManyFields:
    COLUMNS = tuple(f"Pole_{n}" for n in range(120))

    def test_more_than_fifty_fields_are_joined_by_id(self, visit):
        visit.tell(action="extra_fields", number=120)
        people = read(visit, *self.COLUMNS)
        expected = {f"{n}/{index}" for n, index in ((0, 0), (119, 0))}
        assert expected <= set(people[0].values.values()) and None not in people[0].values.values()
        for index, person in enumerate(people):
            assert person.values["Pole_119"] == f"119/{index}"

    def test_whoever_is_missing_in_a_part_has_none_there_and_nobody_gets_anothers_value(self, visit):
        visit.tell(action="extra_fields", number=60)
        visit.spoil(lambda body: body | {"data": body["data"][1:]}, "&ids=")
        people = read(visit, *self.COLUMNS[:60])
        assert people[0].values["Pole_59"] is None and people[0].values["Pole_0"] == "0/0"
        assert people[1].values["Pole_59"] == "59/1"

    def test_parts_of_large_pages_are_asked_for_by_a_hundred_ids(self):
        visit = Visit("zoho", people=150)
        visit.tell(action="extra_fields", number=60)
        asked = watched(visit)
        assert len(people_of(pages(visit.connect(), Group.CONTACTS, "everyone", self.COLUMNS[:60]))) == 150
        assert [url.count("415086") for url in asked if "&ids=" in url] == [100, 50]

    def test_converted_leads_keep_their_other_fields(self, visit):
        visit.tell(action="extra_fields", number=60)
        people = read(visit, *self.COLUMNS[:60], group=Group.LEADS, source="with_converted")
        assert all(person.values["Pole_59"] for person in people)


class TestReading:
    def test_ten_thousand_people_are_fifty_pages_and_two_more_requests(self):
        visit = Visit("zoho", people=1000)
        asked = watched(visit)
        assert len(people_of(pages(visit.connect(), Group.CONTACTS, "everyone", ["Email"]))) == 1000
        assert len(asked) == 1000 / 200 + 2

    def test_nothing_new_is_nobody(self, visit):
        read_now = pages(visit.connect(), Group.CONTACTS, "everyone", window=RECENT)
        assert people_of(read_now) == [] and read_now[-1].cursor is None

    def test_the_moment_of_a_window_is_the_same_on_every_page(self, visit):
        headers, honest = [], visit.send
        visit.send = lambda method, url, sent, body: (headers.append((url, sent)), honest(method, url, sent, body))[1]
        people = read(visit, window=Window(NOW - timedelta(days=900), NOW))
        moments = {sent.get("If-Modified-Since") for url, sent in headers if "/Contacts" in url and "count" not in url}
        assert len(people) == 30 and len(moments) == 1 and None not in moments

    def test_whoever_was_deleted_since_is_told_behind_those_who_changed(self, visit):
        gone = [visit.truth()[index]["id"] for index in (2, 4)]
        for index in (2, 4):
            visit.tell(action="delete", index=index)
        visit.tell(action="mutate", index=7, changes={"first_name": "Ewa"})
        told = read(visit, "Email", window=RECENT)
        assert [person.deleted for person in told] == [False, True, True]
        assert [person.external_id for person in told[1:]] == gone and told[1].values == {"Email": None}

    def test_deletions_go_on_from_their_cursor(self):
        visit = Visit("zoho", people=260)
        for index in range(210):
            visit.tell(action="delete", index=index)
        first_page = next(
            page for page in pages(visit.connect(), Group.CONTACTS, "everyone", window=RECENT) if page.people
        )
        assert len(first_page.people) == 200 and first_page.cursor == {"deleted": 2}
        assert len(read(visit, window=RECENT, cursor=first_page.cursor)) == 10

    def test_a_token_that_died_on_the_way_is_replaced_by_reading_again(self, visit):
        expected, found = [person.external_id for person in read(visit)], []
        for page in visit.connect(page_size=7).people(Group.CONTACTS, "everyone", [], Window(None, NOW), None):
            found += [person.external_id for person in page.people]
            if len(found) == 14 and page.people:
                visit.tell(action="expire_tokens", pages=True)
        assert found == expected

    def test_pages_that_are_skipped_are_signs_of_life(self, visit):
        cursor = pages(visit.connect(page_size=7), Group.CONTACTS, "everyone")[2].cursor
        visit.tell(action="expire_tokens", pages=True)
        rest = pages(visit.connect(page_size=7), Group.CONTACTS, "everyone", cursor=cursor)
        assert [len(page.people) for page in rest] == [0, 0, 0, 7, 2]
        assert all(page.cursor["last_id"] == cursor["last_id"] for page in rest[:3])

    def test_a_token_of_a_view_that_dies_is_trouble_that_passes(self, visit):
        refused(visit, "page_token=", "EXPIRED_VALUE")
        error = failure(lambda: read(visit, source="view:4150860000000500001"))
        assert not error.permanent

    def test_more_than_zoho_gives_is_said_clearly(self, visit):
        refused(visit, "page_token=", "PAGINATION_LIMIT_EXCEEDED")
        refused(visit, "/bulk/", "OAUTH_SCOPE_MISMATCH", 401)
        assert failure(lambda: read(visit)).reason is Reason.TOO_LARGE

    def test_a_view_that_never_ends_is_left_even_where_nobody_counts(self, visit):
        refused(visit, "actions/count", "NO_PERMISSION", 403)
        visit.tell(fault="cursor_stuck")
        assert failure(lambda: read(visit, source=OPTED_OUT)).reason is Reason.PAGING_LOOP

    @pytest.mark.parametrize(
        "change",
        [
            lambda record: record.update(id=7),
            lambda record: record.update(id="²"),
            lambda record: record.update(id="9" * 5000),
            lambda record: record.update(id=[]),
            lambda record: record.pop("id"),
            lambda record: record.update(Modified_Time="wczoraj"),
            lambda record: record.update(Modified_Time="2026-01-01T00:00:00"),
            lambda record: record.update(Modified_Time=5),
            lambda record: record.update(Email_Opt_Out=[]),
        ],
    )
    def test_one_bent_record_is_unreadable_and_the_others_arrive(self, visit, change):
        visit.tell(action="extra_fields", number=60)
        visit.spoil(first(change), "/Contacts?")
        people = people_of(pages(visit.connect(), Group.CONTACTS, "everyone", ["Email", *TestManyFields.COLUMNS[:60]]))
        assert [person.unreadable for person in people] == [True] + [False] * 29

    @pytest.mark.parametrize("value", [[], {}, {"name": []}, {"x": 1}])
    def test_a_value_of_another_kind_is_none(self, visit, value):
        visit.spoil(first(lambda record: record.update(Email=value)), "/Contacts?")
        assert read(visit, "Email")[0].values == {"Email": None}

    def test_a_record_that_is_no_object_is_unreadable(self, visit):
        visit.spoil(lambda body: body | {"data": ["x", *body["data"][1:]]}, "/Contacts?")
        assert [person.unreadable for person in people_of(pages(visit.connect(), Group.CONTACTS, "everyone"))][:2] == [
            True,
            False,
        ]

    def test_a_broken_envelope_is_a_bad_response(self, visit):
        visit.tell(fault="wrong_type")
        assert failure(lambda: read(visit)).reason is Reason.BAD_RESPONSE

    @pytest.mark.parametrize(
        ("opted_out", "consent"), [(True, "withdrawn"), (False, "granted"), (None, "none"), ("x", "none")]
    )
    def test_consent_is_what_the_record_says(self, visit, opted_out, consent):
        visit.spoil(first(lambda record: record.update(Email_Opt_Out=opted_out)), "/Contacts?")
        assert read(visit)[0].consent == consent
