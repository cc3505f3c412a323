"""Shopify's bulk way: when it is taken, that it brings the same people, and that whatever goes wrong ends in pages."""

import json
import tracemalloc
from datetime import timedelta

import pytest

from webapp.connectors.base import Access, Group, Window
from webapp.connectors.http import Http, Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify import Shopify, bulk
from webapp.connectors.shopify.bulk import MOST_REFUSALS, MOST_VISITS, SHORT_WAITS
from webapp.connectors.shopify.files import ResultFile

from .reading import failure
from .standins import HOST, NOW, WHOLE, Visit, pages, people_of

CONTACTS = Group.CONTACTS
SOURCES = ["everyone", "subscribers", "tag:vip"]


@pytest.fixture
def visit() -> Visit:
    return Visit("shopify_in_bulk")


def read(visit, source="everyone", columns=(), page_size=2000, cursor=None):
    return people_of(pages(visit.connect(page_size), CONTACTS, source, columns, cursor=cursor))


def ids(people) -> list[str]:
    return [person.external_id for person in people]


def everyone(visit) -> list[str]:
    return [person["id"] for person in visit.truth()]


def files(visit) -> list[str]:
    return [path for path in visit.vendors.calls if "/bulk/" in path]


def stored(cursor):
    """As a cursor comes back out of the database."""
    return json.loads(json.dumps(cursor))


def seen_documents(visit) -> list[str]:
    """What the shop is asked from here on, and with which headers its files are."""
    asked, honest = [], visit.send

    def send(method, url, headers, content):
        asked.append(json.loads(content)["query"] if content.startswith(b"{") else (url, dict(headers)))
        return honest(method, url, headers, content)

    visit.send = send
    return asked


def with_file(visit, change) -> None:
    """From here on every part of a file is what `change` makes of it."""
    honest = visit.send

    def send(method, url, headers, content):
        answer = honest(method, url, headers, content)
        return change(answer) if "/bulk/" in url else answer

    visit.send = send


def other_rows(visit, rows: bytes) -> None:
    """The file holds these bytes instead."""
    headers = {"content-range": f"bytes 0-{len(rows) - 1}/{len(rows)}"}
    with_file(visit, lambda answer: Response(206, headers, rows))


class TestChoice:
    @pytest.fixture
    def shop(self, monkeypatch):
        visit = Visit("shopify")
        monkeypatch.setattr(Shopify, "bulk_above", 119)
        return visit

    @pytest.mark.parametrize("source", ["everyone", "subscribers"])
    def test_more_people_than_the_threshold_come_in_bulk(self, shop, source):
        read(shop, source)
        assert files(shop)

    def test_as_many_people_as_the_threshold_come_in_pages(self, shop, monkeypatch):
        monkeypatch.setattr(Shopify, "bulk_above", 120)
        read(shop)
        assert not files(shop)

    def test_for_a_few_samples_nothing_is_prepared(self, shop):
        http = Http(frozenset({HOST}), send=shop.send)
        access = Access(http, shop.credentials, dict, shop.stand_in.endpoints, 25, in_bulk=False)
        assert len(next(iter(Shopify(access).people(CONTACTS, "everyone", (), WHOLE, None))).people) == 25
        assert not files(shop)

    def test_it_is_the_number_with_the_tag_that_decides(self, shop, monkeypatch):
        read(shop, "tag:vip")
        assert not files(shop)
        monkeypatch.setattr(Shopify, "bulk_above", 5)
        read(shop, "tag:vip")
        assert files(shop)

    def test_leads_come_in_bulk_too(self, shop, monkeypatch):
        monkeypatch.setattr(Shopify, "bulk_above", -1)
        assert people_of(pages(shop.connect(), Group.LEADS, "abandoned_checkouts"))
        assert files(shop)

    def test_changes_and_segments_come_in_pages(self, shop, monkeypatch):
        monkeypatch.setattr(Shopify, "bulk_above", -1)
        asked = seen_documents(shop)
        window = Window(NOW - timedelta(days=3650), NOW + timedelta(minutes=5))
        assert people_of(pages(shop.connect(), CONTACTS, "everyone", window=window))
        assert read(shop, "segment:501000000003")
        assert not any("bulkOperation" in document for document in asked)

    def test_a_reading_in_pages_stays_in_pages(self, shop):
        assert ids(read(shop, cursor={"last_id": int(everyone(shop)[99])})) == everyone(shop)[100:]
        assert not files(shop)


