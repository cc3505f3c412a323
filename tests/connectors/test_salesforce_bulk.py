"""The bulk way of reading Salesforce: chosen where it pays, the same people as in pages, and nobody lost whatever becomes of the job."""

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Thread

import pytest

from sandbox.server import serve
from tests.vendors import BASE
from webapp.connectors.base import Access, Consent, Group, Window
from webapp.connectors.http import Http, Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce import Salesforce, bulk
from webapp.connectors.salesforce.results import ResultSet

from .reading import failure
from .salesforce_org import Org
from .standins import HOST, WHOLE, SalesforceInBulk, pages, people_of

COLUMNS = ["Email", "Name", "LeadSource", "Zainteresowania__c", "Account.Name", "Punkty__c"]
CITY = "view:00BRO0000000002AAA"
MOST_PAGES = 400


class BulkOrg(Org):
    """An organisation that is read in bulk; `variant` says how."""

    variant: type[Salesforce] = SalesforceInBulk

    def connect(self, page_size=250, in_bulk=True, **options):
        http = Http(frozenset({HOST}), send=lambda *asked: self.send(*asked), sleep=self.waits.append, **options)
        keep, renew = self.credentials.update, self._renew
        access = Access(http, dict(self.credentials), keep, self.stand_in.endpoints, page_size, renew, in_bulk)
        return self.variant(access)

    @property
    def jobs(self) -> list[dict]:
        """What the vendor still keeps."""
        path = "/salesforce/bukowina/services/data/v67.0/jobs/query"
        headers = {"Authorization": f"Bearer {self.credentials['access_token']}"}
        return self.vendors.client.get(path, headers=headers).json["records"]

    def made(self) -> int:
        """How many jobs were asked for."""
        return sum(path.endswith("/jobs/query") for path in self.vendors.calls)

    def visits(self, *columns, page_size=7, cursor=None, source="everyone", group=Group.CONTACTS, hasty=False):
        """As workers do it: whoever is told to come later leaves, and another one comes back with the cursor alone.

        The hasty leave after each page.
        """
        read = []
        while not read or cursor is not None:
            cursor = json.loads(json.dumps(cursor))
            for page in self.connect(page_size).people(group, source, list(columns), WHOLE, cursor):
                read.append(page)
                cursor = page.cursor
                assert len(read) < MOST_PAGES
                if page.later or hasty:
                    break
        return read


class InPages(SalesforceInBulk):
    bulk_above = 10**9


@pytest.fixture
def org() -> BulkOrg:
    return BulkOrg()


def ids(people) -> list[str]:
    return [one.external_id for one in people]


def everyone(org) -> list[str]:
    return [one["id"] for one in org.truth()]


def in_pages(org, *columns, **options):
    """The same people by the ordinary way."""
    org.variant = InPages
    found = org.read(*columns, **options)
    org.variant = SalesforceInBulk
    return found


