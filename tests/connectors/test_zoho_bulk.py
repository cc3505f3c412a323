"""Zoho's bulk way: the same people as page by page, nobody lost whatever becomes of a job, and nothing believed unseen."""

import json
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from tempfile import TemporaryFile

import pytest
import time_machine

from webapp.connectors.base import Access, Group, Window
from webapp.connectors.http import Http, NoRoom, Response
from webapp.connectors.reasons import Reason
from webapp.connectors.zoho import Zoho
from webapp.connectors.zoho.bulk import IN_PLACE, MOST_STUMBLES, MOST_VISITS
from webapp.connectors.zoho.columns import Described, Picked
from webapp.connectors.zoho.files import ResultFile
from webapp.connectors.zoho.jobs import Stumbled
from webapp.connectors.zoho.layout import Layout

from .reading import failure
from .standins import HOST, NOW, WHOLE, Visit, pages, people_of

CONTACTS, LEADS = Group.CONTACTS, Group.LEADS
KRAKOW = "view:4150860000000500002"


@pytest.fixture
def visit() -> Visit:
    """Everyone comes in bulk, in jobs that are done when they are looked at."""
    return Visit("zoho_in_bulk", people=30)


def stored(cursor):
    return json.loads(json.dumps(cursor))


def ids(people) -> list[str]:
    return [person.external_id for person in people]


def read(visit, *columns, source="everyone", group=CONTACTS, cursor=None, page_size=7):
    return people_of(pages(visit.connect(page_size), group, source, columns, WHOLE, cursor))


def everyone(visit) -> list[str]:
    return [one["id"] for one in visit.truth()]


def asked(visit, part: str) -> list[str]:
    return [path for path in visit.vendors.calls if part in path]


def of_records(visit) -> list[str]:
    """Requests for records, by page or by id."""
    return [path for path in visit.vendors.calls if path.endswith(("/crm/v8/Contacts", "/crm/v8/Leads"))]


def posted(visit) -> list[dict]:
    """The queries of jobs that are asked for from here on."""
    queries, honest = [], visit.send

    def send(method, url, headers, content):
        if method == "POST" and url.endswith("/bulk/v8/read"):
            queries.append(json.loads(content)["query"])
        return honest(method, url, headers, content)

    visit.send = send
    return queries


def counted(visit, number: int) -> None:
    """From here on Zoho counts so many people."""
    visit.spoil(lambda body: {"count": number}, "actions/count")


def without_scope(visit) -> None:
    """As somebody who signed in before bulk was asked for."""
    honest = visit.send
    body = {"code": "OAUTH_SCOPE_MISMATCH", "details": {}, "message": "invalid oauth scope", "status": "error"}
    refusal = Response(401, {"content-type": "application/json"}, json.dumps(body).encode())
    visit.send = lambda method, url, *rest: refusal if "/bulk/" in url else honest(method, url, *rest)


def without_empty(person):
    """A file cannot tell an empty text from none."""
    return replace(person, values={key: None if value == "" else value for key, value in person.values.items()})


