"""Zoho's stand-in for bulk read: jobs, their files, and each refusal in the vendor's words (docs: bulk-read v8)."""

import csv
import io
import zipfile

import pytest

from .zoho_caller import ASKED, Caller

HEAD = {"id", "operation", "state", "query", "created_by", "created_time", "file_type"}


@pytest.fixture(scope="module")
def caller() -> Caller:
    caller = Caller().sign_in()
    caller.tell(action="bulk", downloads=None, polls=0)
    return caller


@pytest.fixture
def own() -> Caller:
    """One that may be spoilt."""
    caller = Caller(people=30).sign_in()
    caller.tell(action="bulk", polls=0)
    return caller


def rows(caller, job: str) -> list[dict[str, str]]:
    assert caller.bulk(f"read/{job}").json["data"][0]["state"] == "COMPLETED"
    with zipfile.ZipFile(io.BytesIO(caller.bulk(f"read/{job}/result").data)) as archive:
        assert archive.namelist() == [f"{job}.csv"]
        return list(csv.DictReader(io.StringIO(archive.read(f"{job}.csv").decode())))


def ids(caller, **query) -> list[str]:
    return [row["Id"] for row in rows(caller, caller.job(**query))]


def criterion(field: str, comparator: str, value) -> dict:
    return {"field": {"api_name": field}, "comparator": comparator, "value": value}


def refusal(answer) -> tuple[int, str]:
    assert set(answer.json) == {"code", "details", "message", "status"}
    return answer.status_code, answer.json["code"]


class TestJobs:
    def test_a_job_goes_through_its_states_and_tells_what_it_found(self, own):
        own.tell(action="bulk", polls=3)
        job = own.job(fields=["Email"])
        seen = [own.bulk(f"read/{job}").json["data"][0] for _ in range(4)]
        assert [one["state"] for one in seen] == ["ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"]
        assert set(seen[0]) == HEAD and seen[-1]["result"] == {
            "page": 1,
            "per_page": 200_000,
            "count": 30,
            "download_url": f"/crm/bulk/v8/read/{job}/result",
            "more_records": False,
        }

    def test_before_it_is_done_there_is_no_file(self, own):
        own.tell(action="bulk", polls=1)
        assert refusal(own.bulk(f"read/{own.job()}/result")) == (404, "RESOURCE_NOT_FOUND")

    def test_a_job_may_fail(self, own):
        own.tell(action="bulk", end="FAILURE")
        job = own.job()
        found = own.bulk(f"read/{job}").json["data"][0]
        assert found["state"] == "FAILURE" and found["result"]["error_message"]["code"] == "INTERNAL_SERVER_ERROR"
        assert refusal(own.bulk(f"read/{job}/result")) == (404, "RESOURCE_NOT_FOUND")

    @pytest.mark.parametrize("keeps", [True, False])
    def test_after_a_day_the_file_is_gone(self, own, keeps):
        own.tell(action="bulk", keeps=keeps)
        job = own.job()
        assert len(rows(own, job)) == 30
        own.tell(action="expire_tokens", pages=True)
        own.token = own.renew().json["access_token"]
        assert own.bulk(f"read/{job}").status_code == (200 if keeps else 404)
        assert refusal(own.bulk(f"read/{job}/result")) == (404, "RESOURCE_NOT_FOUND")

    def test_parts_go_on_by_page_tokens_for_a_day(self, own):
        own.tell(action="bulk", part=12)
        query, found = {}, []
        while True:
            job = own.job(**query)
            found += [row["Id"] for row in rows(own, job)]
            result = own.bulk(f"read/{job}").json["data"][0]["result"]
            if not result["more_records"]:
                break
            query = {"page_token": result["next_page_token"]}
        assert found == [one["id"] for one in own.truth()] and result["page"] == 3
        own.tell(action="expire_tokens", pages=True)
        own.token = own.renew().json["access_token"]
        assert refusal(own.bulk(query=query)) == (400, "EXPIRED_VALUE")

    def test_the_eleventh_download_in_a_minute_is_refused_and_those_behind_it(self, own):
        job = own.job()
        own.bulk(f"read/{job}")
        found = [own.bulk(f"read/{job}/result").status_code for _ in range(12)]
        assert found == [200] * 10 + [429] * 2

    def test_so_many_unfinished_jobs_refuse_another(self, own):
        own.tell(action="bulk", polls=5, busy=1)
        own.job()
        answer = own.bulk(query={"module": {"api_name": "Contacts"}})
        assert refusal(answer) == (429, "TOO_MANY_REQUESTS")


