"""Who is read from a store, with which consent and which values."""

import re
from datetime import timedelta

import pytest

from webapp.connectors.base import Consent, FieldKind, Group, Role, Window
from webapp.connectors.reasons import Reason

from .bigcommerce_store import NOW, RECENT, Store, failure, ids

AGREED = "marketing_newsletter"


def granted(people):
    return {person.external_id for person in people if person.consent is Consent.GRANTED}


def index_with(store, consent):
    return next(place for place, one in enumerate(store.truth()) if one["consent"] == consent)


class TestConsent:
    def test_customers_have_the_consent_of_the_subscriber_with_the_same_address(self):
        store = Store(120)
        people = store.read(columns=["email"], page_size=50)
        assert {one["id"] for one in store.truth() if one["consent"] == AGREED} == granted(people) != set()
        assert {person.consent for person in people} == {Consent.GRANTED, Consent.NONE}
        assert [person.values["email"] for person in people] == [one["email"] or None for one in store.truth()]

    def test_the_flag_about_reviews_and_carts_is_no_consent(self):
        people = Store(120).read(columns=["accepts_product_review_abandoned_cart_emails"])
        assert {person.consent for person in people if person.values.popitem()[1]} == {Consent.GRANTED, Consent.NONE}

    def test_subscribers_without_the_newsletter_have_withdrawn(self):
        store = Store(120)
        expected = {
            one["id"]: Consent.GRANTED if one["consent"] == AGREED else Consent.WITHDRAWN
            for one in store.truth("subscribers")
        }
        people = store.read("subscribers")
        assert {person.external_id: person.consent for person in people} == expected
        assert set(expected.values()) == {Consent.GRANTED, Consent.WITHDRAWN}

    def test_capital_letters_do_not_part_a_customer_from_the_subscriber(self):
        store = Store(120)
        shouting = next(one["id"] for one in store.truth() if one["email"].isupper() and one["consent"] == AGREED)
        assert shouting in granted(store.read())


class TestChanges:
    def test_a_customer_who_changed_is_told_and_nobody_else(self):
        store = Store()
        store.tell(action="mutate", index=5, changes={"first_name": "Zmieniona"})
        found = store.read(columns=["first_name"], window=RECENT)
        assert [(one.external_id, one.values["first_name"]) for one in found] == [(store.truth()[5]["id"], "Zmieniona")]

    def test_a_customer_who_withdrew_is_told_though_the_customer_did_not_change(self):
        store = Store()
        place = index_with(store, AGREED)
        someone = store.truth()[place]
        store.tell(action="mutate", index=place, changes={"consent": "unsubscribed"})
        assert store.truth()[place]["updated_at"] == someone["updated_at"]
        found = store.read(columns=["email"], window=RECENT)
        assert [(one.external_id, one.consent, one.values["email"]) for one in found] == [
            (someone["id"], Consent.NONE, someone["email"])
        ]

    def test_whoever_changed_twice_comes_once(self):
        store = Store()
        place = index_with(store, AGREED)
        store.tell(action="mutate", index=place, changes={"consent": "unsubscribed", "note": "x"})
        assert ids(store.read(window=RECENT)) == [store.truth()[place]["id"]]

    def test_a_few_who_changed_are_asked_about_one_by_one_where_the_list_is_long(self):
        store = Store(1200)
        place = index_with(store, AGREED)
        store.tell(action="mutate", index=place, changes={"first_name": "Zmieniona"})
        assert granted(store.read(window=RECENT)) == {store.truth()[place]["id"]}
        asked = store.queries("v3/customers/subscribers")
        assert len(asked) <= 4 and sum("email" in query for query in asked) == 1

    def test_subscribers_who_changed_are_told(self):
        store = Store()
        place = index_with(store, AGREED)
        email = store.truth()[place]["email"]
        store.tell(action="mutate", index=place, changes={"consent": "unsubscribed"})
        found = store.read("subscribers", ["email"], RECENT)
        assert [(one.values["email"], one.consent) for one in found] == [(email, Consent.WITHDRAWN)]

    def test_changes_of_a_group_are_of_its_members_alone(self):
        store = Store(120)
        for index in range(120):
            store.tell(action="mutate", index=index, changes={"consent": "unsubscribed"})
        members = ids(store.read("group:2"))
        assert (
            members
            and ids(store.read("group:2", window=RECENT))
            and set(ids(store.read("group:2", window=RECENT))) <= set(members)
        )

    def test_bounds_overlap_by_a_day_and_name_no_zone(self):
        store = Store()
        window = Window(NOW.replace(microsecond=0) - timedelta(days=3), NOW)
        store.read(window=window)
        query = store.queries("v3/customers")[0]
        assert query["date_modified:min"] == f"{window.since - timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", query["date_modified:max"])

    def test_a_full_pass_asks_for_no_dates(self):
        store = Store()
        store.read()
        assert not any("date_modified" in name for _, query in store.asked for name in query)