class TestSamePeople:
    @pytest.mark.parametrize("separator", [",", ";"])
    @pytest.mark.parametrize("group", [CONTACTS, LEADS])
    def test_people_are_the_same_as_page_by_page_in_every_column(self, group, separator):
        in_bulk, in_pages = Visit("zoho_in_bulk", people=400), Visit("zoho", people=400)
        in_bulk.tell(action="bulk", separator=separator)
        connector = in_pages.connect()
        for source in [one.id for one in connector.sources(group)]:
            columns = [field.key for field in connector.fields(group, source)] + ["vanished"]
            expected = {
                one.external_id: without_empty(one) for one in people_of(pages(connector, group, source, columns))
            }
            found = {one.external_id: one for one in read(in_bulk, *columns, source=source, group=group)}
            assert found == expected, source
        assert asked(in_bulk, "/result") and not of_records(in_bulk)

    def test_values_have_the_same_types(self):
        columns = ("Punkty", "Wydano", "Email_Opt_Out", "Owner", "Account_Name", "Tag", "Zainteresowania", "Full_Name")
        in_bulk = read(Visit("zoho_in_bulk", people=60), *columns)
        in_pages = read(Visit("zoho", people=60), *columns)
        kinds = [[type(value) for value in person.values.values()] for person in in_bulk]
        assert kinds == [[type(value) for value in person.values.values()] for person in in_pages]
        assert {"Jan Kowalski"} == {person.values["Owner"] for person in in_bulk}

    def test_an_organisation_without_the_field_for_opting_out_knows_no_consent(self):
        visit = Visit("zoho_in_bulk", people=30)
        visit.spoil(
            lambda body: {"fields": [one for one in body["fields"] if one["api_name"] != "Email_Opt_Out"]}, "/fields"
        )
        assert {person.consent for person in read(visit)} == {None}

    def test_the_column_of_ids_may_be_written_in_either_way(self, visit):
        visit.tell(action="bulk", header="id")
        assert ids(read(visit)) == everyone(visit)

    def test_one_row_of_another_length_is_unreadable_and_the_others_arrive(self, visit):
        visit.tell(fault="bulk_file", how="bent")
        assert [one.unreadable for one in read(visit)] == [False, True] + [False] * 28

    @pytest.mark.parametrize(("number", "requests"), [(150, 0), (250, 2)])
    def test_fields_beyond_what_a_job_exports_are_joined_by_id(self, visit, number, requests):
        visit.tell(action="extra_fields", number=number)
        counted(visit, 150_000)
        people = read(visit, *(f"Pole_{n}" for n in range(number)), page_size=100)
        assert [one.values[f"Pole_{number - 1}"] for one in people] == [f"{number - 1}/{n}" for n in range(30)]
        assert None not in people[0].values.values()
        assert len(of_records(visit)) == requests

    def test_what_jobs_do_not_export_is_joined_where_pages_cannot_reach(self, visit):
        visit.tell(action="bulk", unsupported=["Account_Name.Account_Name", "Punkty"])
        counted(visit, 150_000)
        expected = read(Visit("zoho", people=30), "Account_Name", "Punkty", "Rozmiar")
        assert read(visit, "Account_Name", "Punkty", "Rozmiar") == expected and asked(visit, "/result")

    def test_and_is_left_to_the_pages_where_they_can(self, visit):
        visit.tell(action="bulk", unsupported=["Punkty"])
        assert read(visit, "Punkty") == read(Visit("zoho", people=30), "Punkty") and not asked(visit, "/result")


class TestChoice:
    @pytest.mark.parametrize(("people", "bulk"), [(20_000, False), (20_001, True)])
    def test_a_whole_pass_of_more_than_twenty_thousand_is_read_in_bulk(self, people, bulk):
        visit = Visit("zoho", people=30)
        counted(visit, people)
        assert ids(read(visit)) == everyone(visit) and bool(asked(visit, "/result")) is bulk

    def test_changes_are_not(self, visit):
        window = Window(NOW - timedelta(days=900), NOW)
        assert len(people_of(pages(visit.connect(), CONTACTS, "everyone", window=window))) == 30
        assert not asked(visit, "/bulk/")

    def test_for_a_few_samples_no_job_is_started(self, visit):
        http = Http(frozenset({HOST}), send=visit.send)
        access = Access(http, visit.credentials, dict, visit.stand_in.endpoints, 25, in_bulk=False)
        connector = visit.stand_in.connector(access)
        assert next(iter(connector.people(CONTACTS, "everyone", ["Email"], WHOLE, None))).people
        assert not asked(visit, "/bulk/")

    def test_a_view_is_read_in_bulk_with_its_own_people(self, visit):
        queries = posted(visit)
        visit.tell(action="resize", people=200)
        expected = {one.external_id for one in read(Visit("zoho", people=200), source=KRAKOW)}
        assert set(ids(read(visit, source=KRAKOW))) == expected and queries[0]["cvid"] == KRAKOW.removeprefix("view:")

    def test_whoever_began_page_by_page_goes_on_so(self, visit):
        cursor = stored(pages(Visit("zoho", people=30).connect(7), CONTACTS, "everyone")[1].cursor)
        assert ids(read(visit, cursor=cursor | {"token": None})) == everyone(visit)[14:] and not asked(visit, "/bulk/")

    def test_unless_the_pages_cannot_reach_the_end(self, visit):
        counted(visit, 100_001)
        queries = posted(visit)
        assert ids(read(visit, cursor={"last_id": everyone(visit)[13], "token": "x"})) == everyone(visit)[14:]
        assert queries[0]["criteria"]["value"] == everyone(visit)[13]

    def test_where_nobody_counts_the_end_of_the_pages_leads_on_in_bulk(self, monkeypatch):
        monkeypatch.setattr("sandbox.zoho.records.MOST_BY_TOKEN", 14)
        visit = Visit("zoho", people=60)
        both = ids(read(visit, source="with_converted", group=LEADS))
        assert len(both) == 30 == len(set(both)) and asked(visit, "/result")


