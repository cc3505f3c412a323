import pytest

from webapp.connectors.base import Field, FieldKind, Role
from webapp.importing.proposals import RECOGNISED, SAME_MEANING, SAME_NAME, Proposal, Target, propose
from webapp.values.fields import FieldType

EMAIL = Field("email", "E-mail", FieldKind.EMAIL, Role.EMAIL)
PHONE = Target("telefon", "Telefon", FieldType.PHONE)
CITY = Target("miasto", "Miasto", FieldType.TEXT)
BIRTHDAY = Target("data_urodzenia", "Data urodzenia", FieldType.DATE)
ORDERS = Target("zamowienia", "Liczba zamówień", FieldType.NUMBER)


def targets(columns, samples=None, custom_fields=()):
    return {key: proposal.target for key, proposal in propose(columns, samples or {}, custom_fields).items()}


def target_of(column, *custom_fields, samples=()):
    return targets([column], {column.key: samples}, custom_fields).get(column.key)


@pytest.mark.parametrize("role", Role)
def test_a_role_that_the_vendor_declares_is_sure(role):
    assert propose([Field("x1", "X", role=role)], {}, []) == {"x1": Proposal(role.value, True, RECOGNISED)}


def test_a_guess_is_never_sure():
    columns = [Field("city", "City"), Field("given_name", "Given name"), Field("contact", "Contact", FieldKind.EMAIL)]
    proposals = propose(columns, {}, [CITY])
    assert {proposal.target for proposal in proposals.values()} == {"field:miasto", "first_name", "email"}
    assert not any(proposal.sure for proposal in proposals.values())


def test_only_one_column_is_the_address():
    columns = [Field("work_email", "E-mail", FieldKind.EMAIL), EMAIL, Field("mail", "Mail", FieldKind.EMAIL)]
    assert targets(columns) == {"email": "email"}


def test_the_first_of_two_declared_addresses_is_taken():
    assert targets([EMAIL, Field("other", "Other", FieldKind.EMAIL, Role.EMAIL)]) == {"email": "email"}


def test_a_declared_column_whose_role_is_taken_is_not_guessed():
    columns = [Field("name", "Name", role=Role.FULL_NAME), Field("email", "E-mail", role=Role.FULL_NAME)]
    assert targets(columns) == {"name": "full_name"}


def test_a_declared_column_is_not_given_another_role():
    assert target_of(Field("email", "E-mail", role=Role.FULL_NAME)) == "full_name"


@pytest.mark.parametrize(
    ("key", "label", "target"),
    [
        ("e_mail", "", "email"),
        ("x", "Adres e-mail", "email"),
        ("customer_email", "", "email"),
        ("firstName", "", "first_name"),
        ("x", "Imię", "first_name"),
        ("billing_first_name", "", "first_name"),
        ("x", "Nazwisko", "last_name"),
        ("Last_Name", "Last Name", "last_name"),
        ("x", "Imię i nazwisko", "full_name"),
    ],
)
def test_standard_fields_are_found_by_name(key, label, target):
    assert target_of(Field(key, label)) == target


@pytest.mark.parametrize(
    "name", ["name", "companyName", "email_marketing_state", "email2", "nickname", "state", "title"]
)
def test_a_name_that_may_mean_something_else_stays_unassigned(name):
    assert target_of(Field(name, name), CITY, PHONE, ORDERS) is None


@pytest.mark.parametrize(
    "field",
    [
        Field("displayName", "Display name"),
        Field("displayName", "Imię i nazwisko"),
        Field("x.display_name", "Full name"),
    ],
)
def test_a_display_name_is_never_a_name(field):
    assert target_of(field, samples=["Anna Kowalska", "Jan Nowak"]) is None


def test_a_name_column_full_of_addresses_is_no_name():
    assert target_of(Field("full_name", "Full name"), samples=["anna@example.com", "Jan Nowak"]) is None


def test_a_number_is_no_name():
    assert target_of(Field("first_name", "First name", FieldKind.NUMBER)) is None