class TestSamePeople:
    @pytest.mark.parametrize("group", [Group.CONTACTS, Group.LEADS])
    @pytest.mark.parametrize("name", ["bukowina", "bezopt"])
    def test_both_ways_give_the_same_people_with_all_their_values(self, name, group):
        org = BulkOrg(name, people=300)
        columns = [one.key for one in org.connect().fields(group, "everyone")] + ["vanished"]
        read = org.read(*columns, group=group)
        assert org.made() == 1 and len(read) > 10
        assert read == in_pages(org, *columns, group=group)
        assert org.made() == 1

    def test_every_kind_of_value_is_compared(self):
        org = BulkOrg(people=300)
        org.tell(action="mutate", index=2, changes={"note": 'wiersz\r\n"drugi", trzeci\n\n;\x00', "points": 7.5})
        people = org.read(
            "Uwagi__c", "Punkty__c", "Birthdate", "HasOptedOutOfEmail", "CreatedDate", "Zainteresowania__c"
        )
        values = people[2].values
        assert (values["Uwagi__c"], values["Punkty__c"]) == ('wiersz\r\n"drugi", trzeci\n\n;\x00', 7.5)
        found = [{type(one.values[column]) for one in people} for column in values]
        assert found == [{str, type(None)}, {float, type(None)}, {str, type(None)}, {bool}, {str}, {list, type(None)}]
        assert all(one.values["CreatedDate"].endswith("+0000") for one in people)
        assert people == in_pages(org, *values)

    @pytest.mark.parametrize("source", ["with_converted", CITY, "campaign:701RO0000000001AAA"])
    def test_other_sources_give_the_same_people_too(self, source):
        org, group = BulkOrg(people=120), Group.LEADS if source == "with_converted" else Group.CONTACTS
        read = org.read(*COLUMNS, source=source, group=group)
        assert read and read == in_pages(org, *COLUMNS, source=source, group=group)

    def test_labels_are_what_people_see(self, org):
        honest = org.send

        def send(method, url, *rest):
            answer = honest(method, url, *rest)
            body = answer.body.replace('"label":"Góry"'.encode(), b'"label":"Szczyty"')
            return Response(answer.status, answer.headers, body if "describe" in url else answer.body)

        org.send = send
        assert ["Szczyty", "Rowery"] in [one.values["Zainteresowania__c"] for one in org.read("Zainteresowania__c")]

    def test_columns_that_fit_into_no_address_come_in_one_job(self, org):
        columns = [one.key for one in org.connect().fields(Group.CONTACTS, "everyone")]
        asked, honest = [], org.send
        org.send = lambda method, url, headers, content: (asked.append(content), honest(method, url, headers, content))[
            1
        ]
        org.read(*columns)
        queries = [json.loads(content)["query"] for content in asked if b'"operation"' in content]
        assert len(queries) == 1 and all(name in queries[0] for name in columns)


class TestChoice:
    @pytest.mark.parametrize(("above", "made"), [(29, 1), (30, 0)])
    def test_only_more_people_than_the_threshold_come_in_bulk(self, org, above, made):
        org.variant = type("Some", (SalesforceInBulk,), {"bulk_above": above})
        assert ids(org.read()) == everyone(org) and org.made() == made

    def test_the_threshold_is_twenty_thousand(self):
        assert Salesforce.bulk_above == 20_000

    def test_changes_come_in_pages(self, org):
        window = Window(datetime.now(UTC) - timedelta(days=900), datetime.now(UTC))
        assert org.read(window=window) and org.made() == 0

    def test_samples_come_in_pages_and_at_once(self, org):
        page = next(org.connect(25, in_bulk=False).people(Group.CONTACTS, "everyone", [], WHOLE, None))
        assert len(page.people) == 25 and org.made() == 0

    def test_whom_a_scope_chooses_comes_in_pages(self, org):
        assert org.read(source=CITY) and org.made() == 0

    def test_what_is_left_of_a_pass_that_began_in_pages_comes_in_bulk(self, org):
        first = next(org.connect(7, in_bulk=False).people(Group.CONTACTS, "everyone", [], WHOLE, None))
        assert ids(first.people) + ids(org.read(cursor=first.cursor)) == everyone(org) and org.made() == 1


class TestWaiting:
    def test_a_short_job_is_waited_for_here(self, org):
        read = pages(org.connect(7), Group.CONTACTS, "everyone")
        assert not any(page.later for page in read) and org.waits == [1, 2]

    def test_a_long_one_frees_the_worker_and_nobody_is_lost(self, org):
        org.tell(action="prepare_jobs", steps=6)
        read = org.visits()
        later = [page.later for page in read if page.later]
        assert later == [5, 10, 20, 40, 60] and org.made() == 1 and sum(org.waits) <= 5
        assert ids(people_of(read)) == everyone(org)
        assert all(page.cursor["last_id"] == "" and page.people == [] for page in read if page.later)

    def test_whoever_stays_instead_of_leaving_gets_the_same(self, org):
        org.tell(action="prepare_jobs", steps=6)
        assert ids(org.read()) == everyone(org) and org.made() == 1

    def test_a_job_that_never_ends_is_stopped_and_the_people_come_in_pages(self, org):
        org.tell(fault="job_endless")
        read = org.visits()
        assert sum(page.later for page in read) < 1800 and len([page for page in read if page.later]) < 30
        assert ids(people_of(read)) == everyone(org)
        assert [job["state"] for job in org.jobs] == ["Aborted"] and org.made() == 1

    def test_jobs_that_end_too_late_again_and_again_do_not_keep_a_run_for_ever(self, org, monkeypatch):
        monkeypatch.setattr(bulk, "FRESH", timedelta(0))
        assert ids(people_of(org.visits())) == everyone(org)
        assert org.made() <= 5


