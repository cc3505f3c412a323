"""Zoho's stand-in: records, page tokens, changes, deletions, views, and each refusal in the vendor's words."""

import base64
import json

import pytest

from .zoho_caller import Caller

NOW = "2026-05-20T10:00:00+02:00"
ENVELOPE = {"code", "details", "message", "status"}


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller().sign_in()


@pytest.fixture
def own() -> Caller:
    """One that may be spoilt."""
    return Caller(people=30).sign_in()


def refusal(answer) -> tuple[int, str]:
    assert set(answer.json) == ENVELOPE and answer.json["status"] == "error"
    return answer.status_code, answer.json["code"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ({}, "AUTHENTICATION_FAILURE"),
            ({"Authorization": "Zoho-oauthtoken 1000.x.y"}, "INVALID_TOKEN"),
            ({"Authorization": "Bearer {token}"}, "INVALID_TOKEN"),
        ],
    )
    def test_only_a_living_token_under_zohos_own_name_is_taken(self, caller, header, code):
        headers = {name: value.replace("{token}", caller.token) for name, value in header.items()}
        assert refusal(caller.client.get("/zoho/bukowina/crm/v8/org", headers=headers)) == (401, code)

    def test_a_token_of_another_organisation_is_invalid(self, caller):
        other = Caller("tatry", "com", client=caller.client)
        other.token = caller.token
        assert refusal(other.get("org")) == (401, "INVALID_TOKEN")

    @pytest.mark.parametrize(
        ("path", "query", "status", "code"),
        [
            ("Contacts", {}, 400, "REQUIRED_PARAM_MISSING"),
            ("Contacts", {"fields": "id"}, 400, "REQUIRED_PARAM_MISSING"),
            ("Contacts", {"fields": ",".join(f"F{n}" for n in range(51))}, 400, "LIMIT_EXCEEDED"),
            ("Deals", {"fields": "Email"}, 400, "INVALID_MODULE"),
            ("settings/fields", {"module": "Nikt"}, 400, "INVALID_MODULE"),
            ("Contacts", {"fields": "Email", "page": 11}, 400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"),
            ("Contacts", {"fields": "Email", "per_page": 201}, 400, "INVALID_DATA"),
            ("Contacts", {"fields": "Email", "per_page": "x"}, 400, "INVALID_DATA"),
            ("Contacts", {"fields": "Email", "sort_by": "Email"}, 400, "INVALID_DATA"),
            ("Contacts", {"fields": "Email", "sort_order": "up"}, 400, "INVALID_DATA"),
            ("Leads", {"fields": "Email", "converted": "maybe"}, 400, "INVALID_DATA"),
            ("Contacts", {"fields": "Email", "cvid": "1"}, 400, "INVALID_DATA"),
            (
                "Contacts",
                {"fields": "Email", "cvid": "4150860000000500002", "sort_by": "id"},
                400,
                "AMBIGUITY_DURING_PROCESSING",
            ),
            ("Contacts", {"fields": "Email", "page": 1, "page_token": "x"}, 400, "AMBIGUITY_DURING_PROCESSING"),
            ("Contacts", {"fields": "Email", "page_token": "x"}, 400, "TOKEN_BOUND_DATA_MISMATCH"),
            ("Contacts/deleted", {"type": "gone"}, 400, "INVALID_DATA"),
            ("Contacts/deleted", {"page": "x"}, 400, "INVALID_DATA"),
            ("Contacts/actions/count", {"cvid": "1"}, 400, "INVALID_DATA"),
            ("nothing/at/all", {}, 404, "INVALID_URL_PATTERN"),
        ],
    )
    def test_what_cannot_be_answered_is_refused_in_zohos_words(self, caller, path, query, status, code):
        assert refusal(caller.get(path, **query)) == (status, code)

    def test_a_time_without_an_offset_is_refused(self, caller):
        assert refusal(caller.get("Contacts", "2026-10-20T10:00:00", fields="Email")) == (400, "INVALID_DATA")

    def test_writing_is_not_offered(self, caller):
        headers = {"Authorization": f"Zoho-oauthtoken {caller.token}"}
        assert refusal(caller.client.post("/zoho/bukowina/crm/v8/Contacts", headers=headers))[0] == 404

    @pytest.mark.parametrize(
        ("org", "path", "expected"),
        [
            ("bezzgody", "Contacts", (401, "OAUTH_SCOPE_MISMATCH")),
            ("bezuprawnien", "Leads", (403, "NO_PERMISSION")),
            ("bezlimitu", "Contacts", (429, "TOO_MANY_REQUESTS")),
        ],
    )
    def test_each_refusing_organisation_refuses_in_its_way(self, caller, org, path, expected):
        other = Caller(org, client=caller.client).sign_in()
        assert refusal(other.get(path, fields="Email")) == expected

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            ({"fault": "invalid_host"}, (400, "INVALID_HOST")),
            ({"fault": "expired_token"}, (401, "INVALID_TOKEN")),
            ({"fault": "missing_scope"}, (401, "OAUTH_SCOPE_MISMATCH")),
            ({"fault": "status", "status": 429}, (429, "TOO_MANY_REQUESTS")),
            ({"fault": "status", "status": 500}, (500, "INTERNAL_ERROR")),
        ],
    )
    def test_faults_refuse_as_the_vendor_would(self, own, fault, expected):
        own.tell(**fault)
        assert refusal(own.get("org")) == expected


