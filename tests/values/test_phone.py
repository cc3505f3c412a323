import random
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.phone import normalise, regions


@pytest.mark.parametrize(
    "raw",
    [
        "501502503",
        "501 502 503",
        "501-502-503",
        "+48501502503",
        "+48 501 502 503",
        "48501502503",
        "0048 501 502 503",
        "(+48) 501 502 503",
        "+48\u00a0501\u00a0502\u00a0503",
        "tel. 501 502 503",
        " 501502503 ",
        "501 502 503 wew. 12",
        "501 502 503, w. 7",
    ],
)
def test_a_polish_mobile_has_one_form(raw):
    assert normalise(raw) == "+48501502503"


@pytest.mark.parametrize("raw", ["22 123 45 67", "(22) 123 45 67", "+48 22 123-45-67"])
def test_a_polish_landline_has_one_form(raw):
    assert normalise(raw) == "+48221234567"


def test_a_number_that_begins_like_the_country_code_is_a_landline():
    assert normalise("48 362 12 34") == "+48483621234"


def test_a_foreign_number_keeps_its_country():
    assert normalise("+49 30 901820") == "+4930901820"


def test_a_number_without_a_country_belongs_to_the_region():
    assert normalise("030 901820", "DE") == "+4930901820"


def test_every_region_has_its_country_code():
    assert (regions()["PL"], regions()["DE"], regions()["US"]) == (48, 49, 1)
    assert all(re.fullmatch("[A-Z]{2}", region) for region in regions())


def test_polish_habits_do_not_hold_in_other_regions():
    with pytest.raises(ValueError, match="not a phone number"):
        normalise("501502503", "US")


@pytest.mark.parametrize(
    "raw", ["", "brak", "123", "000000000", "+48 12", "5" * 20, "5" * 10_000, "anna@example.com", "\ud800"]
)
def test_what_cannot_be_called_is_refused(raw):
    with pytest.raises(ValueError):
        normalise(raw)


@given(st.text(max_size=30) | st.from_regex(r"\A[+0-9 ()./-]{6,20}\Z"))
def test_a_normalised_number_is_its_own_form(raw):
    try:
        number = normalise(raw)
    except ValueError:
        return
    assert normalise(number) == number


def library_form(raw):
    """The same by phonenumbers alone."""
    try:
        number = phonenumbers.parse(raw, "PL")
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


def own_form(raw):
    try:
        return normalise(raw)
    except ValueError:
        return None


def generated_numbers(count):
    chance = random.Random(20261123)
    prefixes = ["", "", "", "+48", "0048", "48", "+48 ", "0", "(48)", "+49", "+", "00", "- "]
    for _ in range(count):
        digits = "".join(chance.choices("0123456789", k=chance.choice([9, 9, 9, 9, 9, 8, 10, 7])))
        spaced = "".join(digit + chance.choice(["", "", "", " ", "-", "  ", " - "]) for digit in digits)
        yield chance.choice(prefixes) + chance.choice([digits, spaced])


def test_the_fast_path_and_the_library_agree_on_generated_numbers():
    different = [raw for raw in generated_numbers(20_000) if own_form(raw) != library_form(raw)]
    assert different == []


@pytest.mark.parametrize("form", ["+48{}", "{}", "48{}", "0048{}"])
def test_the_fast_path_and_the_library_agree_on_every_beginning_of_a_polish_number(form):
    chance = random.Random(form)
    numbers = (form.format(f"{start}{chance.randrange(100_000):05}") for start in range(1000, 10_000, 3))
    assert [raw for raw in numbers if own_form(raw) != library_form(raw)] == []
