"""Pages that are spoilt, repeated or without end."""

import json

import pytest

from webapp.connectors.base import Group
from webapp.connectors.reasons import Reason

from .reading import WHOLE, failure, read, searches
from .shopify_shop import FakeShopify, answer, complaint, customer


@pytest.fixture
def shop() -> FakeShopify:
    return FakeShopify()


class TestTrouble:
    def page(self, nodes, more=False, cursor="x"):
        return answer({"data": {"page": {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": cursor}}}})

    def people(self, shop, *answers, columns=("firstName",)):
        connector = shop.connect()
        shop.next = [None, None, *answers]
        return [
            p for page in connector.people(Group.CONTACTS, "everyone", list(columns), WHOLE, None) for p in page.people
        ]

    @pytest.mark.parametrize(
        "changes",
        [
            {"firstName": 5},
            {"updatedAt": "yesterday"},
            {"updatedAt": "2026-11-20T08:00:00"},
            {"defaultEmailAddress": "x"},
        ],
    )
    def test_one_spoilt_record_does_not_spoil_the_page(self, shop, changes):
        found = self.people(shop, self.page([customer(1), customer(2, **changes), customer(3)]))
        assert [(p.external_id, p.unreadable) for p in found] == [("1", False), ("2", True), ("3", False)]

    @pytest.mark.parametrize("record", [None, 5, "x", [], {"id": "x"}, {"id": 7}, {}])
    def test_a_record_that_is_none_at_all_is_unreadable(self, shop, record):
        assert [p.unreadable for p in self.people(shop, self.page([record]))] == [True]

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"page": None},
            {"page": "x"},
            {"page": {"nodes": "x", "pageInfo": {}}},
            {"page": {"pageInfo": {"hasNextPage": False}}},
        ],
    )
    def test_a_page_of_the_wrong_shape_is_a_bad_response(self, shop, data):
        assert failure(lambda: self.people(shop, answer({"data": data}))).reason is Reason.BAD_RESPONSE

    def test_lone_surrogates_nul_and_emoji_are_delivered(self, shop):
        names = ["\ud800", "a\udc00b", "\x00", "😀", "\\ud800"]
        nodes = [customer(number, firstName=name) for number, name in enumerate(names, 1)]
        found = [p.values["firstName"] for p in self.people(shop, self.page(nodes))]
        assert found[0] == "\ufffd" and found[2:] == ["\x00", "😀", "\\ud800"]
        assert all(name.encode("utf-8") for name in found)

    def test_duplicate_keys_in_the_envelope_are_a_bad_response(self, shop):
        body = json.dumps({"data": {"page": {"nodes": [], "pageInfo": {"hasNextPage": False}}}}).encode()
        doubled = body.replace(b'"nodes": []', b'"nodes": [], "nodes": []')
        assert failure(lambda: self.people(shop, answer(doubled))).reason is Reason.BAD_RESPONSE

    def test_a_cursor_that_was_seen_before_is_a_loop(self, shop):
        pages = [self.page([customer(n)], more=True, cursor=c) for n, c in ((1, "A"), (2, "B"), (3, "A"))]
        assert failure(lambda: self.people(shop, *pages)).reason is Reason.PAGING_LOOP

    def test_the_same_people_under_new_cursors_are_a_loop(self, shop):
        shop.customers = [customer(number) for number in range(1, 100)]
        pages = [self.page([customer(1)], more=True, cursor=str(n)) for n in range(20)]
        assert failure(lambda: self.people(shop, *pages)).reason is Reason.PAGING_LOOP
        assert len(searches(shop)) == 5

    def test_ever_new_people_beyond_the_shops_own_count_are_a_loop(self, shop):
        pages = [self.page([customer(n)], more=True, cursor=str(n)) for n in range(1, 20)]
        assert failure(lambda: self.people(shop, *pages)).reason is Reason.PAGING_LOOP

    def test_a_repeated_or_empty_page_in_between_loses_nobody(self, shop):
        pages = [
            self.page([customer(1)], more=True, cursor="A"),
            self.page([customer(1)], more=True, cursor="B"),
            self.page([], more=True, cursor="C"),
            self.page([customer(2)]),
        ]
        assert [p.external_id for p in self.people(shop, *pages)] == ["1", "1", "2"]

    def test_empty_pages_without_end_are_a_loop(self, shop):
        shop.customers = [customer(number) for number in range(1, 100)]
        pages = [self.page([], more=True, cursor=str(n)) for n in range(20)]
        assert failure(lambda: self.people(shop, *pages)).reason is Reason.PAGING_LOOP
        assert len(searches(shop)) == 4

    def test_what_was_read_before_the_loop_is_delivered(self, shop):
        connector = shop.connect()
        shop.next = [
            None,
            None,
            self.page([customer(1)], more=True, cursor="A"),
            self.page([customer(2)], more=True, cursor="A"),
        ]
        pages = connector.people(Group.CONTACTS, "everyone", [], WHOLE, None)
        assert [person.external_id for person in next(pages).people] == ["1"]
        assert failure(lambda: next(pages)).reason is Reason.PAGING_LOOP

    def test_a_query_that_costs_too_much_is_asked_in_smaller_pages(self, shop):
        shop.customers = [customer(number) for number in range(1, 8)]
        connector = shop.connect(page_size=8)
        shop.next = [None, None, complaint("Too much", "MAX_COST_EXCEEDED"), complaint("Too much", "MAX_COST_EXCEEDED")]
        pages = list(connector.people(Group.CONTACTS, "everyone", [], WHOLE, None))
        assert [len(page.people) for page in pages] == [2, 2, 2, 1]

    def test_a_query_that_costs_too_much_for_one_person_is_too_large(self, shop):
        error = failure(lambda: self.people(shop, *[complaint("Too much", "MAX_COST_EXCEEDED")] * 9))
        assert error.reason is Reason.TOO_LARGE

    def test_a_page_never_asks_for_more_than_shopify_gives(self, shop):
        read(shop, page_size=5000)
        assert shop.asked[-1]["variables"]["first"] == 250