class TestSamePeople:
    @pytest.mark.parametrize("source", SOURCES)
    def test_both_ways_bring_the_same_people_with_all_their_columns(self, visit, source):
        connector = visit.connect()
        columns = [field.key for field in connector.fields(CONTACTS, source)] + ["vanished", "metafield:erp.numer"]
        assert sum(column.startswith("metafield:") for column in columns) == 4
        in_bulk = read(visit, source, columns)
        assert files(visit)
        visit.stand_in = Visit("shopify", people=0).stand_in
        visit.vendors.calls.clear()
        assert in_bulk == read(visit, source, columns) and in_bulk
        assert not files(visit)

    def test_awkward_texts_come_as_in_pages(self, visit):
        names = ["\ud800", "a\udc00b", "\x00", "😀", "\\ud800", '"__parentId":', "a\nb\u2028c\r", "</b>/"]
        for index, name in enumerate(names):
            visit.tell(action="mutate", index=index, changes={"first_name": name})
        in_bulk = read(visit, columns=["firstName"])
        visit.stand_in = Visit("shopify", people=0).stand_in
        assert in_bulk == read(visit, columns=["firstName"])
        assert in_bulk[0].values == {"firstName": "\ufffd"} and in_bulk[5].values == {"firstName": '"__parentId":'}

    def test_pages_hold_no_more_people_than_asked_for_and_never_more_than_two_thousand(self):
        visit = Visit("shopify_in_bulk", people=2300)
        started, looked_through, *delivered = pages(visit.connect(2000), CONTACTS, "everyone")
        assert started.people == looked_through.people == []
        assert [len(page.people) for page in delivered] == [2000, 300]
        sizes = [len(page.people) for page in pages(visit.connect(9999), CONTACTS, "everyone")]
        assert max(sizes) == 2000 and sum(sizes) == 2300

    def test_rows_of_nested_connections_are_nobody(self, visit):
        rows = b'{"id":"gid://shopify/Customer/5"}\n{"key":"x","__parentId":"gid://shopify/Customer/5"}\n' * 60
        visit.tell(action="resize", people=60)
        other_rows(visit, rows)
        assert ids(read(visit)) == ["5"] * 60

    def test_one_spoilt_record_does_not_spoil_the_file(self, visit):
        visit.tell(action="resize", people=3)
        spoilt = (
            b'{"id":"gid:\\/\\/shopify\\/Customer\\/2","updatedAt":7}\nno record\n{"id":"gid://shopify/Customer/3"}'
        )
        other_rows(visit, spoilt)
        assert [(one.external_id, one.unreadable) for one in read(visit)] == [("2", True), ("", True), ("3", False)]


class TestGoingOn:
    @pytest.mark.parametrize("source", SOURCES)
    def test_going_on_from_any_cursor_reads_the_rest_of_the_same_file(self, visit, source):
        whole = pages(visit.connect(7), CONTACTS, source)
        started, delivered = len(visit.vendors.calls), 0
        for page in whole[:-1]:
            delivered += len(page.people)
            asked = seen_documents(visit)
            rest = read(visit, source, page_size=7, cursor=stored(page.cursor))
            assert ids(rest) == ids(people_of(whole))[delivered:]
            assert not any("bulkOperationRunQuery" in document for document in asked)
        assert len(visit.vendors.calls) > started

    def test_a_file_that_is_gone_costs_nobody(self, visit):
        whole = pages(visit.connect(25), CONTACTS, "everyone")
        visit.tell(action="expire_tokens", pages=True)
        rest = pages(visit.connect(25), CONTACTS, "everyone", cursor=stored(whole[2].cursor))
        assert rest[0].cursor == {"last_id": int(everyone(visit)[49])}
        assert ids(people_of(rest)) == everyone(visit)[50:]

    def test_a_file_that_is_no_longer_fresh_is_left_for_the_pages_which_know_who_withdrew_meanwhile(
        self, visit, monkeypatch
    ):
        whole = pages(visit.connect(25), CONTACTS, "everyone")
        monkeypatch.setattr(bulk, "FRESH", timedelta(0))
        visit.vendors.calls.clear()
        assert ids(read(visit, page_size=25, cursor=stored(whole[1].cursor))) == everyone(visit)[25:]
        assert not files(visit)

    def test_a_file_of_other_columns_is_not_misread(self, visit):
        columns = ["metafield:custom.birthday", "metafield:custom.rozmiar"]
        whole = pages(visit.connect(25), CONTACTS, "everyone", columns)
        rest = read(visit, columns=columns[1:], page_size=25, cursor=stored(whole[1].cursor))
        sizes = {one.values[columns[1]] for one in people_of(whole)}
        assert {one.values[columns[1]] for one in rest} <= sizes and ids(rest) == everyone(visit)[25:]

    def test_people_out_of_order_have_no_key_position_and_everyone_is_read_again(self, visit):
        visit.tell(action="bulk", order="halves")
        whole = pages(visit.connect(25), CONTACTS, "everyone")
        order = everyone(visit)
        assert ids(people_of(whole)) == order[60:] + order[:60]
        assert {page.cursor["last_id"] for page in whole[:-1]} == {0}
        assert ids(read(visit, page_size=25, cursor=stored(whole[2].cursor))) == (order[60:] + order[:60])[50:]
        visit.tell(action="expire_tokens", pages=True)
        assert ids(read(visit, page_size=25, cursor=stored(whole[2].cursor))) == order


