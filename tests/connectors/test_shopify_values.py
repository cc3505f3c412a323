"""A person's values, consent and metafields, as Shopify writes them."""

from datetime import UTC, datetime

import pytest

from webapp.connectors.base import Consent, FieldKind, Group, Role

from .reading import EMAIL, read
from .shopify_shop import FakeShopify, customer


@pytest.fixture
def shop() -> FakeShopify:
    return FakeShopify()


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