class TestRecords:
    def test_a_record_holds_its_id_and_what_was_asked_for(self, caller):
        found = caller.get("Contacts", fields="Email,Tag,Owner", per_page=1).json["data"]
        assert [set(one) for one in found] == [{"id", "Email", "Tag", "Owner"}]

    def test_the_newest_come_first_unless_another_order_is_asked_for(self, caller):
        ids = [one["id"] for one in caller.truth()]
        assert caller.ids() == ids[::-1]
        assert caller.ids(sort_by="id", sort_order="asc") == ids == sorted(ids)

    def test_tokens_lead_through_all_pages(self, caller):
        assert len(caller.ids(per_page=7)) == len(set(caller.ids(per_page=7))) == 120

    def test_pages_by_number_end_at_two_thousand(self):
        many = Caller(people=2100).sign_in()
        assert many.get("Contacts", fields="Email", page=10).json["info"]["more_records"] is True
        assert refusal(many.get("Contacts", fields="Email", page=11))[1] == "DISCRETE_PAGINATION_LIMIT_EXCEEDED"

    @pytest.mark.parametrize("change", [{"fields": "Last_Name"}, {"per_page": 6}, {"sort_order": "asc"}])
    def test_a_token_is_bound_to_all_other_parameters(self, caller, change):
        asked = {"fields": "Email", "per_page": 5}
        token = caller.get("Contacts", **asked).json["info"]["next_page_token"]
        assert caller.get("Contacts", **asked, page_token=token).status_code == 200
        answer = caller.get("Contacts", **{**asked, **change}, page_token=token)
        assert refusal(answer) == (400, "TOKEN_BOUND_DATA_MISMATCH")
        assert answer.json["details"] == {"param_name": "page_token"}

    def test_a_token_is_bound_to_the_header_too(self, caller):
        token = caller.get("Contacts", NOW, fields="Email", per_page=2).json["info"]["next_page_token"]
        answer = caller.get("Contacts", NOW.replace("20T", "19T"), fields="Email", per_page=2, page_token=token)
        assert refusal(answer) == (400, "TOKEN_BOUND_DATA_MISMATCH")

    def test_tokens_lead_to_a_hundred_thousand_records_at_most(self, caller):
        token = caller.get("Contacts", fields="Email", per_page=5).json["info"]["next_page_token"]
        facts = json.loads(base64.urlsafe_b64decode(token)) | {"start": 100_000}
        far = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
        answer = caller.get("Contacts", fields="Email", per_page=5, page_token=far)
        assert refusal(answer) == (400, "PAGINATION_LIMIT_EXCEEDED")

    def test_a_token_lives_a_day(self, own):
        token = own.get("Contacts", fields="Email", per_page=5).json["info"]["next_page_token"]
        own.tell(action="expire_tokens", pages=True)
        own.sign_in()
        assert refusal(own.get("Contacts", fields="Email", per_page=5, page_token=token)) == (400, "EXPIRED_VALUE")

    def test_changes_are_those_from_the_moment_on(self, caller):
        known = {one["id"]: one["updated_at"] for one in caller.truth()}
        moment = sorted(known.values())[100]
        found = caller.ids(since=moment)
        assert set(found) == {number for number, changed in known.items() if changed >= moment}

    def test_no_changes_are_304_and_nobody_is_204_without_a_body(self, caller):
        unchanged = caller.get("Contacts", "2030-01-01T00:00:00Z", fields="Email")
        empty = caller.get("Contacts", fields="Email", cvid="4150860000000500004")
        assert (unchanged.status_code, unchanged.data, empty.status_code, empty.data) == (304, b"", 204, b"")

    def test_converted_leads_hide_unless_asked_for(self, caller):
        hidden, both = set(caller.ids("Leads")), set(caller.ids("Leads", converted="both"))
        assert hidden < both and both - hidden == set(caller.ids("Leads", converted="true"))
        assert hidden == {one["id"] for one in caller.truth("leads")}

    def test_records_can_be_asked_for_by_id(self, caller):
        ids = [one["id"] for one in caller.truth()][3:6]
        assert caller.ids(ids=",".join([*ids, "41508699", "x"])) == ids

    def test_a_view_shows_its_own_in_its_own_order(self, caller):
        found = caller.ids(cvid="4150860000000500003")
        assert found and set(found) == {one["id"] for one in caller.truth() if one["consent"] == "opted_out"}
        assert caller.get("Contacts/actions/count", cvid="4150860000000500003").json == {"count": len(found)}

    def test_who_was_deleted_is_told_with_the_time(self, own):
        gone = own.truth()[3]["id"]
        own.tell(action="delete", index=3)
        told = own.get("Contacts/deleted", type="all").json["data"]
        assert [one["id"] for one in told] == [gone] and gone not in own.ids()
        assert own.get("Contacts/deleted", "2040-01-01T00:00:00Z").status_code == 204

    def test_deleted_records_come_in_pages(self, own):
        for index in range(5):
            own.tell(action="delete", index=index)
        pages = [own.get("Contacts/deleted", page=page, per_page=2).json for page in (1, 2, 3)]
        assert [len(page["data"]) for page in pages] == [2, 2, 1]
        assert [page["info"]["more_records"] for page in pages] == [True, True, False]


