"""Which people Shopify is asked for, and what a lead and a segment member are."""

import pytest

from webapp.connectors.base import Consent, Group
from webapp.connectors.reasons import Reason

from .reading import CHANGES, EMAIL, WHOLE, failure, leads, read, searches
from .shopify_shop import FakeShopify, answer, checkout, complaint, customer


@pytest.fixture
def shop() -> FakeShopify:
    return FakeShopify()


class TestSearch:
    def test_everyone_is_read_without_a_search(self, shop):
        read(shop)
        assert searches(shop) == [None]

    def test_changes_are_bounded_on_both_sides_with_quoted_times(self, shop):
        read(shop, window=CHANGES)
        assert searches(shop) == ["updated_at:>='2026-11-22T12:00:00Z' AND updated_at:<='2026-11-23T12:00:00Z'"]

    def test_subscribers_are_read_among_everyone_so_that_those_who_withdrew_are_told(self, shop):
        shop.customers = [customer(1), customer(2, state="NOT_SUBSCRIBED"), customer(3, state="UNSUBSCRIBED")]
        people = read(shop, source="subscribers")
        assert [(person.external_id, person.consent) for person in people] == [
            ("1", Consent.GRANTED),
            ("3", Consent.WITHDRAWN),
        ]
        assert searches(shop) == [None]

    def test_changes_of_subscribers_bring_those_who_withdrew(self, shop):
        shop.customers = [customer(1), customer(2, state="UNSUBSCRIBED"), customer(3, state="NOT_SUBSCRIBED")]
        consents = [person.consent for person in read(shop, source="subscribers", window=CHANGES)]
        assert consents == [Consent.GRANTED, Consent.WITHDRAWN]
        assert "accepts_marketing" not in searches(shop)[0]

    def test_a_tag_is_quoted(self, shop):
        read(shop, source="tag:Dzień 'M' \\ x")
        assert searches(shop) == ["tag:'Dzień \\'M\\' \\\\ x'"]

    def test_going_on_asks_behind_the_last_id(self, shop):
        read(shop, source="tag:vip", cursor={"last_id": 41})
        assert searches(shop) == ["tag:'vip' AND id:>41"]

    def test_leads_are_unfinished_checkouts(self, shop):
        leads(shop)
        assert searches(shop) == ["recovery_state:not_recovered"]

    def test_a_source_of_an_unknown_kind_is_gone(self, shop):
        assert failure(lambda: read(shop, source="nothing")).reason is Reason.SOURCE_GONE

    def test_only_the_columns_asked_for_are_selected(self, shop):
        read(shop, ["firstName", "defaultAddress.city", "defaultAddress.zip"])
        query = shop.asked[-1]["query"]
        assert "defaultAddress { zip city }" in query and "lastName" not in query and "note" not in query


class TestLeads:
    def test_a_lead_is_its_customer(self, shop):
        shop.checkouts = [checkout(9)]
        person = leads(shop, "customer.defaultEmailAddress.emailAddress", "customer.firstName")[0]
        assert person.external_id == "9" and person.consent is Consent.GRANTED
        assert list(person.values.values()) == ["osoba9@example.com", "Łucja"]

    def test_what_the_customer_lacks_comes_from_the_addresses(self, shop):
        shop.checkouts = [
            checkout(9, billingAddress={"lastName": "Kos"}, shippingAddress={"firstName": "Ola", "lastName": ""})
        ]
        assert leads(shop, "customer.lastName")[0].values == {"customer.lastName": "Kos"}

    def test_a_lead_without_a_customer_has_no_e_mail_and_no_consent(self, shop):
        shop.checkouts = [checkout(9, customer=None)]
        person = leads(shop, "customer.defaultEmailAddress.emailAddress", "customer.firstName")[0]
        assert list(person.values.values()) == [None, "Ola"] and person.consent is Consent.NONE


