"""Paging that loses nobody: cursors that are refused, people who leave meanwhile, pages that are too heavy."""

import json

import msgspec
import pytest

from webapp.connectors.base import Group
from webapp.connectors.bigcommerce.customers import Customers, Place
from webapp.connectors.bigcommerce.subscribers import overlapping
from webapp.connectors.reasons import Reason

from .bigcommerce_store import RECENT, WHOLE, Store, failure, ids

BOTH = pytest.mark.parametrize("source", ["everyone", "subscribers"])


def rest(store, source, cursor, window=WHOLE):
    return ids(store.read(source, window=window, cursor=json.loads(json.dumps(cursor))))


@BOTH
@pytest.mark.parametrize("people", [0, 1, 6, 7, 8, 14, 15, 60])
def test_everyone_comes_once_and_in_order(source, people):
    store = Store(people)
    truth = store.truth("subscribers" if source == "subscribers" else "people")
    assert ids(store.read(source)) == [one["id"] for one in truth]


def test_a_store_without_customers_is_one_page_of_nobody():
    store = Store(0)
    assert [(list(page.people), page.cursor) for page in store.pages()] == [([], None)]
    assert store.queries("v3/customers/subscribers") == []


@pytest.mark.parametrize("size", [2, 3, 5, 7, 250])
def test_each_page_of_subscribers_overlaps_the_one_before_or_follows_it(size):
    position = 0
    for _ in range(60):
        number, limit = overlapping(position, size)
        start, end = (number - 1) * limit, number * limit
        no_page_holds_the_row_before = all(position % smaller == 0 for smaller in range(2, size + 1))
        assert limit <= size and start <= position < end
        assert (start == position) is no_page_holds_the_row_before
        position = end


def test_overlapping_costs_few_requests():
    position, requests = 0, 0
    while position < 10_000:
        number, limit = overlapping(position, 250)
        position, requests = number * limit, requests + 1
    assert requests <= 43


class TestGoingOn:
    @pytest.mark.parametrize("source", ["everyone", "group:1"])
    def test_a_cursor_that_is_too_old_costs_nothing_but_reading_again(self, source):
        store = Store(60)
        pages = store.pages(source)
        whole = ids(person for page in pages for person in page.people)
        store.tell(action="expire_cursors")
        delivered = 0
        for page in pages[:-1]:
            delivered += len(page.people)
            assert rest(store, source, page.cursor) == whole[delivered:]

    def test_pages_that_are_skipped_are_signs_of_life(self):
        store = Store(30)
        cursor = store.pages()[-2].cursor
        store.tell(action="expire_cursors")
        pages = store.pages(cursor=cursor)
        quiet = [page.cursor for page in pages if not page.people]
        assert len(quiet) >= 3 and {at["last_id"] for at in quiet} == {cursor["last_id"]}

    def test_a_cursor_that_leads_elsewhere_is_not_believed(self):
        store = Store(30)
        pages = store.pages()
        first, third = (next(page.cursor for page in pages[n:] if page.people) for n in (0, 3))
        swapped = {**third, "after": first["after"]}
        assert rest(store, "everyone", swapped) == rest(store, "everyone", third) != []

    def test_the_last_one_delivered_may_be_deleted_meanwhile(self):
        store = Store(30)
        cursor = store.pages()[-3].cursor
        expected = rest(store, "everyone", cursor)
        store.tell(action="delete", id=cursor["last_id"])
        store.tell(action="expire_cursors")
        found = rest(store, "everyone", cursor)
        assert found[-len(expected) :] == expected and len(found) <= len(expected) + 7

    def test_a_cursor_that_dies_in_the_middle_of_a_pass_loses_nobody(self):
        store = Store(30)
        expected = ids(store.read())
        found = []
        for place, page in enumerate(store.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None)):
            found += ids(page.people)
            if place == 5:
                store.tell(action="expire_cursors")
        assert found == expected

    def test_the_second_part_of_a_window_is_entered_by_its_own_cursor(self):
        store = Store(30)
        for index in range(30):
            store.tell(action="mutate", index=index, changes={"consent": "unsubscribed"})
        pages = store.pages(window=RECENT)
        whole = ids(person for page in pages for person in page.people)
        assert len(whole) > 14 and "subscribers" in pages[-2].cursor
        delivered = 0
        for page in pages[:-1]:
            delivered += len(page.people)
            assert rest(store, "everyone", page.cursor, RECENT) == whole[delivered:]

    def test_a_cursor_that_is_not_ours_is_a_bad_response_not_a_crash(self):
        assert failure(lambda: Store(3).read(cursor={"last_id": "x"})).reason is Reason.BAD_RESPONSE