class TestGoingOn:
    def test_from_any_cursor_exactly_the_rest_comes_out_of_the_same_job(self, org, monkeypatch):
        monkeypatch.setattr("webapp.connectors.salesforce.jobs.QueryJobs.delete", lambda self, job: None)
        org.tell(action="prepare_jobs", steps=4)
        read = pages(org.connect(7), Group.CONTACTS, "everyone", ["Email"])
        delivered = []
        for page in read[:-1]:
            delivered += ids(page.people)
            if page.cursor["bulk"]["job"]:
                assert (
                    ids(org.read("Email", cursor=json.loads(json.dumps(page.cursor))))
                    == everyone(org)[len(delivered) :]
                )
        assert org.made() == 1 and len(read) > 8

    def test_going_on_near_the_end_of_a_large_set_is_no_loop(self, org):
        org.variant = type("Large", (SalesforceInBulk,), {"set_size": 30})
        first = []
        for page in org.connect(1).people(Group.CONTACTS, "everyone", [], WHOLE, None):
            first.append(page)
            if len(people_of(first)) == 28:
                break
        rest = org.read(cursor=first[-1].cursor, page_size=1)
        assert ids(people_of(first)) + ids(rest) == everyone(org) and len(rest) == 2

    @pytest.mark.parametrize("taken", range(1, 8))
    def test_a_job_that_is_gone_is_replaced_by_one_for_those_who_are_left(self, org, taken):
        first = list(islice(org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None), taken))
        org.tell(action="expire_jobs")
        rest = org.read(cursor=first[-1].cursor)
        assert ids(people_of(first)) + ids(rest) == everyone(org) and org.made() == 2

    def test_old_results_are_left_and_deleted_and_who_withdrew_meanwhile_is_told_so(self, org, monkeypatch):
        reading = org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None)
        first = [next(reading) for _ in range(4)]
        assert len(people_of(first)) == 10
        org.tell(action="mutate", index=20, changes={"consent": "unsubscribed"})
        place = first[-1].cursor["bulk"]
        place["started_at"] = (datetime.fromisoformat(place["started_at"]) - timedelta(hours=24)).isoformat()
        rest = org.read(cursor=first[-1].cursor)
        assert ids(people_of(first)) + ids(rest) == everyone(org)
        assert rest[10].consent is Consent.WITHDRAWN and org.made() == 2 and org.jobs == []

    def test_results_that_grow_old_while_they_are_read_are_left_too(self, org, monkeypatch):
        turns = iter([False, False, False, True])
        monkeypatch.setattr(bulk.Bulk, "_is_old", lambda self: next(turns, False))
        assert ids(org.read()) == everyone(org) and org.made() == 2 and org.jobs == []

    def test_whoever_asks_for_other_columns_gets_another_job(self, org):
        first = list(islice(org.connect(7).people(Group.CONTACTS, "everyone", ["Email"], WHOLE, None), 4))
        rest = org.read("Email", "Name", cursor=first[-1].cursor)
        assert ids(people_of(first)) + ids(rest) == everyone(org) and org.made() == 2 and org.jobs == []
        assert all(one.values["Name"] for one in rest if one.values["Email"])

    def test_whoever_asks_for_other_people_gets_another_job(self, org):
        view = {"query": "SELECT Id FROM Contact WHERE LeadSource != 'nikt'"}
        org.spoil(lambda body: body | view, "AAA/describe")
        first = list(islice(org.connect(7).people(Group.CONTACTS, CITY, ["LeadSource"], WHOLE, None), 4))
        view["query"] = "SELECT Id FROM Contact WHERE LeadSource = 'Web'"
        rest = org.read("LeadSource", source=CITY, cursor=first[-1].cursor)
        assert {one.values["LeadSource"] for one in rest} == {"Web"} and org.made() == 2

    def test_a_field_that_is_hidden_meanwhile_costs_nobody(self, org):
        first = list(islice(org.connect(7).people(Group.CONTACTS, "everyone", ["Email", "Punkty__c"], WHOLE, None), 4))
        org.tell(action="hide_field", name="Punkty__c")
        rest = org.read("Email", "Punkty__c", cursor=first[-1].cursor)
        assert ids(people_of(first)) + ids(rest) == everyone(org)
        assert {one.values["Punkty__c"] for one in rest} == {None}

    @pytest.mark.parametrize(("taken", "made"), [(4, 2), (6, 1)])
    def test_few_who_are_left_come_in_pages(self, org, taken, made):
        org.variant = type("Some", (SalesforceInBulk,), {"bulk_above": 15})
        first = list(islice(org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None), taken))
        org.tell(action="expire_jobs")
        assert ids(people_of(first)) + ids(org.read(cursor=first[-1].cursor)) == everyone(org) and org.made() == made

    def test_no_copy_of_the_people_stays_behind(self, org):
        org.read()
        assert org.jobs == []

    def test_a_last_page_that_was_never_saved_is_read_once_more(self, org):
        read = pages(org.connect(7), Group.CONTACTS, "everyone")
        assert ids(org.read(cursor=read[-2].cursor)) == ids(read[-1].people)


