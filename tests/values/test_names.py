import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.names import full_name, split_full_name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anna Kowalska", ("Anna", "Kowalska")),
        ("Anna Maria Kowalska", ("Anna Maria", "Kowalska")),
        ("  Anna\u00a0 Kowalska\n", ("Anna", "Kowalska")),
        ("Anna Nowak-Kowalska", ("Anna", "Nowak-Kowalska")),
        ("Anna Nowak - Kowalska", ("Anna", "Nowak-Kowalska")),
        ("Kowalska, Anna Maria", ("Anna Maria", "Kowalska")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Jan van der Berg", ("Jan", "van der Berg")),
        ("De Anna", ("De", "Anna")),
        ("Anna", ("Anna", "")),
        ("", ("", "")),
    ],
)
def test_a_full_name_is_split(text, names):
    assert split_full_name(text) == names


def test_an_address_in_the_place_of_a_name_is_no_name():
    assert split_full_name("anna@example.com") == ("", "")


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [("Anna", "Kowalska", "Anna Kowalska"), ("Anna", "", "Anna"), ("", "Kowalska", "Kowalska"), ("", "", "")],
)
def test_a_full_name_is_made_of_what_is_there(first, last, whole):
    assert full_name(first, last) == whole


@given(st.lists(st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=8), max_size=5).map(" ".join))
def test_no_word_of_a_name_is_lost(text):
    words = full_name(*split_full_name(text))
    assert split_full_name(words) == split_full_name(text)
    assert len(words.split()) == len(text.split())