class TestPreparing:
    def test_a_short_operation_is_waited_for_in_place(self, visit):
        visit.tell(action="bulk", polls=2)
        assert not any(page.later for page in pages(visit.connect(), CONTACTS, "everyone"))
        assert visit.waits == list(SHORT_WAITS)

    def test_a_long_one_frees_the_worker_and_is_found_again(self, visit):
        visit.tell(action="bulk", polls=8)
        asked, cursor, visits = seen_documents(visit), None, 0
        while True:
            read_now = []
            for page in visit.connect().people(CONTACTS, "everyone", [], WHOLE, cursor):
                read_now += ids(page.people)
                if page.later:
                    break
                cursor = page.cursor
            if not page.later:
                break
            assert page.people == [] and page.later >= 30 and not read_now
            cursor, visits = stored(page.cursor), visits + 1
        assert read_now == everyone(visit) and visits == 8 - len(SHORT_WAITS) + 1
        assert sum("bulkOperationRunQuery" in document for document in asked) == 1

    def test_one_that_never_ends_is_cancelled_and_everyone_comes_in_pages(self, visit):
        visit.tell(action="bulk", polls=None)
        asked = seen_documents(visit)
        found = pages(visit.connect(), CONTACTS, "everyone")
        assert sum(bool(page.later) for page in found) == MOST_VISITS
        assert ids(people_of(found)) == everyone(visit) and not files(visit)
        assert any("bulkOperationCancel" in document for document in asked)

    def test_while_others_are_in_the_way_it_asks_again_and_then_reads_in_pages(self, visit):
        visit.tell(action="bulk", others=5)
        found = pages(visit.connect(), CONTACTS, "everyone")
        assert sum(bool(page.later) for page in found) == MOST_REFUSALS
        assert ids(people_of(found)) == everyone(visit) and not files(visit)

    def test_when_the_others_are_done_it_starts(self, visit):
        visit.tell(action="bulk", others=5)
        reading = visit.connect().people(CONTACTS, "everyone", [], WHOLE, None)
        first = next(reading)
        assert first.later
        visit.tell(action="bulk")
        assert ids(read(visit, cursor=stored(first.cursor))) == everyone(visit) and files(visit)

    @pytest.mark.parametrize(
        "end",
        [
            {"end": "FAILED", "error": "TIMEOUT", "partial": 30},
            {"end": "FAILED", "error": "INTERNAL_SERVER_ERROR"},
            {"end": "CANCELED"},
            {"end": "EXPIRED"},
        ],
    )
    def test_one_that_ends_otherwise_leads_to_the_pages(self, visit, end):
        visit.tell(action="bulk", **end)
        assert ids(read(visit)) == everyone(visit) and not files(visit)

    def test_a_shop_that_refuses_the_query_is_read_in_pages(self, visit, monkeypatch):
        monkeypatch.setattr("webapp.connectors.shopify.reader.IN_BULK", "{ shop { name } } # %s %s %s")
        found = pages(visit.connect(), CONTACTS, "everyone")
        assert ids(people_of(found)) == everyone(visit)
        assert not files(visit) and not any(page.later for page in found)

    def test_an_operation_that_the_shop_does_not_know_leads_to_the_pages(self, visit):
        visit.tell(action="bulk", polls=None)
        cursor = stored(next(visit.connect().people(CONTACTS, "everyone", [], WHOLE, None)).cursor)
        cursor["bulk"]["operation"] = "gid://shopify/BulkOperation/1"
        assert ids(read(visit, cursor=cursor)) == everyone(visit) and not files(visit)

    def test_a_shop_without_bulk_operations_is_read_in_pages(self, visit):
        def refuse(body):
            unknown = {"message": "Field doesn't exist", "extensions": {"code": "undefinedField"}}
            return {"errors": [unknown]} if "bulkOperation" in (body.get("data") or {}) else body

        visit.spoil(refuse, "graphql")
        assert ids(read(visit)) == everyone(visit) and not files(visit)

    def test_nobody_where_many_were_counted_is_asked_again_in_pages(self, visit):
        visit.spoil(lambda body: _without_url(body), "graphql")
        assert ids(read(visit)) == everyone(visit)

    def test_a_part_of_the_search_that_the_shop_ignores_is_an_error_as_in_pages(self, visit):
        visit.tell(fault="search_warning")
        assert failure(lambda: read(visit, "tag:vip")).reason is Reason.BAD_RESPONSE
        assert not files(visit)

    def test_trouble_that_passes_is_raised_and_the_operation_is_found_again(self, visit):
        visit.tell(action="bulk", polls=9)
        reading = visit.connect().people(CONTACTS, "everyone", [], WHOLE, None)
        cursor = next(reading).cursor
        visit.tell(fault="internal_error")
        assert failure(lambda: next(reading)).reason is Reason.UNAVAILABLE
        visit.tell(action="clear")
        assert ids(read(visit, cursor=stored(cursor))) == everyone(visit) and files(visit)


