import pytest

from webapp.connectors.base import Field, FieldKind
from webapp.importing.proposals import LIKE_EMAILS, LIKE_PHONES, Proposal, Target, propose
from webapp.values.fields import FieldType

PHONE = Target("telefon", "Telefon", FieldType.PHONE)
CITY = Target("miasto", "Miasto", FieldType.TEXT)
BIRTHDAY = Target("data_urodzenia", "Data urodzenia", FieldType.DATE)
ORDERS = Target("zamowienia", "Liczba zamówień", FieldType.NUMBER)


def targets(columns, samples=None, custom_fields=()):
    return {key: proposal.target for key, proposal in propose(columns, samples or {}, custom_fields).items()}


def target_of(column, *custom_fields, samples=()):
    return targets([column], {column.key: samples}, custom_fields).get(column.key)


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        (FieldKind.NUMBER, FieldType.DATE),
        (FieldKind.NUMBER, FieldType.PHONE),
        (FieldKind.BOOLEAN, FieldType.NUMBER),
        (FieldKind.DATE, FieldType.NUMBER),
        (FieldKind.EMAIL, FieldType.PHONE),
        (FieldKind.PHONE, FieldType.NUMBER),
        (FieldKind.COUNTRY, FieldType.CHOICE),
        (FieldKind.LIST, FieldType.CHOICE),
    ],
)
def test_an_incompatible_type_is_never_proposed(kind, type_):
    assert target_of(Field("cos", "Coś", kind), Target("cos", "Coś", type_, ("a",))) != "field:cos"


@pytest.mark.parametrize("kind", FieldKind)
def test_every_column_fits_a_text(kind):
    assert target_of(Field("cos", "Coś", kind), Target("cos", "Coś", FieldType.TEXT)) == "field:cos"


@pytest.mark.parametrize(
    ("target", "fitting", "unfitting"),
    [
        (BIRTHDAY, "23.11.1990", "jutro"),
        (PHONE, "501 502 503", "brak"),
        (ORDERS, "14", "dużo"),
        (Target("kraj", "Kraj", FieldType.COUNTRY), "Polska", "Atlantyda"),
        (Target("status", "Status", FieldType.CHOICE, ("Nowy",)), "nowy", "inny"),
    ],
)
def test_values_decide_whether_a_text_fits(target, fitting, unfitting):
    column = Field("x", target.label)
    assert target_of(column, target, samples=[fitting, None, "", fitting, unfitting]) == f"field:{target.key}"
    assert target_of(column, target, samples=[fitting, unfitting, unfitting]) is None


def test_options_without_values_decide_whether_a_choice_fits():
    status = Target("status", "Status", FieldType.CHOICE, ("Nowy", "Stały"))
    assert target_of(Field("x", "Status", FieldKind.CHOICE, options=(("1", "Nowy"), ("2", "Stały"))), status)
    assert not target_of(Field("x", "Status", FieldKind.CHOICE, options=(("1", "A"), ("2", "B"))), status)


def test_addresses_are_found_by_their_values():
    column = Field("login", "Login")
    assert propose([column], {"login": ["anna@example.com", None, "jan@example.com"]}, []) == {
        "login": Proposal("email", False, LIKE_EMAILS)
    }


@pytest.mark.parametrize("samples", [["anna@example.com"], ["anna@example.com", "brak"], []])
def test_too_few_addresses_are_no_proposal(samples):
    assert target_of(Field("login", "Login"), samples=samples) is None


def test_a_column_called_email_without_addresses_is_no_address():
    assert target_of(Field("email", "E-mail"), samples=["tak", "nie", "anna@example.com"]) is None


def test_two_columns_of_addresses_leave_it_to_the_user():
    samples = ["anna@example.com", "jan@example.com"]
    assert targets([Field("a", "A"), Field("b", "B")], {"a": samples, "b": samples}) == {}


def test_phones_are_found_by_their_values():
    column = Field("kontakt", "Kontakt")
    assert propose([column], {"kontakt": ["+48 501 502 503", "+48 501 502 504"]}, [PHONE]) == {
        "kontakt": Proposal("field:telefon", False, LIKE_PHONES)
    }


def test_a_column_declared_as_phone_is_proposed_for_the_only_phone_field():
    assert target_of(Field("sms", "SMS", FieldKind.PHONE), PHONE, CITY) == "field:telefon"


def test_a_column_declared_as_phone_without_phones_is_not_proposed():
    assert target_of(Field("sms", "SMS", FieldKind.PHONE), PHONE, samples=["brak", "brak"]) is None


def test_bare_digits_are_not_taken_for_phones():
    assert target_of(Field("nr", "Nr"), PHONE, samples=["501502503", "501502504"]) is None


def test_two_phone_fields_leave_it_to_the_user():
    other = Target("domowy", "Domowy", FieldType.PHONE)
    assert target_of(Field("sms", "SMS", FieldKind.PHONE), PHONE, other) is None


def test_two_phone_columns_leave_it_to_the_user():
    columns = [Field("sms", "SMS", FieldKind.PHONE), Field("fax", "Fax", FieldKind.PHONE)]
    assert targets(columns, custom_fields=[PHONE]) == {}


def test_dates_are_not_proposed_by_their_values():
    assert (
        target_of(Field("x", "Ostatnia wizyta", FieldKind.DATE), BIRTHDAY, samples=["1990-11-23", "1991-01-01"]) is None
    )