class TestFile:
    def test_everything_is_text(self, caller):
        fields = [
            "Email_Opt_Out",
            "Punkty",
            "Owner",
            "Owner.last_name",
            "Account_Name.Account_Name",
            "Tag",
            "Modified_Time",
        ]
        found = rows(caller, caller.job(fields=fields))
        assert next(iter(found[0])) == "Id" and set(found[0]) == {"Id", *fields}
        assert {row["Email_Opt_Out"] for row in found} == {"true", "false"} and "" in {row["Punkty"] for row in found}
        assert {row["Owner"] for row in found} == {"4150860000000225013"}
        assert any("," in row["Tag"] for row in found) and all("+0" in row["Modified_Time"] for row in found)

    def test_without_fields_all_that_are_exported_come(self, caller):
        found = rows(caller, caller.job())[0]
        assert {"Email", "Account_Name"} <= set(found) and not {"Record_Image", "Owner.last_name"} & set(found)

    def test_more_than_two_hundred_fields_are_all_there_are(self, own):
        own.tell(action="extra_fields", number=210)
        assert "Email" in rows(own, own.job(fields=[f"Pole_{n}" for n in range(210)]))[0]

    def test_leads_hold_the_converted_ones_unless_a_view_leaves_them_out(self, caller):
        leads = {"module": {"api_name": "Leads"}, "fields": ["$converted"]}
        found = rows(caller, caller.job(**leads))
        converted = [row for row in found if row["$converted"] == "true"]
        assert 0 < len(converted) < len(found) == 60
        assert len(rows(caller, caller.job(**leads, cvid="4150860000000600001"))) == 60 - len(converted)
        assert len(rows(caller, caller.job(**leads, criteria=criterion("$converted", "equal", "true")))) == len(
            converted
        )