class TestWithoutScope:
    def test_the_pages_go_on_working(self, visit):
        without_scope(visit)
        assert ids(read(visit)) == everyone(visit)
        assert len(read(visit, source=KRAKOW)) == len(read(Visit("zoho", people=30), source=KRAKOW))

    def test_above_what_they_reach_it_is_said_what_to_do(self, visit):
        without_scope(visit)
        counted(visit, 100_001)
        assert failure(lambda: read(visit)).reason is Reason.TOO_LARGE
        assert "Connect the account again" in Zoho.sentences[Reason.TOO_LARGE] and not of_records(visit)

    def test_it_is_asked_for_at_signing_in(self, visit):
        visit.tell(action="expire_tokens")
        assert ids(read(visit)) == everyone(visit) and asked(visit, "/result")


class TestPreparing:
    def test_a_short_job_is_waited_for_in_place(self, visit):
        visit.tell(action="bulk", polls=len(IN_PLACE))
        assert not any(page.later for page in pages(visit.connect(), CONTACTS, "everyone"))
        assert visit.waits == list(IN_PLACE)

    def test_a_long_one_frees_the_worker_and_is_found_again(self, visit):
        visit.tell(action="bulk", polls=8)
        queries, cursor, visits, found = posted(visit), None, 0, []
        while True:
            for page in visit.connect().people(CONTACTS, "everyone", [], WHOLE, cursor):
                found += ids(page.people)
                cursor = stored(page.cursor)
                if page.later:
                    break
            if not page.later:
                break
            assert not found and page.later >= 30
            visits += 1
        assert found == everyone(visit) and visits == 8 - len(IN_PLACE) and len(queries) == 1

    @pytest.mark.parametrize(("number", "reason"), [(30, None), (150_000, Reason.TIMEOUT)])
    def test_one_that_never_ends_is_left_after_an_hour(self, visit, number, reason):
        visit.tell(action="bulk", polls=None)
        counted(visit, number)
        seen = []
        read_all = lambda: seen.extend(visit.connect().people(CONTACTS, "everyone", [], WHOLE, None))  # noqa: E731
        if reason:
            assert failure(read_all).reason is reason
        else:
            read_all()
            assert ids(people_of(seen)) == everyone(visit)
        assert sum(bool(page.later) for page in seen) == MOST_VISITS and sum(page.later for page in seen) <= 3600

    @pytest.mark.parametrize(("number", "reason"), [(30, None), (150_000, Reason.UNAVAILABLE)])
    def test_jobs_that_fail_are_replaced_a_few_times(self, visit, number, reason):
        visit.tell(action="bulk", end="FAILURE")
        counted(visit, number)
        queries = posted(visit)
        if reason:
            assert failure(lambda: read(visit)).reason is reason
        else:
            assert ids(read(visit)) == everyone(visit)
        assert len(queries) == MOST_STUMBLES

    def test_one_that_fails_once_costs_nobody(self, visit):
        visit.tell(action="bulk", end="FAILURE", polls=9)
        reading = visit.connect().people(CONTACTS, "everyone", [], WHOLE, None)
        next(reading)
        visit.tell(action="bulk", end="FAILURE", polls=0)
        next(reading)
        visit.tell(action="bulk", end="COMPLETED")
        assert ids(people_of(list(reading))) == everyone(visit) and asked(visit, "/result")

    def test_too_many_jobs_at_once_is_trouble_that_passes(self, visit):
        visit.tell(action="bulk", busy=0)
        assert failure(lambda: read(visit)).reason is Reason.RATE_LIMITED

    def test_a_view_that_cannot_be_exported_is_read_page_by_page(self, visit):
        visit.tell(action="bulk", views=False)
        assert len(read(visit, source=KRAKOW)) == len(read(Visit("zoho", people=30), source=KRAKOW))
        counted(visit, 150_000)
        assert failure(lambda: read(visit, source=KRAKOW)).reason is Reason.TOO_LARGE

    def test_trouble_of_the_account_is_not_taken_for_a_failed_job(self, visit):
        visit.tell(fault="status", on="bulk_job", status=503)
        assert failure(lambda: read(visit)).reason is Reason.UNAVAILABLE
        assert len(asked(visit, "/bulk/v8/read")) == 1 + 4


