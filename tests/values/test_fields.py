import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.fields import TYPE_LABELS, UNFIT_SENTENCES, FieldType, LeftOut, Unfit, convert, converter, sample

OPTIONS = ("Nowy", "Stały klient")
EMPTY = [None, "", " ", "\u00a0", "\u200b", "\r\n", [], [None], ["", " "]]


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("raw", EMPTY, ids=ascii)
def test_an_empty_value_is_none(kind, raw):
    assert convert(kind, raw, OPTIONS) is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (" Łódź\r\n", "Łódź"),
        (14, "14"),
        (0, "0"),
        (5.0, "5"),
        (1240.5, "1240.5"),
        (True, "tak"),
        (False, "nie"),
        ("x" * 300, "x" * 255),
    ],
)
def test_anything_simple_fits_a_text(raw, value):
    assert convert(FieldType.TEXT, raw) == value


@pytest.mark.parametrize(
    ("raw", "value"), [(["vip", "hurt"], "vip, hurt"), (["vip", None, "", 2], "vip, 2"), (["vip"], "vip")]
)
def test_a_list_is_joined_in_a_text(raw, value):
    assert convert(FieldType.TEXT, raw) == value


@pytest.mark.parametrize(
    ("raw", "value"), [("1 240,50 zł", 1240.5), ("14", 14), (14, 14), (1.5, 1.5), (0, 0), (["14"], 14)]
)
def test_numbers_fit_a_number(raw, value):
    assert convert(FieldType.NUMBER, raw) == value


@pytest.mark.parametrize("raw", ["23.11.2026", "2026-11-23T08:00:00Z", 1795420800])
def test_days_fit_a_date(raw):
    assert convert(FieldType.DATE, raw) == "2026-11-23"


@pytest.mark.parametrize("raw", ["501 502 503", 501502503, 48501502503])
def test_phones_fit_a_phone(raw):
    assert convert(FieldType.PHONE, raw) == "+48501502503"


def test_countries_fit_a_country():
    assert convert(FieldType.COUNTRY, "Polska") == "PL"


@pytest.mark.parametrize("options", [OPTIONS, list(OPTIONS)])
def test_options_fit_a_choice(options):
    assert convert(FieldType.CHOICE, "stały KLIENT", options) == "Stały klient"


def test_yes_and_no_fit_a_choice_of_such_words():
    assert convert(FieldType.CHOICE, True, ("Tak", "Nie")) == "Tak"


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldType.TEXT, {"a": 1}),
        (FieldType.TEXT, [["a"]]),
        (FieldType.TEXT, float("nan")),
        (FieldType.NUMBER, "dużo"),
        (FieldType.NUMBER, True),
        (FieldType.NUMBER, ["1", "2"]),
        (FieldType.NUMBER, float("inf")),
        (FieldType.DATE, "wczoraj"),
        (FieldType.DATE, True),
        (FieldType.DATE, 10**400),
        (FieldType.PHONE, "brak"),
        (FieldType.PHONE, True),
        (FieldType.PHONE, 1.5),
        (FieldType.COUNTRY, "Atlantyda"),
        (FieldType.COUNTRY, 48),
        (FieldType.CHOICE, "inny"),
        (FieldType.CHOICE, ["Nowy", "Stały klient"]),
        (FieldType.CHOICE, 1.5),
    ],
)
def test_what_does_not_fit_is_refused(kind, raw):
    with pytest.raises(Unfit) as refused:
        convert(kind, raw, OPTIONS)
    assert refused.value.type is kind


def test_a_refusal_does_not_carry_the_value():
    with pytest.raises(Unfit) as refused:
        convert(FieldType.PHONE, "anna@example.com")
    assert "anna" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("texts", [TYPE_LABELS, UNFIT_SENTENCES])
def test_every_type_has_its_words(texts):
    assert set(texts) == set(FieldType)