class TestCriteria:
    def test_ids_can_be_compared(self, caller):
        everyone = ids(caller)
        assert ids(caller, criteria=criterion("id", "greater_than", everyone[9])) == everyone[10:]

    @pytest.mark.parametrize(
        ("field", "comparator", "value", "holds"),
        [
            ("Email_Opt_Out", "equal", "true", lambda one: one["Email_Opt_Out"] == "true"),
            ("Punkty", "less_equal", "1000", lambda one: one["Punkty"] != "" and int(one["Punkty"]) <= 1000),
            ("Punkty", "equal", "${EMPTY}", lambda one: one["Punkty"] == ""),
            ("Last_Name", "starts_with", "K", lambda one: one["Last_Name"].startswith("K")),
            ("Last_Name", "not_in", ["Nowak"], lambda one: one["Last_Name"] != "Nowak"),
        ],
    )
    def test_fields_are_compared_by_their_kinds(self, caller, field, comparator, value, holds):
        fields = ["Email_Opt_Out", "Punkty", "Last_Name"]
        everyone = rows(caller, caller.job(fields=fields))
        found = rows(caller, caller.job(fields=fields, criteria=criterion(field, comparator, value)))
        assert found == [one for one in everyone if holds(one)] and 0 < len(found) < len(everyone)

    def test_groups_are_joined_as_they_say(self, caller):
        everyone = ids(caller)
        parts = [criterion("id", "in", everyone[:3]), criterion("id", "in", everyone[2:5])]
        both = {"group_operator": "or", "group": parts}
        assert ids(caller, criteria=both) == everyone[:5]
        assert ids(caller, criteria={**both, "group_operator": "and"}) == everyone[2:3]


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"module": {"api_name": "Nikt"}}, "INVALID_MODULE"),
            ({"fields": ["Nikt"]}, "FIELD_NOT_AVAILABLE"),
            ({"fields": ["Record_Image"]}, "FIELD_NOT_SUPPORTED"),
            ({"fields": "Email"}, "INVALID_REQUEST"),
            ({"cvid": "1"}, "INVALID_DATA"),
            ({"page": 2}, "PAGE_RANGE_EXCEEDED"),
            ({"sort_by": "id"}, "INVALID_REQUEST"),
            ({"criteria": criterion("Description", "equal", "x")}, "FIELD_IN_CRITERIA_NOT_SUPPORTED"),
            ({"criteria": criterion("Email", "less_than", "x")}, "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED"),
            ({"criteria": criterion("Email", "in", "x")}, "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE"),
            ({"criteria": criterion("Punkty", "equal", "x")}, "INVALID_CRITERIA"),
            ({"criteria": {"group_operator": "xor", "group": []}}, "GROUP_OPERATOR_NOT_SUPPORTED"),
            (
                {"criteria": {"group_operator": "or", "group": [criterion("Email", "equal", "x")] * 26}},
                "CRITERIA_LIMIT_EXCEEDED",
            ),
        ],
    )
    def test_a_query_that_cannot_be_answered_is_refused(self, caller, query, code):
        assert refusal(caller.bulk(query={"module": {"api_name": "Contacts"}, **query})) == (400, code)

    def test_a_page_token_comes_alone(self, caller):
        assert refusal(caller.bulk(query={"page_token": "x", "fields": ["Email"]})) == (400, "INVALID_REQUEST")
        assert refusal(caller.bulk(query={"page_token": "x"})) == (400, "INVALID_DATA")

    def test_bodies_are_json(self, caller):
        assert refusal(caller.bulk(query={}, json=None, data="{}")) == (415, "MEDIA_TYPE_NOT_SUPPORTED")
        assert refusal(caller.bulk(query={}, json=[])) == (400, "REQUEST_BODY_NOT_READABLE")
        assert refusal(caller.bulk(query={}, json={"query": [], "x": 1})) == (400, "INVALID_REQUEST")

    def test_bulk_has_a_scope_of_its_own_beside_that_of_the_module(self):
        without = Caller().sign_in(scope=ASKED["scope"].replace(",ZohoCRM.bulk.READ", ""))
        assert without.get("Contacts", fields="Email").status_code == 200
        assert refusal(without.bulk(query={"module": {"api_name": "Contacts"}})) == (401, "OAUTH_SCOPE_MISMATCH")
        other = Caller().sign_in(scope="ZohoCRM.bulk.READ,ZohoCRM.modules.leads.READ")
        assert refusal(other.bulk(query={"module": {"api_name": "Contacts"}})) == (401, "OAUTH_SCOPE_MISMATCH")

    def test_what_the_profile_may_not_see_is_refused(self):
        caller = Caller("bezuprawnien").sign_in()
        assert refusal(caller.bulk(query={"module": {"api_name": "Leads"}})) == (403, "NO_PERMISSION")

    def test_an_unknown_job_is_not_found(self, caller):
        assert refusal(caller.bulk("read/7")) == (404, "RESOURCE_NOT_FOUND")
        assert refusal(caller.bulk("read/7/result")) == (404, "RESOURCE_NOT_FOUND")

    def test_jobs_are_ordered_by_post_and_looked_at_by_get(self, caller):
        assert refusal(caller.bulk("read")) == (404, "INVALID_URL_PATTERN")
        headers = {"Authorization": f"Zoho-oauthtoken {caller.token}"}
        answer = caller.client.delete("/zoho/bukowina/crm/bulk/v8/read", headers=headers)
        assert refusal(answer) == (400, "INVALID_REQUEST_METHOD")