def test_both_halves_of_a_name_go_before_the_whole():
    columns = [Field("full", "Full name"), Field("first", "First name"), Field("last", "Last name")]
    assert targets(columns) == {"first": "first_name", "last": "last_name"}


def test_a_declared_whole_name_leaves_no_room_for_guessed_halves():
    columns = [Field("first", "First name"), Field("name", "Name", role=Role.FULL_NAME)]
    assert targets(columns) == {"name": "full_name"}


@pytest.mark.parametrize(
    "column",
    [
        Field("miasto", "x"),
        Field("x", "Miasto"),
        Field("MIASTO__c", "x"),
        Field("x", " miasto "),
        Field("x", "Miasto:"),
    ],
)
def test_an_equal_name_is_found(column):
    assert propose([column], {}, [CITY])[column.key] == Proposal("field:miasto", False, SAME_NAME)


@pytest.mark.parametrize(
    "key", ["defaultAddress.city", "MailingCity", "Mailing_City", "billing_city", "city", "address.town", "custom.City"]
)
def test_a_name_of_equal_meaning_is_found(key):
    column = Field(key, "x")
    assert propose([column], {}, [CITY])[key] == Proposal("field:miasto", False, SAME_MEANING)


@pytest.mark.parametrize(
    ("key", "target"),
    [
        ("phone", PHONE),
        ("MobilePhone", PHONE),
        ("country_id", Target("kraj", "Kraj", FieldType.COUNTRY)),
        ("postcode", Target("kod", "Kod pocztowy", FieldType.TEXT)),
        ("dob", BIRTHDAY),
        ("company", Target("firma", "Firma", FieldType.TEXT)),
        ("numberOfOrders", ORDERS),
        ("amountSpent", Target("wydana_kwota", "Wydana kwota", FieldType.NUMBER)),
        ("taxvat", Target("nip", "NIP", FieldType.TEXT)),
        ("locale", Target("jezyk", "Język", FieldType.TEXT)),
        ("tags", Target("tagi", "Tagi", FieldType.TEXT)),
    ],
)
def test_usual_columns_of_shops_are_found(key, target):
    assert target_of(Field(key, "x"), target) == f"field:{target.key}"


@pytest.mark.parametrize(
    ("key", "label"), [("customer_status", "x"), ("x", "Status (default)"), ("custom.status", "x")]
)
def test_words_that_only_say_whose_it_is_do_not_count(key, label):
    target = Target("status", "Status", FieldType.TEXT)
    assert propose([Field(key, label)], {}, [target])[key] == Proposal("field:status", False, SAME_NAME)


def test_an_equal_name_goes_before_an_equal_meaning():
    columns = [Field("city", "City"), Field("miasto", "Miasto")]
    assert targets(columns, custom_fields=[CITY]) == {"miasto": "field:miasto"}


def test_a_shorter_name_goes_before_one_with_an_address_in_it():
    columns = [Field("shipping_city", "x"), Field("city", "x")]
    assert targets(columns, custom_fields=[CITY]) == {"city": "field:miasto"}


def test_a_shipping_phone_is_not_a_billing_phone():
    field = Target("billing_phone", "Billing phone", FieldType.TEXT)
    assert target_of(Field("shipping_phone", "Shipping phone"), field) is None


def test_each_field_and_each_column_is_used_once():
    columns = [Field(f"city{n}.city", "City") for n in range(3)]
    assert targets(columns, custom_fields=[CITY, Target("city", "City", FieldType.TEXT)]) == {
        "city0.city": "field:city",
        "city1.city": "field:miasto",
    }


def test_of_two_equal_names_the_right_type_wins():
    fields = [Target("tel_text", "Telefon", FieldType.TEXT), PHONE]
    assert target_of(Field("x", "Telefon", FieldKind.PHONE), *fields) == "field:telefon"


def test_a_source_with_five_hundred_columns_is_read():
    columns = [EMAIL, *(Field(f"pole_{n}", f"Pole {n}") for n in range(500))]
    fields = [Target(f"pole_{n}", f"Pole {n}", FieldType.TEXT) for n in range(0, 500, 5)]
    assert len(propose(columns, {}, fields)) == 101