class TestLeaving:
    @pytest.mark.parametrize("gone", [[0], [0, 1, 2], [5, 6, 7, 8], [0, 13, 14]])
    def test_subscribers_who_leave_during_a_pass_take_nobody_with_them(self, gone):
        store = Store(60)
        leaving = {store.truth()[index]["id"] for index in gone}
        found = []
        for page in store.connect(7).people(Group.CONTACTS, "subscribers", [], WHOLE, None):
            found += ids(page.people)
            if len(found) == 14:
                for id_ in leaving:
                    store.tell(action="delete", id=id_)
        assert set(found) >= {one["id"] for one in store.truth("subscribers")}

    def test_subscribers_who_leave_between_two_passes_take_nobody_with_them(self):
        store = Store(60)
        cursor = store.pages("subscribers")[2].cursor
        for index in (0, 3, 4):
            store.tell(action="delete", index=index)
        behind = {one["id"] for one in store.truth("subscribers") if int(one["id"]) > cursor["last_id"]}
        assert set(rest(store, "subscribers", cursor)) >= behind != set()


class TestTrouble:
    @BOTH
    @pytest.mark.parametrize("fault", ["endless", "cursor_loop", "cursor_stuck"])
    def test_a_store_that_pages_for_ever_is_left(self, source, fault):
        store = Store(30)
        store.tell(fault=fault, on="customers" if source == "everyone" else "subscribers")
        assert failure(lambda: store.read(source)).reason is Reason.PAGING_LOOP
        assert len(store.asked) < 40

    @pytest.mark.parametrize("fault", ["duplicate_pages", "empty_pages"])
    def test_pages_that_come_twice_or_empty_lose_nobody(self, fault):
        store = Store(30)
        store.tell(fault=fault)
        assert set(ids(store.read())) == {one["id"] for one in store.truth()}

    def test_pages_that_are_too_heavy_are_asked_for_in_smaller_ones(self):
        store = Store(600)
        store.tell(fault="too_heavy", limit=100)
        assert len(store.read(columns=["address.city"], page_size=250)) == 600
        assert {query["limit"] for query in store.queries("v3/customers")} == {"250", "125", "62"}

    def test_without_anything_included_a_smaller_page_would_not_help(self):
        store = Store(30)
        store.tell(fault="status", status=504, on="customers")
        assert failure(store.read).reason is Reason.UNAVAILABLE
        assert {query["limit"] for query in store.queries("v3/customers")} == {"7"}


class LinklessStore:
    """Ten customers by cursor, in a store that gives cursors but forgets the links."""

    def get(self, path, query, kind):
        start = int(query.get("after", 0))
        data = [{"id": number} for number in range(start + 1, min(10, start + query["limit"]) + 1)]
        block = {"cursor_pagination": {"end_cursor": str(data[-1]["id"])}} if data else {}
        return msgspec.json.decode(msgspec.json.encode({"data": data, "meta": block}), type=kind)


@pytest.mark.parametrize("size", [3, 5, 10, 20])
def test_a_store_that_forgets_the_links_is_read_to_the_end(size):
    batches = list(Customers(LinklessStore(), {}, "", size).batches(Place()))
    assert [record.id for batch in batches for record in batch.records] == list(range(1, 11))
    assert [batch.more for batch in batches] == [True] * (len(batches) - 1) + [False]