class TestGoingOn:
    def walked(self, visit) -> list:
        return [page for page in pages(visit.connect(7), CONTACTS, "everyone") if page.people]

    def test_the_same_file_is_read_on_while_it_is_there(self, visit):
        whole, queries = self.walked(visit), posted(visit)
        assert ids(read(visit, cursor=stored(whole[1].cursor))) == everyone(visit)[14:] and not queries

    @pytest.mark.parametrize("keeps", [True, False])
    def test_a_day_later_a_new_job_is_asked_for_the_rest(self, visit, keeps):
        whole, queries = self.walked(visit), posted(visit)
        visit.tell(action="bulk", keeps=keeps)
        visit.expire_tokens(pages=True)
        assert ids(read(visit, cursor=stored(whole[1].cursor))) == everyone(visit)[14:]
        behind = {"field": {"api_name": "id"}, "comparator": "greater_than", "value": everyone(visit)[13]}
        assert [query["criteria"] for query in queries] == [behind]

    def test_an_old_file_is_not_used_although_it_is_there(self, visit):
        whole, queries = self.walked(visit), posted(visit)
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=7)):
            visit.credentials["access_token_expires"] = "2099-01-01T00:00:00+00:00"
            assert ids(read(visit, cursor=stored(whole[1].cursor))) == everyone(visit)[14:] and len(queries) == 1

    def test_where_ids_cannot_be_compared_everyone_comes_and_those_before_are_passed_over(self, visit):
        whole, queries = self.walked(visit), posted(visit)
        visit.tell(action="bulk", id_criteria=False)
        visit.expire_tokens(pages=True)
        assert ids(read(visit, cursor=stored(whole[1].cursor))) == everyone(visit)[14:]
        assert ["criteria" in query for query in queries] == [True, False]

    @pytest.mark.parametrize("order", ["halves", "changed"])
    def test_without_an_order_no_position_is_believed_and_nobody_is_lost(self, visit, order):
        visit.tell(action="bulk", order=order)
        whole = self.walked(visit)
        assert set(ids(people_of(whole))) == set(everyone(visit))
        assert {page.cursor["last_id"] for page in whole[:-1]} == {"0"}
        rest = read(visit, cursor=stored(whole[1].cursor))
        assert ids(rest) == ids(people_of(whole))[14:]
        visit.expire_tokens(pages=True)
        assert set(ids(read(visit, cursor=stored(whole[1].cursor)))) == set(everyone(visit))

    @pytest.mark.parametrize("order", ["id", "halves"])
    def test_more_than_a_job_holds_comes_in_parts(self, visit, order):
        visit.tell(action="bulk", part=8, order=order)
        whole = self.walked(visit)
        assert len(asked(visit, "/result")) == 4 and sorted(ids(people_of(whole))) == everyone(visit)
        delivered = 0
        for page in whole[:-1]:
            delivered += len(page.people)
            rest = ids(read(visit, cursor=stored(page.cursor)))
            assert rest == ids(people_of(whole))[delivered:]
        visit.expire_tokens(pages=True)
        for page in whole[:-1]:
            assert set(ids(read(visit, cursor=stored(page.cursor)))) == set(everyone(visit))

    def test_a_part_that_fails_again_and_again_is_left(self, visit):
        visit.tell(action="bulk", part=8)
        honest = visit.send
        part_two = Response(400, {"content-type": "application/json"}, b'{"code":"EXPIRED_VALUE","status":"error"}')
        visit.send = lambda m, url, h, body: part_two if b"page_token" in body else honest(m, url, h, body)
        found = read(visit)
        assert set(ids(found)) == set(everyone(visit)) and len(asked(visit, "/result")) == MOST_STUMBLES

    def test_deleted_while_it_is_read_is_no_reason_to_stumble(self, visit):
        reading = visit.connect(7).people(CONTACTS, "everyone", [], WHOLE, None)
        next(reading)
        visit.tell(action="delete", index=20)
        assert len(people_of(list(reading))) == 30