class TestValues:
    def test_attributes_beyond_the_ten_that_a_record_shows_are_fetched(self):
        store = Store(30)
        columns = ["attribute:1", "attribute:13"]
        found = {person.external_id: person.values["attribute:13"] for person in store.read(columns=columns)}
        truth = store.truth()
        assert {id_ for id_, value in found.items() if value} == {truth[5]["id"], truth[25]["id"]}
        query = store.queries("v3/customers/attribute-values")[0]
        assert query["attribute_id:in"] == "1,13"

    def test_fields_of_the_store_have_their_kind_and_hold_their_values(self):
        store = Store(60)
        fields = {field.label: field for field in store.connect().fields(Group.CONTACTS, "everyone")}
        kinds = {name: fields[name].kind for name in ("Data urodzenia", "Rozmiar", "Punkty lojalnościowe")}
        assert list(kinds.values()) == [FieldKind.DATE, FieldKind.TEXT, FieldKind.NUMBER]
        assert fields["Zainteresowania"].kind is FieldKind.LIST and fields["Numer karty"].kind is FieldKind.NUMBER
        assert "Kod do bramy" not in fields
        keys = [fields[name].key for name in ("Punkty lojalnościowe", "Zainteresowania", "Numer karty")]
        kinds = [{type(person.values[key]) for person in store.read(columns=keys)} for key in keys]
        assert kinds == [{int, type(None)}, {list}, {int, type(None)}]

    def test_the_group_of_a_customer_is_told_by_name(self):
        groups = {person.values["customer_group"] for person in Store(120).read(columns=["customer_group"])}
        assert {"VIP", "Hurtownia", None} <= groups

    def test_only_what_is_wanted_is_asked_for(self):
        store = Store(3)
        store.read(columns=["email", "address.city"])
        assert store.queries("v3/customers")[0]["include"] == "addresses"
        assert "v2/customer_groups" not in dict(store.asked) and "v3/customers/attributes" not in dict(store.asked)
        store.asked.clear()
        store.read(columns=["email"])
        assert "include" not in store.queries("v3/customers")[0]

    def test_the_first_address_counts(self):
        store = Store(30)
        streets = [person.values["address.address1"] for person in store.read(columns=["address.address1"])]
        assert any(streets) and not any(street and street.startswith("Skrytka") for street in streets)

    def test_subscribers_have_columns_of_their_own(self):
        fields = Store(3).connect().fields(Group.CONTACTS, "subscribers")
        assert [field.role for field in fields[:3]] == [Role.EMAIL, Role.FIRST_NAME, Role.LAST_NAME]
        assert "phone" not in {field.key for field in fields}

    @pytest.mark.parametrize("source", ["everyone", "subscribers"])
    def test_a_record_that_makes_no_sense_spoils_nobody_else(self, source):
        store = Store(10)
        store.tell(fault="bad_record")
        people = store.read(source, ["email"], page_size=250)
        assert people[0].unreadable and people[0].external_id
        assert len(people) > 5 and not any(person.unreadable for person in people[1:])

    def test_a_time_that_is_none_makes_the_record_unreadable(self):
        store = Store(3)
        store.tell(fault="bad_record", changes={"date_modified": "wczoraj"})
        assert [person.unreadable for person in store.read(page_size=250)] == [True, False, False]


class TestSources:
    def test_the_newsletter_comes_first_then_everyone_and_the_groups_with_their_members(self):
        sources = Store(120).connect().sources(Group.CONTACTS)
        assert [source.id for source in sources[:3]] == ["subscribers", "everyone", "group:1"]
        assert sources[0].total is None and sources[1].total == 120
        assert [source.total for source in sources[2:]] == [len(Store(120).read(source.id)) for source in sources[2:]]

    @pytest.mark.parametrize("name", ["pusty", "bezgrup"])
    def test_a_store_without_groups_has_the_other_two(self, name):
        store = Store(name=name)
        assert [source.id for source in store.connect().sources(Group.CONTACTS)] == ["subscribers", "everyone"]
        assert len(store.read(columns=["customer_group"])) == len(store.truth())

    @pytest.mark.parametrize("source", ["group:99", "group:0", "group:x", "tag:vip", ""])
    def test_a_group_that_is_gone_is_said_to_be_gone(self, source):
        assert failure(lambda: Store(3).read(source)).reason is Reason.SOURCE_GONE

    def test_changes_are_counted_only_where_one_count_says_it(self):
        store = Store()
        window = Window(NOW - timedelta(days=400), NOW)
        connector = store.connect()
        assert connector.count(Group.CONTACTS, "subscribers", window) == len(store.read("subscribers", window=window))
        assert connector.count(Group.CONTACTS, "everyone", window) is None