class TestTrouble:
    @pytest.mark.parametrize(
        "fault", ["bulk_refused", "bulk_limit", "job_fails", "job_aborted", "job_gone", "locator_lost"]
    )
    def test_whatever_becomes_of_a_job_everyone_comes_once(self, org, fault):
        org.tell(fault=fault)
        assert ids(people_of(org.visits())) == everyone(org)
        assert org.made() <= 5

    @pytest.mark.parametrize("fault", ["bulk_refused", "job_fails", "csv_unordered"])
    def test_after_the_bulk_way_has_failed_nobody_tries_it_again_in_this_pass(self, org, fault):
        org.tell(fault=fault)
        read = org.visits(hasty=True)
        assert ids(people_of(read)) == everyone(org) and org.made() == 1
        assert sum(bool(page.people) for page in read) == 5

    def test_that_it_has_failed_is_known_before_the_first_page(self, org):
        org.tell(fault="job_fails")
        org.tell(fault="status", status=503, on="query", after=1)
        read = []
        assert failure(lambda: take_all(org, read)).reason is Reason.UNAVAILABLE
        assert read[-1].cursor == {"last_id": "", "bulk": None}

    def test_results_without_end_are_left(self, org):
        org.tell(fault="endless", on="results")
        assert failure(org.read).reason is Reason.PAGING_LOOP and len(org.requested("/results")) < 12

    @pytest.mark.parametrize("fault", ["truncated", "bom", "invalid_utf8", "html", "text_plain", "empty"])
    @pytest.mark.parametrize("times", [1, 1000])
    def test_damaged_results_are_not_taken_and_everyone_comes_once(self, org, fault, times):
        org.tell(fault=fault, on="results", after=1, times=times)
        assert org.read("Email", "LastName") == in_pages(org, "Email", "LastName")
        assert org.made() <= 5

    def test_people_out_of_order_are_noticed_and_nobody_is_lost(self, org):
        org.tell(fault="csv_unordered")
        assert set(ids(people_of(org.visits()))) == set(everyone(org))

    @pytest.mark.parametrize("stay", [12, 99])
    def test_whoever_comes_before_those_already_delivered_ends_the_bulk_way(self, org, stay):
        """Each set for itself is in order, as parallel chunks would be."""
        halves, honest = everyone(org), org.send

        def send(method, url, headers, content):
            answer = honest(method, url, headers, content)
            if "/results" not in url or "locator" in url:
                return answer
            lines = [f'"{number}","2026-01-01T00:00:00.000Z","false"' for number in halves[20:]]
            body = "\n".join(['"Id","SystemModstamp","HasOptedOutOfEmail"', *lines, ""])
            return Response(200, answer.headers, body.encode())

        org.send = send
        read = list(islice(org.connect(1).people(Group.CONTACTS, "everyone", [], WHOLE, None), stay))
        rest = org.read(cursor=read[-1].cursor, page_size=1) if read[-1].cursor else []
        assert set(ids(people_of(read) + rest)) == set(halves) and org.made() == 1
        assert bool(rest) is (stay == 12)

    def test_sets_without_anybody_and_without_end_are_left(self, org):
        honest = org.send

        def send(method, url, headers, content):
            answer = honest(method, url, headers, content)
            if "/results" not in url:
                return answer
            told = {**answer.headers, "sforce-numberofrecords": "0", "sforce-locator": "MTA"}
            return Response(200, told, b'"Id","SystemModstamp","HasOptedOutOfEmail"\n')

        org.send = send
        assert ids(org.read()) == everyone(org)

    def test_a_set_that_is_too_large_is_asked_for_in_smaller_ones(self):
        org = BulkOrg(people=120)
        org.variant, honest, sizes = type("Large", (SalesforceInBulk,), {"set_size": 100}), org.send, []

        def send(method, url, headers, content):
            answer = honest(method, url, headers, content)
            if "/results" in url:
                sizes.append(int(answer.headers["sforce-numberofrecords"]))
            if "/results" in url and len(answer.body) > 2_500:
                raise ConnectorError(Reason.TOO_LARGE)
            return answer

        org.send = send
        assert ids(org.read()) == everyone(org) and sizes[:2] == [100, 50] and max(sizes[3:]) <= 25

    def test_passing_trouble_is_passed_on_and_the_job_is_found_again(self, org):
        reading = org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None)
        read = [next(reading) for _ in range(4)]
        org.tell(fault="status", status=503, on="results")
        error = failure(lambda: read.extend(reading))
        assert (error.reason, error.permanent) == (Reason.UNAVAILABLE, False)
        org.tell(action="clear")
        assert ids(people_of(read)) + ids(org.read(cursor=read[-1].cursor)) == everyone(org) and org.made() == 1

    def test_reading_stops_before_the_last_fifth_of_the_days_requests_and_goes_on_the_next_day(self, org):
        reading = org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None)
        read = [next(reading) for _ in range(3)]
        org.tell(action="use_requests", number=13_000)
        assert failure(lambda: read.extend(reading)).reason is Reason.QUOTA_USED_UP
        org.tell(action="use_requests", number=0)
        assert ids(people_of(read)) + ids(org.read(cursor=read[-1].cursor)) == everyone(org)

    def test_access_that_is_taken_back_is_said_and_not_read_around(self, org):
        reading = org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None)
        next(reading)
        org.tell(action="revoke_tokens")
        assert failure(lambda: list(reading)).reason is Reason.UNAUTHORIZED


