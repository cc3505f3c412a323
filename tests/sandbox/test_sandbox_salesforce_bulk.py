"""The stand-in's query jobs before a judge who knows nothing of us: simple-salesforce's client of Bulk API 2.0."""

import csv
import io

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding, Operation, _Bulk2Client
from simple_salesforce.exceptions import SalesforceGeneralError, SalesforceMalformedRequest, SalesforceOperationError

from .test_sandbox_salesforce_judges import Judge

COLUMNS = ["Id", "Email", "LastName", "HasOptedOutOfEmail", "SystemModstamp", "Birthdate", "Punkty__c", "Account.Name"]
EVERYONE = f"SELECT {', '.join(COLUMNS)} FROM Contact ORDER BY Id"


@pytest.fixture
def judge(server) -> Judge:
    return Judge(server)


@pytest.fixture
def org(judge) -> Salesforce:
    return judge.org()


@pytest.fixture
def client(org) -> _Bulk2Client:
    return org.bulk2.Contact._client


def read(text: str, delimiter=",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def prepared(client, query=EVERYONE, **options) -> str:
    number = client.create_job(Operation.query, query, **options)["id"]
    client.wait_for_job(number, True, 0)
    return number


def answered(client, method, path="", **options):
    return client.session.request(
        method, f"{client.bulk2_url}query{path}", headers=client.headers, timeout=5, **options
    )


class TestReading:
    def test_it_reads_everyone_in_sets_and_stops_at_the_last(self, judge, org):
        sets = list(org.bulk2.Contact.query(EVERYONE, max_records=50, wait=0))
        assert [len(read(one)) - 1 for one in sets] == [50, 50, 20]
        assert {tuple(read(one)[0]) for one in sets} == {tuple(COLUMNS)}
        found = [(row[0], row[1] or None, row[3] == "true", row[4].replace("Z", "+0000")) for row in rows(sets)]
        assert found == judge.truth()

    def test_its_rows_say_what_the_records_of_a_query_say(self, org):
        sets = list(org.bulk2.Contact.query(EVERYONE, wait=0))
        for row, record in zip(rows(sets), org.query_all(EVERYONE)["records"], strict=True):
            company = (record["Account"] or {}).get("Name")
            points = "" if record["Punkty__c"] is None else str(record["Punkty__c"])
            name = (record["LastName"] or "").replace("\x00", "")  # which this client leaves out
            assert row[2].replace("\x00", "") == name
            assert (row[5], row[6], row[7]) == (record["Birthdate"] or "", points, company or "")

    def test_a_job_tells_its_state_until_it_is_complete(self, judge, client):
        judge.tell(action="prepare_jobs", steps=2)
        made = client.create_job(Operation.query, EVERYONE)
        told = [client.get_job(made["id"], True) for _ in range(3)]
        assert [made["state"], *(one["state"] for one in told)] == [
            "UploadComplete",
            "InProgress",
            "InProgress",
            "JobComplete",
        ]
        assert told[-1]["numberRecordsProcessed"] == 120 and "numberRecordsProcessed" not in made
        assert (made["object"], made["apiVersion"], made["lineEnding"]) == ("Contact", 67.0, "LF")

    def test_people_are_as_they_were_when_the_job_was_made(self, judge, client):
        number = prepared(client)
        judge.tell(action="mutate", index=0, changes={"email": "nowy@example.com"})
        judge.tell(action="delete", index=1)
        found = read(client.get_query_results(number)["records"])[1:]
        assert len(found) == 120 and found[0][1] != "nowy@example.com"

    def test_other_delimiters_and_line_ends_are_spoken(self, client):
        options = {"column_delimiter": ColumnDelimiter.SEMICOLON, "line_ending": LineEnding.CRLF}
        number = prepared(client, "SELECT Id, Email FROM Contact ORDER BY Id", **options)
        text = client.get_query_results(number)["records"]
        assert text.startswith('"Id";"Email"\r\n"003') and len(read(text, ";")) == 121

    def test_those_who_are_deleted_are_seen_only_by_query_all(self, judge, org):
        judge.tell(action="delete", index=3)
        query = "SELECT Id FROM Contact WHERE IsDeleted = true"
        assert [len(read(one)) for one in org.bulk2.Contact.query(query, wait=0)] == [1]
        assert [len(read(one)) for one in org.bulk2.Contact.query_all(query, wait=0)] == [2]

    def test_a_locator_stays_good_and_an_unasked_for_packing_is_left_out(self, client):
        number = prepared(client)
        locator = client.get_query_results(number, max_records=30)["locator"]
        again = [client.get_query_results(number, locator, 30) for _ in range(2)]
        assert again[0] == again[1]
        answer = client.session.get(
            f"{client.bulk2_url}query/{number}/results",
            headers=client.headers | {"Accept-Encoding": "identity"},
            timeout=5,
        )
        assert "Content-Encoding" not in answer.headers and answer.headers["Sforce-Locator"] == "null"


class TestEnding:
    def test_a_job_that_runs_can_be_aborted_and_one_that_is_over_cannot(self, client):
        number = client.create_job(Operation.query, EVERYONE)["id"]
        assert client.abort_job(number, True)["state"] == "Aborted"
        with pytest.raises(SalesforceMalformedRequest):
            client.abort_job(number, True)

    def test_a_job_that_is_over_can_be_deleted_and_one_that_runs_cannot(self, client):
        number = client.create_job(Operation.query, EVERYONE)["id"]
        assert answered(client, "DELETE", f"/{number}").status_code == 400
        client.wait_for_job(number, True, 0)
        assert answered(client, "DELETE", f"/{number}").status_code == 204
        assert answered(client, "GET", f"/{number}").status_code == 404

    @pytest.mark.parametrize(("fault", "words"), [("job_fails", "QUERY_TIMEOUT"), ("job_aborted", "Aborted")])
    def test_a_job_can_fail_or_be_aborted_by_somebody(self, judge, org, fault, words):
        judge.tell(fault=fault)
        with pytest.raises(SalesforceOperationError, match=words):
            next(org.bulk2.Contact.query(EVERYONE, wait=0))

    def test_a_job_is_gone_after_seven_days_and_does_not_end_with_the_session(self, judge, client):
        number = prepared(client)
        judge.tell(action="expire_tokens")
        client.headers["Authorization"] = f"Bearer {judge.org().session_id}"
        assert client.get_job(number, True)["state"] == "JobComplete"
        judge.tell(action="expire_jobs")
        assert answered(client, "GET", f"/{number}/results").status_code == 404


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("SELECT COUNT() FROM Contact", "API_ERROR"),
            ("SELECT Id, MailingAddress FROM Contact", "API_ERROR"),
            ("SELECT Id FROM Organization", "INVALIDENTITY"),
            ("SELECT Nope__c FROM Contact", "INVALID_FIELD"),
            ("SELECT FROM Contact", "MALFORMED_QUERY"),
        ],
    )
    def test_a_query_that_no_job_can_run_is_refused_with_its_code(self, client, query, code):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            client.create_job(Operation.query, query)
        assert [one["errorCode"] for one in caught.value.content] == [code]

    @pytest.mark.parametrize(
        ("fault", "code"), [("bulk_refused", "FEATURENOTENABLED"), ("bulk_limit", "EXCEEDEDQUOTA")]
    )
    def test_whoever_may_not_or_has_too_many_is_refused(self, judge, client, fault, code):
        judge.tell(fault=fault)
        with pytest.raises(SalesforceMalformedRequest, match=code):
            client.create_job(Operation.query, EVERYONE)

    def test_results_of_a_job_that_is_not_complete_are_refused(self, client):
        number = client.create_job(Operation.query, EVERYONE)["id"]
        with pytest.raises(SalesforceGeneralError, match="JOB_NOT_COMPLETE"):
            client.get_query_results(number)

    def test_a_locator_that_is_none_is_refused(self, judge, client):
        number = prepared(client)
        judge.tell(fault="locator_lost")
        for locator in ("nonsense", "MzA"):
            with pytest.raises(SalesforceMalformedRequest, match="locator"):
                client.get_query_results(number, locator)

    def test_each_request_counts_and_the_jobs_of_the_day_are_told(self, org, client):
        before = org.limits()["DailyApiRequests"]["Remaining"]
        prepared(client)
        limits = org.limits()
        assert before - limits["DailyApiRequests"]["Remaining"] == 4
        assert limits["DailyBulkV2QueryJobs"] == {"Max": 10_000, "Remaining": 9_999}


def rows(sets: list[str]) -> list[list[str]]:
    return [row for one in sets for row in read(one)[1:]]