class TestFile:
    @pytest.mark.parametrize("how", ["second", "short", "bomb", "latin", "empty", "locked", "folder", "name"])
    def test_a_file_that_is_not_what_was_promised_is_not_used(self, visit, how):
        visit.tell(fault="bulk_file", how=how)
        assert ids(read(visit)) == everyone(visit) and len(asked(visit, "/result")) == MOST_STUMBLES
        counted(visit, 150_000)
        error = failure(lambda: read(visit))
        assert error.reason is (Reason.TOO_LARGE if how == "bomb" else Reason.BAD_RESPONSE)

    @pytest.mark.parametrize("fault", ["truncated", "html", "empty"])
    def test_nor_one_that_was_damaged_on_the_way(self, visit, fault):
        visit.tell(fault=fault, on="bulk_result", times=1)
        assert ids(read(visit)) == everyone(visit) and len(asked(visit, "/result")) == 2

    def test_without_room_for_it_the_pages_are_read(self, visit, monkeypatch):
        def full(*_, **__):
            raise NoRoom

        monkeypatch.setattr(Http, "download", full)
        assert ids(read(visit)) == everyone(visit)
        counted(visit, 150_000)
        assert failure(lambda: read(visit)).reason is Reason.UNAVAILABLE

    def test_more_downloads_than_a_minute_has_are_trouble_that_passes(self, visit):
        visit.tell(action="bulk", downloads=2, part=8)
        assert failure(lambda: read(visit)).reason is Reason.RATE_LIMITED

    def test_the_address_is_ours_whatever_the_job_says(self, visit):
        def elsewhere(body):
            for job in body["data"]:
                job.get("result", {})["download_url"] = "https://evil.example/x"
            return body

        honest = visit.send
        visit.spoil(elsewhere, "/bulk/v8/read/")
        spoilt = visit.send
        visit.send = lambda m, url, *rest: (honest if "/result" in url else spoilt)(m, url, *rest)
        assert ids(read(visit)) == everyone(visit)

    def test_converted_leads_are_told_apart_although_the_file_holds_them(self, visit):
        visit.tell(action="resize", people=200)
        in_pages = Visit("zoho", people=30)
        assert ids(read(visit, group=LEADS)) == ids(read(in_pages, group=LEADS))
        both = read(visit, group=LEADS, source="with_converted")
        assert len(both) == 15 > len(read(visit, group=LEADS))

    @pytest.mark.parametrize("body", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"<html>"])
    def test_rubbish_is_no_file(self, body):
        with pytest.raises(Stumbled):
            list(ResultFile(BytesIO(body), 1).look_through())

    @pytest.mark.parametrize("header", ["Email", "Id,id", "", "x\r\n\r\n"])
    def test_a_file_without_one_column_of_ids_is_none(self, header):
        with pytest.raises(Stumbled):
            list(ResultFile(zipped([f"{header}\n1,2\n".encode()]), 1).look_through())

    def test_memory_stays_flat_however_long_it_is(self):
        line = b"%d,%s\n"
        parts = (b"Id,Description\n", *(line % (n + 1, b"opis osoby numer %d " % n * 40) for n in range(20_000)))
        file, size = zipped(parts, on_disk=True), sum(map(len, parts))
        tracemalloc.start()
        found = ResultFile(file, 20_000)
        list(found.look_through())
        assert found.rises and sum(1 for _ in found.rows(0)) == 20_000
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 2_500_000 < size / 5


def zipped(parts, on_disk=False):
    file = TemporaryFile() if on_disk else BytesIO()  # noqa: SIM115
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("1.csv", "w") as entry:
        entry.writelines(parts)
    return file


class TestLayout:
    @pytest.mark.parametrize(
        ("kind", "json_type", "text", "value"),
        [
            ("boolean", "boolean", "true", True),
            ("boolean", "boolean", "FALSE", False),
            ("boolean", "boolean", "yes", "yes"),
            ("integer", "integer", "-12", -12),
            ("integer", "integer", "1.5", "1.5"),
            ("bigint", "string", "9" * 19, "9" * 19),
            ("currency", "double", "2.50", 2.5),
            ("currency", "double", "nan", "nan"),
            ("formula", "double", "7", 7.0),
            ("formula", "string", "7", "7"),
            ("text", "string", " ", " "),
            ("text", None, "x\r\ny", "x\r\ny"),
            ("text", "string", "", None),
        ],
    )
    def test_a_text_becomes_what_a_page_would_hold(self, kind, json_type, text, value):
        layout = Layout(["X"], [Described("X", kind, json_type=json_type)], [])
        assert layout.reader(["Id", "X"], 0)(["7", text]) == {"id": "7", "X": value}

    @pytest.mark.parametrize(
        ("module", "column"), [({"api_name": "Accounts"}, "X.Account_Name"), ("Nowe", "X.Name"), (None, "X.Name")]
    )
    def test_a_lookup_is_asked_for_by_the_name_behind_it(self, module, column):
        layout = Layout(["X"], [Described("X", "lookup", lookup={"module": module})], [])
        assert layout.asked == [column]
        assert layout.reader([column, "Id"], 1)(["ACME", "7"]) == {"id": "7", "X": {"name": "ACME"}}
        assert layout.reader([column, "Id"], 1)(["", "7"]) == {"id": "7", "X": None}

    def test_choices_are_parted_where_only_choices_are_left(self):
        values = [Picked(text, text) for text in ("A", "B, C", "D")]
        described = [Described("X", "multiselectpicklist", pick_list_values=values)]
        record = Layout(["X"], described, []).reader(["Id", "X"], 0)
        found = [record(["7", text])["X"] for text in ("A", "B, C", "A,D", "A;B, C", "nowe;A", "nowe,A")]
        assert found == [["A"], ["B, C"], ["A", "D"], ["A", "B, C"], ["nowe", "A"], ["nowe", "A"]]