@pytest.fixture
def wired(org):
    """The same organisation over a socket; gives the address."""
    running = serve(org.vendors.client.application, "127.0.0.1", 0)
    Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{running.port}"
    running.shutdown()
    running.server_close()


class TestOnTheWire:
    @pytest.mark.parametrize("options", [{}, {"max_bytes": 25_000}])
    def test_everyone_comes_whole_or_in_what_fits(self, org, wired, options):
        org.tell(action="resize", people=400)
        people = read_over(wired, org, **options)
        kinds = [one["kind"] for one in asked(org)]
        assert kinds.count("jobs") == 1 and (kinds.count("results") > 4) is bool(options)
        assert people == in_pages(org, *COLUMNS) and org.jobs == []

    @pytest.mark.parametrize("fault", ["truncated", "gzip_bomb", "huge", "reset"])
    def test_a_connection_that_breaks_or_brings_too_much_costs_nobody(self, org, wired, fault):
        org.tell(fault=fault, on="results", times=1)
        assert ids(read_over(wired, org)) == everyone(org)


def read_over(address, org, **options):
    http = Http(frozenset({address}), sleep=lambda seconds: None, backoff=lambda attempt: 0, **options)
    endpoints = org.stand_in.endpoints | {"login_url": f"http://{address}/salesforce/{{login_host}}"}
    home = f"http://{address}/salesforce/bukowina"
    access = Access(http, org.credentials | {"instance_url": home}, lambda kept: None, endpoints, 7)
    connector = type("Large", (SalesforceInBulk,), {"set_size": 400})(access)
    with http:
        return people_of(pages(connector, Group.CONTACTS, "everyone", COLUMNS))


