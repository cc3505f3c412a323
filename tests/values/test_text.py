import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.text import clean, search_key

INVISIBLE = (
    "\x00\x07\x1b\x7f\x80\x9f\u00ad\u061c\u200b\u200c\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\ufffe\U000e0041"
)


def any_text():
    characters = st.characters() | st.sampled_from(
        INVISIBLE + " \t\r\n\u00a0\u200d\u0301\u0328\ud800\U0001f469\u2764\ufe0f"
    )
    return st.text(characters, max_size=60)


def test_a_name_stays_as_it_is():
    assert clean("Łukasz Żółć-Nowak") == "Łukasz Żółć-Nowak"


def test_nothing_becomes_an_empty_text():
    assert clean(None) == ""


def test_a_number_becomes_its_text():
    assert clean(14) == "14"


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\t", "\r\n", "\u2028", "\u3000"])
def test_spaces_of_every_kind_are_trimmed(space):
    assert clean(f"{space}Anna{space}") == "Anna"


@pytest.mark.parametrize("breaks", ["\r\n", "\n\n\n", "\t", " \r\n\t ", "\u2029", "\x85"])
def test_line_breaks_and_tabs_become_one_space(breaks):
    assert clean(f"Anna{breaks}Maria") == "Anna Maria"


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda character: f"U+{ord(character):04X}")
def test_invisible_characters_vanish(character):
    assert clean(f"An{character}na") == "Anna"


def test_a_lone_surrogate_vanishes():
    assert clean("Ann\ud800a").encode() == b"Anna"


def test_letters_and_their_marks_become_one_form():
    assert clean(unicodedata.normalize("NFD", "Żółć")) == "Żółć"


def test_marks_that_come_together_when_something_vanishes_are_joined():
    assert clean("e\u200b\u0301") == "é"


@pytest.mark.parametrize(
    "emoji", ["\U0001f469\u200d\U0001f4bb", "\u2764\ufe0f\u200d\U0001f525", "\U0001f3f3\ufe0f\u200d\U0001f308"]
)
def test_a_composed_emoji_stays_whole(emoji):
    assert clean(f"Anna {emoji}") == f"Anna {emoji}"


def test_a_joiner_between_letters_vanishes():
    assert clean("An\u200dna") == "Anna"


def test_a_text_is_cut_at_its_limit():
    assert clean("a" * 300) == "a" * 255


def test_a_cut_leaves_no_space_at_the_end():
    assert clean("abc def", 4) == "abc"


def test_a_cut_leaves_no_joiner_at_the_end():
    assert clean("\U0001f469\u200d\U0001f4bb", 2) == "\U0001f469"


def test_only_the_beginning_of_a_huge_text_is_read():
    assert clean("\u200b" * 7 * 255 + "Anna") == "Anna"
    assert clean("\u200b" * 8 * 255 + "Anna") == ""


@given(any_text(), st.integers(1, 40))
def test_cleaning_twice_changes_nothing_more(text, limit):
    once = clean(text, limit)
    assert clean(once, limit) == once


@given(any_text())
def test_a_clean_text_can_be_stored_anywhere(text):
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert cleaned == cleaned.strip() == unicodedata.normalize("NFC", cleaned)
    assert not set(cleaned) & {*INVISIBLE, "\n", "\r", "\t"}


@pytest.mark.parametrize(
    ("text", "key"), [("Łukasz", "lukasz"), ("ŻÓŁĆ", "zolc"), ("  Anna  Maria ", "anna maria"), ("Ægir", "aegir")]
)
def test_a_search_without_diacritics_finds_the_name(text, key):
    assert search_key(text) == key


def test_a_search_key_fits_its_column_even_when_transliteration_is_longer():
    assert len(search_key("北" * 255)) <= 255


@given(any_text())
def test_a_search_key_is_plain_and_stable(text):
    key = search_key(text)
    assert key.isascii()
    assert search_key(key) == key
