"""Texts that were read in the wrong encoding, and those that only look a little like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.mojibake import repaired

POLISH = "aąbcćdeęfghijklłmnńoóprsśtuwyzźż AĄĆĘŁŃÓŚŹŻ"


@pytest.mark.parametrize("meant", ["Wiśniewska", "Żółć", "Łukasz", "Zażółć gęślą jaźń", "Świętosława", "Dąbrowski"])
@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "latin-1"])
def test_a_text_that_was_read_as_another_encoding_is_as_it_was_meant(meant, encoding):
    try:
        garbled = meant.encode("utf-8").decode(encoding)
    except UnicodeDecodeError:
        pytest.skip("this encoding cannot hold it")
    assert repaired(garbled) == meant


@pytest.mark.parametrize(
    "text", ["Wiśniewska", "Łódź", "Anna", "", "Müller", "Citroën", "Ångström", "„Pod Lipą”", "100 €", None, 5, ["Ś"]]
)
def test_a_text_that_is_right_is_left_alone(text):
    assert repaired(text) is None


@given(st.text(POLISH, max_size=40))
def test_no_polish_text_is_taken_for_a_garbled_one(text):
    assert repaired(text) is None
