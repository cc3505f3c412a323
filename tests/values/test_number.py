import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.number import COMMA, LARGEST_WHOLE, POINT, parse


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("007", 7),
        ("199.0", 199),
        ("1240.50", 1240.5),
        ("1e3", 1000),
        (" 12 ", 12),
        (5, 5),
        (5.0, 5),
        (0.1, 0.1),
    ],
)
def test_numbers_of_machines_are_read(raw, value):
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1 240,50 zł", 1240.5),
        ("1\u00a0240,50\u00a0zł", 1240.5),
        ("1\u202f240\u202f500", 1240500),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("1,240.50", 1240.5),
        ("1.240,50", 1240.5),
        ("1,240,500", 1240500),
        ("1.240.500", 1240500),
        ("1'240.50", 1240.5),
        ("1 240,500", 1240.5),
        ("PLN 12.50", 12.5),
        ("12.50 PLN", 12.5),
        ("$1,240.50", 1240.5),
        ("12%", 12),
        ("+5", 5),
        ("\u221212,50 zł", -12.5),
        ("-$5.50", -5.5),
        ("89,00 zł", 89),
    ],
)
def test_amounts_of_people_are_read(raw, value):
    assert parse(raw) == value


@pytest.mark.parametrize("raw", ["5", "5.0", "5,00", 5.0, "5,00 zł"])
def test_a_whole_number_has_one_form(raw):
    assert repr(parse(raw)) == "5"


def test_a_comma_that_may_mean_thousands_is_refused():
    with pytest.raises(ValueError, match="not certain"):
        parse("1,240")


@pytest.mark.parametrize(
    ("raw", "comma", "point"),
    [
        ("1,240", 1.24, 1240),
        ("1.240", 1240, 1.24),
        ("-1.240", -1240, -1.24),
        ("1.240 zł", 1240, 1.24),
        ("12,5", 12.5, None),
    ],
)
def test_what_was_said_of_the_column_decides(raw, comma, point):
    assert parse(raw, COMMA) == comma
    if point is None:
        with pytest.raises(ValueError):
            parse(raw, POINT)
    else:
        assert parse(raw, POINT) == point


@pytest.mark.parametrize("raw", ["1240.5", "1 240,50", "1 234,56", 1.24, "1e3"])
@pytest.mark.parametrize("decimal", ["", COMMA])
def test_numbers_that_are_certain_do_not_depend_on_the_column(raw, decimal):
    assert parse(raw, decimal) == parse(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "-",
        "zł",
        "brak",
        "12 34",
        "1,24,500",
        "1.240,50,1",
        "1,",
        ",5",
        "5 kg",
        "1_000",
        "0x10",
        "nan",
        "inf",
        "1e400",
        "--5",
        "00-950",
        float("nan"),
        float("inf"),
        "9" * 17,
        "9" * 5000,
        LARGEST_WHOLE + 1,
        10**400,
        1e300,
        "\ud800",
    ],
)
def test_what_is_no_certain_number_is_refused(raw):
    with pytest.raises(ValueError):
        parse(raw)


@given(st.integers(-LARGEST_WHOLE, LARGEST_WHOLE))
def test_every_whole_number_is_read_back(value):
    assert parse(str(value)) == parse(value) == value


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_every_amount_is_read_in_polish_and_english(whole, cents):
    expected = float(f"{whole}.{cents:02}")
    english = f"{whole:,}.{cents:02}"
    assert parse(english) == expected
    assert parse(english.replace(",", "\u00a0").replace(".", ",") + " zł") == expected


@given(st.text(max_size=20) | st.floats() | st.from_regex(r"\A[-+0-9., '%złPLN$]{1,14}\Z"))
def test_what_is_read_is_finite(raw):
    try:
        value = parse(raw)
    except ValueError:
        return
    assert math.isfinite(value)
    assert type(value) in (int, float)
