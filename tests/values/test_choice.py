import pytest

from webapp.values.choice import LEAVE_OUT, parse, resolved


@pytest.mark.parametrize(
    "raw", ["Stały klient", "stały klient", "  STAŁY  KLIENT ", "Stały\u00a0klient", "stałyklient"]
)
def test_case_and_spaces_do_not_make_another_option(raw):
    assert parse(raw, ("Nowy", "Stały klient")) == "Stały klient"


def test_an_exact_option_wins_over_a_similar_one():
    assert parse("vip", ("VIP", "vip")) == "vip"


def test_the_first_of_similar_options_is_taken():
    assert parse("Vip", ("VIP", "vip")) == "VIP"


@pytest.mark.parametrize(("raw", "option"), [(True, "Tak"), (False, "Nie")])
def test_yes_and_no_find_their_word(raw, option):
    assert parse(raw, ("Nie", "Tak")) == option


def test_a_number_finds_its_option():
    assert parse(2, ("1", "2")) == "2"


@pytest.mark.parametrize("raw", ["inny", "", True])
def test_what_is_no_option_is_refused(raw):
    with pytest.raises(ValueError):
        parse(raw, ("Nowy", "Stały klient"))


def test_options_may_come_as_a_list():
    assert parse("nowy", ["Nowy"]) == "Nowy"


def test_a_value_table_is_found_as_written_and_folded():
    table = resolved({"Hurt  PL": "Firma", "x": LEAVE_OUT}, ("Firma",))
    assert (table["Hurt  PL"], table["hurtpl"], table["x"]) == ("Firma", "Firma", LEAVE_OUT)


def test_what_is_written_exactly_so_wins_over_what_looks_the_same():
    table = resolved({"vip": "A", "VIP": "B"}, ("A", "B"))
    assert (table["VIP"], table["vip"]) == ("B", "A")


def test_a_value_that_led_to_an_option_that_is_gone_is_not_in_the_table():
    assert resolved({"hurt": "Firma"}, ("Osoba",)) == {}