@pytest.mark.parametrize(
    ("kind", "reading", "raw", "value"),
    [
        (FieldType.DATE, {"order": "day"}, "03/04/2026", "2026-04-03"),
        (FieldType.DATE, {"order": "month"}, "03/04/2026", "2026-03-04"),
        (FieldType.DATE, {"region": "DE"}, "3.4.2026", "2026-04-03"),
        (FieldType.NUMBER, {"decimal": "comma"}, "1.240", 1240),
        (FieldType.NUMBER, {"decimal": "point"}, "1,240", 1240),
        (FieldType.PHONE, {"region": "DE"}, "030 901820", "+4930901820"),
        (FieldType.PHONE, {}, "501 502 503", "+48501502503"),
        (FieldType.PHONE, {"region": "DE"}, "+48 501 502 503", "+48501502503"),
        (FieldType.TEXT, {"order": "day"}, "03/04/2026", "03/04/2026"),
    ],
)
def test_what_was_said_of_a_column_decides(kind, reading, raw, value):
    assert converter(kind, (), reading)(raw) == value


@pytest.mark.parametrize(
    ("raw", "option"),
    [
        ("H", "Stały klient"),
        (" h ", "Stały klient"),
        (["H"], "Stały klient"),
        (2, "Nowy"),
        (2.0, "Nowy"),
        (True, "Nowy"),
    ]
    + [(["vip", "hurt"], "Stały klient"), ("nowy", "Nowy"), ("", None), ("\u200b", None), (None, None), ([], None)],
    ids=repr,
)
def test_a_value_table_says_which_option_a_value_becomes(raw, option):
    table = {"h": "Stały klient", "2": "Nowy", "tak": "Nowy", "vip, hurt": "Stały klient"}
    assert converter(FieldType.CHOICE, OPTIONS, {"table": table})(raw) == option


def test_the_table_wins_over_an_option_of_the_same_name():
    assert converter(FieldType.CHOICE, OPTIONS, {"table": {"Nowy": "Stały klient"}})("Nowy") == "Stały klient"


def test_a_value_that_is_to_be_left_out_is_no_unfit_one():
    read = converter(FieldType.CHOICE, OPTIONS, {"table": {"test": ""}})
    with pytest.raises(LeftOut):
        read("TEST")


@pytest.mark.parametrize("reading", [None, {}, {"table": {}}, {"table": {"x": "Skasowana"}}], ids=str)
def test_without_a_table_a_choice_is_what_it_was(reading):
    read = converter(FieldType.CHOICE, OPTIONS, reading)
    assert read("nowy") == "Nowy"
    with pytest.raises(Unfit):
        read("x")


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("raw", EMPTY, ids=ascii)
def test_an_empty_value_is_none_in_every_column(kind, raw):
    assert converter(kind, OPTIONS, {"table": {"x": "Nowy"}})(raw) is None


@pytest.mark.parametrize(
    ("kind", "raw", "text"),
    [
        (FieldType.DATE, "31.02.2026", "31.02.2026"),
        (FieldType.PHONE, "501 502 50", "••• ••• 250"),
        (FieldType.PHONE, "brak", "brak"),
        (FieldType.NUMBER, "anna@example.com", "a•••@example.com"),
        (FieldType.CHOICE, True, "tak"),
        (FieldType.CHOICE, ["a", "b"], "a, b"),
        (FieldType.CHOICE, "x" * 100, "x" * 100),
        (FieldType.DATE, "x" * 100, "x" * 39 + "…"),
        (FieldType.TEXT, {"a": 1}, "{'a': 1}"),
    ],
)
def test_a_sample_of_what_did_not_fit_is_masked(kind, raw, text):
    assert sample(kind, raw) == text


raw_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda items: st.lists(items, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(FieldType), raw_values)
def test_a_value_fits_or_is_refused_and_what_fits_can_be_stored(kind, raw):
    try:
        value = convert(kind, raw, OPTIONS)
    except Unfit:
        return
    assert value is None or (type(value) in (str, int, float) and value != "")
    assert convert(kind, value, OPTIONS) == json.loads(json.dumps(value, allow_nan=False)) == value