def asked(org):
    return org.vendors.client.get("/control/requests?vendor=salesforce&shop=bukowina", environ_base=BASE).json[
        "requests"
    ]


def take_all(org, into):
    """Each page is kept as it comes."""
    for page in org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None):
        into.append(page)


HEADERS = {"content-type": "text/csv; charset=UTF-8", "sforce-numberofrecords": "2", "sforce-locator": "null"}
ASKED = {"Id": "id", "Email": "email", "Punkty__c": "double", "Account.Name": "string"}
GOOD = b'"Id","Email","Punkty__c","Account.Name"\n"1","a@example.com","5.0",""\n"2","","3.5E8","x ""y""\r\nz"\n'


class TestSets:
    def test_a_whole_set_is_read(self):
        found = ResultSet(Response(200, HEADERS, GOOD), ASKED)
        assert (found.ids, found.following) == (["1", "2"], None)
        assert list(found.records()) == [
            {"Id": "1", "Email": "a@example.com", "Punkty__c": 5.0, "Account": {"Name": None}},
            {"Id": "2", "Email": None, "Punkty__c": 3.5e8, "Account": {"Name": 'x "y"\r\nz'}},
        ]

    @pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
    def test_either_line_end_will_do(self, end):
        body = GOOD.replace(b'""\r\nz', b"").replace(b"\n", b"\r\n").removesuffix(b"\r\n") + end
        assert ResultSet(Response(200, HEADERS, body), ASKED).ids == ["1", "2"]

    @pytest.mark.parametrize(
        ("cell", "value"), [("12", 12), ("-0.5", -0.5), ("1_000", "1_000"), ("nan", "nan"), ("12 zł", "12 zł")]
    )
    def test_numbers_are_what_json_would_make_of_them(self, cell, value):
        body = f'"Id","Punkty__c"\n"1","{cell}"\n'.encode()
        told = HEADERS | {"sforce-numberofrecords": "1"}
        assert (
            next(ResultSet(Response(200, told, body), {"Id": "id", "Punkty__c": "double"}).records())["Punkty__c"]
            == value
        )

    @pytest.mark.parametrize(
        ("told", "body"),
        [
            ({"content-type": "application/json"}, GOOD),
            ({"sforce-numberofrecords": "3"}, GOOD),
            ({"sforce-numberofrecords": "1"}, GOOD),
            ({"sforce-numberofrecords": "wiele"}, GOOD),
            ({}, GOOD[:-4]),
            ({}, GOOD[: GOOD.index(b'"3.5')]),
            ({}, GOOD.replace(b'"Email"', b'"E-mail"', 1)),
            ({}, GOOD.replace(b'"5.0",""', b'"5.0"')),
            ({}, GOOD.replace(b'"5.0",""', b'"5.0","","x"')),
            ({}, b"\xef\xbb\xbf" + GOOD),
            ({}, GOOD.replace(b"a@", b"\xb3@")),
            ({}, b""),
        ],
    )
    def test_a_set_that_is_not_whole_or_not_what_was_asked_for_is_a_bad_response(self, told, body):
        error = failure(lambda: ResultSet(Response(200, HEADERS | told, body), ASKED))
        assert error.reason is Reason.BAD_RESPONSE

    @pytest.mark.parametrize("missing", ["sforce-numberofrecords", "sforce-locator"])
    def test_a_set_that_does_not_say_how_it_goes_on_is_a_bad_response(self, missing):
        told = {name: value for name, value in HEADERS.items() if name != missing}
        assert failure(lambda: ResultSet(Response(200, told, GOOD), ASKED)).reason is Reason.BAD_RESPONSE