class TestSettings:
    def test_fields_have_their_types_and_choices(self, caller):
        fields = {one["api_name"]: one for one in caller.get("settings/fields", module="Leads").json["fields"]}
        assert fields["Email"]["data_type"] == "email"
        assert [one["display_value"] for one in fields["Lead_Status"]["pick_list_values"]] == ["Po kontakcie", "Nowy"]

    def test_an_organisation_can_have_many_fields(self, own):
        own.tell(action="extra_fields", number=70)
        assert len(own.get("settings/fields", module="Contacts").json["fields"]) > 90

    def test_views_are_listed_in_pages(self, caller):
        answer = caller.get("settings/custom_views", module="Contacts", per_page=3, page=2).json
        assert [one["name"] for one in answer["custom_views"]] == ["Pusty widok"]
        assert answer["info"]["more_records"] is False

    def test_modules_are_those_that_the_person_may_see(self, caller):
        other = Caller("bezuprawnien", client=caller.client).sign_in()
        assert [one["api_name"] for one in other.get("settings/modules").json["modules"]] == ["Contacts"]


class TestPagingFaults:
    def turns(self, own, most=12) -> list[list[str]]:
        pages, token = [], {}
        while len(pages) < most:
            answer = own.get("Contacts", fields="Email", per_page=10, **token).json
            pages.append([one["id"] for one in answer["data"]])
            if not answer["info"]["more_records"]:
                break
            token = {"page_token": answer["info"]["next_page_token"]}
        return pages

    @pytest.mark.parametrize("fault", ["endless", "cursor_loop", "cursor_stuck"])
    def test_some_never_end(self, own, fault):
        own.tell(fault=fault)
        assert len(self.turns(own)) == 12

    @pytest.mark.parametrize(("fault", "pages"), [("duplicate_pages", 6), ("empty_pages", 6)])
    def test_some_take_twice_as_long_but_hide_nobody(self, own, fault, pages):
        own.tell(fault=fault)
        turns = self.turns(own)
        assert len(turns) == pages and len({number for page in turns for number in page}) == 30
