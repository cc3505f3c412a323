import pytest

from webapp.importing.naming import phrase
from webapp.importing.synonyms import MEANING_OF, MEANINGS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("numberOfOrders", "number of orders"),
        ("number_of_orders", "number of orders"),
        ("Number of orders", "number of orders"),
        ("Liczba zamówień", "liczba zamowien"),
        ("Data_urodzenia__c", "data urodzenia"),
        ("VIP", "vip"),
        ("", ""),
    ],
)
def test_keys_and_labels_are_compared_as_words(text, words):
    assert phrase(text) == words


def test_every_synonym_is_written_as_it_is_compared():
    assert [name for name in MEANING_OF if phrase(name) != name] == []


def test_no_synonym_has_two_meanings():
    assert len(MEANING_OF) == sum(map(len, MEANINGS.values()))
