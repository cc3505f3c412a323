import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.masking import mask, mask_email, mask_phone


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("anna@example.com", "a•••@example.com"),
        (" Anna@Example.com ", "A•••@Example.com"),
        ("anna@", "a•••@"),
        ("paweł@@example.com", "p•••@@example.com"),
        ("anna@kowalska@example.com", "a•••@k•••@example.com"),
        ("@example.com", "@example.com"),
        ("anna", "a•••"),
        ("a@b.pl, c@d.pl", "a•••@b•••@d.pl"),
        ("anna@example.com tel 501502503", "a•••@e•••"),
        ("", ""),
    ],
)
def test_an_address_shows_its_first_letter_and_its_domain(raw, masked):
    assert mask_email(raw) == masked


@pytest.mark.parametrize("raw", ["+48 500 100 200", "500100200", "(500) 100-200"])
def test_a_phone_shows_its_last_three_digits(raw):
    assert mask_phone(raw) == "••• ••• 200"


@pytest.mark.parametrize("raw", ["", "12345", "brak"])
def test_a_short_phone_shows_nothing(raw):
    assert mask_phone(raw) == "•••"


@given(st.from_regex(r"\A[a-z]{2,20}@[a-z]{1,10}\.pl\Z"))
def test_a_masked_address_hides_the_person(address):
    local, _, domain = address.partition("@")
    assert mask_email(address) == f"{local[0]}•••@{domain}"


def test_an_address_is_masked_in_its_column():
    assert mask("email", "anna@example.com") == "a•••@example.com"


def test_a_phone_is_masked_in_its_column():
    assert mask("phone", "500100200") == "••• ••• 200"


@pytest.mark.parametrize("kind", ["email", "phone", "text", "list"])
@pytest.mark.parametrize("empty", [None, "", " "])
def test_an_empty_sample_stays_empty(kind, empty):
    assert mask(kind, empty) == ""


@pytest.mark.parametrize(
    ("kind", "value"), [("text", "Łódź"), ("number", 14), ("date", "2026-11-23"), ("text", "1 240,50 zł")]
)
def test_names_and_other_values_are_clear(kind, value):
    assert mask(kind, value) == str(value)


def test_an_address_inside_another_column_is_masked():
    assert mask("text", "kontakt: anna@example.com") == "kontakt: a•••@example.com"


def test_a_phone_in_another_column_is_masked():
    assert mask("text", "+48 500 100 200") == "••• ••• 200"


def test_lists_are_joined():
    assert mask("list", ["vip", "hurt"]) == "vip, hurt"


@pytest.mark.parametrize(("value", "text"), [(True, "Yes"), (False, "No")])
def test_yes_and_no_are_left_to_the_translator(value, text):
    assert mask("boolean", value) == text


def test_a_long_sample_is_cut():
    assert mask("text", "a" * 41) == "a" * 39 + "…"
    assert mask("text", "a" * 40) == "a" * 40


def test_a_long_address_is_cut_after_it_was_masked():
    assert mask("email", "anna@" + "b" * 60 + ".pl").startswith("a•••@bbb")