def _without_url(body):
    operation = (body.get("data") or {}).get("bulkOperation")
    return {"data": {"bulkOperation": operation | {"url": None}}} if operation else body


class TestFile:
    def test_it_is_asked_in_parts_without_a_token(self, visit, monkeypatch):
        monkeypatch.setattr("webapp.connectors.shopify.files.PART", 30_000)
        visit.tell(action="resize", people=900)
        asked = seen_documents(visit)
        assert ids(read(visit)) == everyone(visit)
        parts = [headers for _, headers in (one for one in asked if isinstance(one, tuple)) if "Range" in headers]
        assert len(parts) > 2 and parts[0]["Range"] == "bytes=0-29999"
        assert not any("token" in name.lower() or name == "Authorization" for part in parts for name in part)

    def test_a_file_of_one_part_is_fetched_once(self, visit):
        read(visit)
        assert len(files(visit)) == 1

    @pytest.mark.parametrize("cut", [1, 40, 5_000])
    def test_a_file_that_is_cut_off_is_not_used(self, visit, cut):
        visit.tell(action="bulk", cut=cut)
        found = pages(visit.connect(), CONTACTS, "everyone")
        assert ids(people_of(found)) == everyone(visit)
        assert (found[1].cursor == {"last_id": 0}) is (cut > 1)  # without its last line feed the file is whole

    @pytest.mark.parametrize(
        "host", ["https://evil.example", "http://storage.googleapis.com", "https://x@127.0.0.1:8010"]
    )
    def test_a_foreign_address_is_not_asked(self, visit, host):
        visit.tell(action="bulk", host=host)
        assert ids(read(visit)) == everyone(visit) and not files(visit)

    def test_the_store_that_the_vendor_documents_is_asked(self, visit):
        visit.tell(action="bulk", host="https://storage.googleapis.com")
        assert ids(read(visit)) == everyone(visit) and files(visit)

    def test_a_store_that_does_not_know_ranges_is_left(self, visit):
        visit.tell(action="bulk", ranges=False)
        assert ids(read(visit)) == everyone(visit)

    @pytest.mark.parametrize(
        "fault",
        [
            {"fault": "status", "status": 403},
            {"fault": "status", "status": 404},
            {"fault": "status", "status": 416},
            {"fault": "status", "status": 503},
            {"fault": "html"},
            {"fault": "html", "status": 206},
            {"fault": "truncated"},
            {"fault": "empty"},
            {"fault": "redirect"},
        ],
    )
    def test_a_store_that_fails_is_left(self, visit, fault):
        visit.tell(on="file", **fault)
        assert ids(read(visit)) == everyone(visit)

    def test_a_store_that_fails_in_the_middle_costs_nobody_and_brings_nobody_twice(self, visit, monkeypatch):
        monkeypatch.setattr("webapp.connectors.shopify.files.PART", 30_000)
        visit.tell(action="resize", people=900)
        reading, found = visit.connect(100).people(CONTACTS, "everyone", [], WHOLE, None), []
        while len(found) < 200:
            found += ids(next(reading).people)
        visit.tell(fault="status", status=404, on="file")
        rest = list(reading)
        assert found + ids(people_of(rest)) == everyone(visit)
        assert {"last_id": int(everyone(visit)[399])} in [page.cursor for page in rest]

    def test_a_file_that_changes_its_size_is_left(self, visit, monkeypatch):
        monkeypatch.setattr("webapp.connectors.shopify.files.PART", 30_000)
        visit.tell(action="resize", people=900)
        sizes = iter(range(200_000, 900_000))

        def change(answer):
            start = answer.headers["content-range"].rpartition("/")[0]
            return Response(206, {"content-range": f"{start}/{next(sizes)}"}, answer.body)

        with_file(visit, change)
        assert ids(read(visit)) == everyone(visit) and len(files(visit)) == 2

    def test_a_store_that_sends_another_part_is_left(self, visit, monkeypatch):
        monkeypatch.setattr("webapp.connectors.shopify.files.PART", 30_000)
        visit.tell(action="resize", people=900)
        first = []

        def change(answer):
            first.append(answer)
            return first[0]

        with_file(visit, change)
        assert ids(read(visit)) == everyone(visit) and len(files(visit)) == 2

    @pytest.mark.parametrize("status", [200, 404])
    def test_a_part_that_is_not_said_to_be_one_is_left(self, visit, status):
        with_file(visit, lambda answer: Response(status, answer.headers, answer.body))
        assert {"last_id": 0} in [page.cursor for page in pages(visit.connect(), CONTACTS, "everyone")]

    def test_whole_lines_that_are_missing_are_missed_before_anybody_is_taken(self, visit):
        def cut(answer):
            body = b"".join(answer.body.splitlines(keepends=True)[:-20])
            return Response(206, {"content-range": f"bytes 0-{len(body) - 1}/{len(body)}"}, body)

        with_file(visit, cut)
        found = pages(visit.connect(), CONTACTS, "everyone")
        assert [page.cursor for page in found[:2] if not page.people][1] == {"last_id": 0}
        assert ids(people_of(found)) == everyone(visit)

    def test_too_much_at_once_is_left(self, visit):
        def refuse(answer):
            raise ConnectorError(Reason.TOO_LARGE)

        with_file(visit, refuse)
        assert ids(read(visit)) == everyone(visit)

    def test_a_line_longer_than_a_part_is_left(self, visit, monkeypatch):
        monkeypatch.setattr("webapp.connectors.shopify.files.PART", 50)
        assert ids(read(visit)) == everyone(visit)


class LongFile:
    """A file of so many people that nobody holds: its parts are made when they are asked for, all lines of one length."""

    def __init__(self, people: int):
        self.people, self.length = people, len(self.line(0))

    def line(self, place: int) -> bytes:
        return b'{"id":"gid://shopify/Customer/%012d","note":"%s"}\n' % (place + 1, b"x" * 700)

    def part(self, method, url, headers, content) -> Response:
        first, last = (int(number) for number in headers["Range"].removeprefix("bytes=").split("-"))
        size = self.people * self.length
        last = min(last, size - 1)
        lines = b"".join(self.line(place) for place in range(first // self.length, last // self.length + 1))
        start = first % self.length
        return Response(206, {"content-range": f"bytes {first}-{last}/{size}"}, lines[start : start + last - first + 1])


def test_memory_stays_flat_however_long_the_file_is():
    http = Http(send=(file := LongFile(60_000)).part)
    found = ResultFile(http, "https://storage.googleapis.com/x.jsonl", "https://bukowina.myshopify.com")
    tracemalloc.start()
    lines = sum(1 for _ in found.lines(0))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == 60_000 and most < 12_000_000 < file.people * file.length / 3