class TestSegments:
    def test_a_deleted_segment_is_gone(self, shop):
        assert failure(lambda: read(shop, source="segment:404")).reason is Reason.SOURCE_GONE

    def test_members_have_the_customers_numbers_and_no_time(self, shop):
        shop.customers = [customer(7001)]
        person = read(shop, source="segment:5")[0]
        assert (person.external_id, person.updated_at, person.consent) == ("7001", None, Consent.GRANTED)

    def test_a_segment_is_not_incremental_and_has_no_tags_to_map(self, shop):
        connector = shop.connect()
        segment = next(source for source in connector.sources(Group.CONTACTS) if source.id == "segment:5")
        keys = [field.key for field in connector.fields(Group.CONTACTS, segment.id)]
        assert not segment.incremental and "tags" not in keys and "updatedAt" not in keys and EMAIL in keys

    def test_when_the_last_member_left_nobody_behind_is_missed(self, shop):
        shop.customers = [customer(number) for number in range(1, 10)]
        cursor = next(iter(shop.connect().people(Group.CONTACTS, "segment:5", [], WHOLE, None))).cursor
        del shop.customers[int(cursor["last_id"]) - 1]
        rest = {person.external_id for person in read(shop, source="segment:5", cursor=cursor)}
        assert rest >= {"4", "5", "6", "7", "8", "9"}

    def test_a_segment_that_shrank_below_the_place_ends_with_a_last_page(self, shop):
        place = {"last_id": "99", "position": 60}
        *before, last = shop.connect().people(Group.CONTACTS, "segment:5", [], WHOLE, place)
        assert (list(last.people), last.cursor) == ([], None)
        assert all((list(page.people), page.cursor) == ([], place) for page in before)

    def test_each_page_that_is_read_again_is_a_sign_of_life(self, shop):
        shop.customers = [customer(n) for n in range(1, 10)]
        place = {"last_id": "8", "position": 8}
        pages = list(shop.connect(page_size=3).people(Group.CONTACTS, "segment:5", [], WHOLE, place))
        assert [([person.external_id for person in page.people], page.cursor) for page in pages] == [
            ([], place),
            ([], place),
            (["9"], None),
        ]


class TestSources:
    def test_sources_are_everyone_subscribers_segments_and_tags_with_counts(self, shop):
        shop.customers = [customer(1, tags=["vip", "hurt"]), customer(2)]
        found = [(s.id, s.name, s.total) for s in shop.connect().sources(Group.CONTACTS)]
        assert found == [
            ("everyone", "All customers", 2),
            ("subscribers", "E-mail subscribers", 2),
            ("segment:5", "Stali klienci", 2),
            ("tag:hurt", "hurt", 2),
            ("tag:vip", "vip", 2),
        ]

    def test_a_count_that_shopify_refuses_is_unknown_and_not_wrong(self, shop):
        connector = shop.connect()
        shop.next = [None, answer({"data": {"v0": {"count": 9, "precision": "AT_LEAST"}}})]
        assert connector.count(Group.CONTACTS, "everyone") is None
        shop.next = [complaint("Field doesn't exist", "undefinedField")]
        assert connector.count(Group.LEADS, "abandoned_checkouts") is None

    def test_a_count_does_not_hide_a_refused_key(self, shop):
        shop.next = [answer({}, 401)] * 4
        assert failure(lambda: shop.connect().count(Group.CONTACTS, "everyone")).reason is Reason.UNAUTHORIZED

    def test_changes_are_counted_where_dates_are_enough(self, shop):
        connector = shop.connect()
        assert connector.count(Group.CONTACTS, "everyone", CHANGES) == 0
        assert connector.count(Group.CONTACTS, "subscribers", CHANGES) is None
        assert connector.count(Group.CONTACTS, "tag:vip", CHANGES) is None

    def test_a_tag_with_a_quote_is_not_counted(self, shop):
        shop.customers = [customer(1, tags=["it's", "vip"])]
        totals = {s.id: s.total for s in shop.connect().sources(Group.CONTACTS)}
        assert (totals["tag:it's"], totals["tag:vip"]) == (None, 1)
