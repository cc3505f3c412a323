"""People as Shopify delivers them, page by page."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from webapp.connectors.base import ConnectorError, Consent, FieldKind, Group, Reason, Role, Window

from .shopify_shop import FakeShopify, answer, checkout, complaint, customer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHOLE = Window(None, NOW)
CHANGES = Window(NOW - timedelta(days=1), NOW)
EMAIL = "defaultEmailAddress.emailAddress"


@pytest.fixture
def shop() -> FakeShopify:
    return FakeShopify()


def read(shop, columns=(), source="everyone", window=WHOLE, group=Group.CONTACTS, cursor=None, page_size=3):
    pages = shop.connect(page_size=page_size).people(group, source, list(columns), window, cursor)
    return [person for page in pages for person in page.people]


def leads(shop, *columns):
    return read(shop, columns, "abandoned_checkouts", group=Group.LEADS)


def searches(shop):
    return [asked["variables"].get("query") for asked in shop.asked if "query People" in asked["query"]]


def failure(call) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value


class TestValues:
    def value(self, column, **changes):
        shop = FakeShopify()
        shop.customers = [customer(7, **changes)]
        return read(shop, [column])[0].values[column]

    def test_a_person_has_number_time_and_consent(self, shop):
        shop.customers = [customer(7001)]
        person = read(shop)[0]
        assert (person.external_id, person.consent, person.unreadable) == ("7001", Consent.GRANTED, False)
        assert person.updated_at == datetime(2026, 11, 20, 8, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            (EMAIL, "osoba7@example.com"),
            ("firstName", "Łucja"),
            ("lastName", None),
            ("numberOfOrders", 3),
            ("amountSpent.amount", 199.5),
            ("tags", ["vip"]),
            ("defaultAddress.countryCodeV2", "PL"),
            ("defaultAddress.zip", None),
            ("defaultPhoneNumber.phoneNumber", None),
            ("updatedAt", "2026-11-20T08:00:00Z"),
        ],
    )
    def test_values_come_in_their_kind(self, column, value):
        assert self.value(column) == value

    def test_someone_without_an_address_or_e_mail_is_delivered_with_none(self, shop):
        shop.customers = [customer(7, defaultEmailAddress=None, defaultAddress=None)]
        person = read(shop, [EMAIL, "defaultAddress.city"])[0]
        assert person.values == {EMAIL: None, "defaultAddress.city": None} and person.consent is Consent.NONE

    def test_a_number_that_is_none_stays_text(self):
        assert self.value("numberOfOrders", numberOfOrders="many") == "many"

    @pytest.mark.parametrize(
        ("state", "consent"),
        [
            ("SUBSCRIBED", Consent.GRANTED),
            ("PENDING", Consent.PENDING),
            ("UNSUBSCRIBED", Consent.WITHDRAWN),
            ("NOT_SUBSCRIBED", Consent.NONE),
            ("INVALID", Consent.NONE),
            ("REDACTED", Consent.NONE),
            ("subscribed", Consent.NONE),
            ("", Consent.NONE),
            (None, Consent.NONE),
        ],
    )
    def test_consent_is_only_what_the_shop_states(self, shop, state, consent):
        shop.customers = [customer(7, state=state)]
        assert read(shop)[0].consent is consent

    def test_the_display_name_is_never_a_name(self, shop):
        field = next(f for f in shop.connect().fields(Group.CONTACTS, "everyone") if f.key == "displayName")
        assert field.role is None

    def test_names_and_e_mail_have_their_roles(self, shop):
        roles = {f.role: f.key for f in shop.connect().fields(Group.CONTACTS, "everyone") if f.role}
        assert roles == {Role.EMAIL: EMAIL, Role.FIRST_NAME: "firstName", Role.LAST_NAME: "lastName"}


class TestMetafields:
    @pytest.mark.parametrize(
        ("type_", "text", "value"),
        [
            ("single_line_text_field", "XL", "XL"),
            ("number_integer", "12", 12),
            ("number_decimal", "-12.50", -12.5),
            ("number_integer", "NaN", "NaN"),
            ("number_decimal", "1e999", "1e999"),
            ("boolean", "true", True),
            ("boolean", "false", False),
            ("boolean", "maybe", "maybe"),
            ("date", "1990-05-01", "1990-05-01"),
            ("list.single_line_text_field", '["a", "ż"]', ["a", "ż"]),
            ("list.number_integer", "[1, 2]", [1, 2]),
            ("list.single_line_text_field", "[broken", "[broken"),
            ("list.rating", '[{"value": "4.0"}]', ['{"value": "4.0"}']),
            ("rating", '{"value": "4.5", "scale_min": "1"}', 4.5),
            ("money", '{"amount": "5.99", "currency_code": "PLN"}', 5.99),
            ("money", "[]", "[]"),
            ("new_type", "?", "?"),
            ("single_line_text_field", "", None),
        ],
    )
    def test_a_value_is_read_as_its_type(self, shop, type_, text, value):
        shop.customers = [customer(7, m0={"value": text, "type": type_})]
        found = read(shop, ["metafield:custom.x"])[0].values["metafield:custom.x"]
        assert (found, type(found)) == (value, type(value))

    def test_a_metafield_that_someone_lacks_is_none(self, shop):
        shop.customers = [customer(7, m0=None)]
        assert read(shop, ["metafield:custom.x"])[0].values == {"metafield:custom.x": None}

    def test_several_metafields_travel_under_their_own_aliases(self, shop):
        text = {"type": "single_line_text_field"}
        shop.customers = [customer(7, m0={"value": "a"} | text, m1={"value": "b"} | text)]
        columns = ["metafield:custom.x", "firstName", "metafield:app--1.y"]
        assert list(read(shop, columns)[0].values.values()) == ["a", "Łucja", "b"]

    @pytest.mark.parametrize(
        ("type_", "kind"),
        [
            ("number_integer", FieldKind.NUMBER),
            ("boolean", FieldKind.BOOLEAN),
            ("date", FieldKind.DATE),
            ("date_time", FieldKind.DATETIME),
            ("list.date", FieldKind.LIST),
            ("json", FieldKind.TEXT),
        ],
    )
    def test_definitions_become_fields_with_the_shops_label(self, shop, type_, kind):
        shop.definitions = [("birthday", "Data urodzin", type_)]
        field = shop.connect().fields(Group.CONTACTS, "everyone")[-1]
        assert (field.key, field.label, field.kind) == ("metafield:custom.birthday", "Data urodzin", kind)

    @pytest.mark.parametrize("column", ['metafield:a.b"){x}', "metafield:a", "metafield:a.b.c", "metafield:a\n.b"])
    def test_a_column_cannot_smuggle_a_query(self, shop, column):
        shop.customers = [customer(7, m0=None)]
        assert read(shop, [column])[0].values == {column: None}
        asked = shop.asked[-1]["query"]
        assert "{x}" not in asked.replace('\\"){x}', "")


class TestSearch:
    def test_everyone_is_read_without_a_search(self, shop):
        read(shop)
        assert searches(shop) == [None]

    def test_changes_are_bounded_on_both_sides_with_quoted_times(self, shop):
        read(shop, window=CHANGES)
        assert searches(shop) == ["updated_at:>='2026-11-22T12:00:00Z' AND updated_at:<='2026-11-23T12:00:00Z'"]

    def test_subscribers_are_searched_and_looked_at_once_more(self, shop):
        shop.customers = [customer(1), customer(2, state="NOT_SUBSCRIBED"), customer(3, state="PENDING")]
        assert [person.external_id for person in read(shop, source="subscribers")] == ["1"]
        assert searches(shop) == ["accepts_marketing:true"]

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
        pages = list(shop.connect().people(Group.CONTACTS, "segment:5", [], WHOLE, {"last_id": "99", "position": 60}))
        assert [(list(page.people), page.cursor) for page in pages] == [([], None)]


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
