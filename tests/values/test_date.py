import random
from datetime import UTC, datetime

import pytest
from dateutil import parser
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.date import DAY_FIRST, MONTH_FIRST, parse


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-23",
        "20261123",
        "2026-11-23T08:00:00Z",
        "2026-11-23 08:00",
        "2026-11-23T08:00:00.000+0000",
        "2026-11-23T23:59:59+14:00",
        "23.11.2026",
        "23-11-2026",
        "2026/11/23",
        "2026.11.23",
        "23.11.2026 6:15",
        "23.11.2026, 06:15:00",
        " 2026-11-23\n",
        "Mon, 23 Nov 2026 08:00:00 GMT",
        "November 23, 2026",
        "23 nov 2026",
        "23.11.2026 r.",
        "23.11.2026r., godz. 8:00",
        "23. 11. 2026",
        "23/11/2026",
        "11/23/2026",
        "11/23/2026 8:00 PM",
        "23 listopada 2026",
        "23 listopada 2026 r. o 8:00",
        "23 Listopad 2026",
        "23 lis 2026",
        "23 XI 2026",
        20261123,
        1795420800,
        1795420800000,
        1795420800.5,
    ],
)
def test_a_day_has_one_form(raw):
    assert parse(raw) == "2026-11-23"


def test_single_digits_are_a_day_and_a_month():
    assert parse("3-1-2026") == parse("3.1.2026") == parse("2026/1/3") == "2026-01-03"


def test_a_time_keeps_the_day_that_is_written():
    assert parse("2026-11-23T23:30:00-05:00") == "2026-11-23"


def test_seconds_before_1970_are_a_day():
    assert parse(-500_000_000) == parse("-500000000") == "1954-02-26"


@pytest.mark.parametrize("raw", ["03/04/2026", "3/4/2026", "12/11/2026 08:00"])
def test_a_day_that_may_be_a_month_is_refused(raw):
    with pytest.raises(ValueError, match="not certain"):
        parse(raw)


def test_two_equal_numbers_are_one_day_whichever_is_the_month():
    assert parse("5/5/2026") == "2026-05-05"


@pytest.mark.parametrize("raw", ["03/04/2026", "3-4-2026", "03/04/2026 8:00 AM"])
def test_what_was_said_of_the_column_decides(raw):
    assert (parse(raw, DAY_FIRST), parse(raw, MONTH_FIRST)) == ("2026-04-03", "2026-03-04")


@pytest.mark.parametrize(("raw", "order"), [("11/23/2026", DAY_FIRST), ("23/11/2026", MONTH_FIRST)])
def test_a_day_of_the_other_order_is_refused_in_such_a_column(raw, order):
    with pytest.raises(ValueError):
        parse(raw, order)


@pytest.mark.parametrize("raw", ["3.4.2026", "2026/04/03", "3 kwietnia 2026"])
def test_forms_that_are_certain_do_not_depend_on_the_column(raw):
    assert parse(raw, MONTH_FIRST) == "2026-04-03"


@pytest.mark.parametrize(
    ("month", "words"),
    list(enumerate(
        (
            ("stycznia", "styczeń", "I"), ("lutego", "luty", "II"), ("marca", "marzec", "III"), ("kwietnia", "kwi", "IV"),
            ("maja", "maj", "V"), ("czerwca", "cze", "VI"), ("lipca", "lipiec", "VII"), ("sierpnia", "sie", "VIII"),
            ("września", "wrz", "IX"), ("października", "paź", "X"), ("listopada", "lis.", "XI"), ("grudnia", "GRUDZIEŃ", "xii"),
        ),
        1,
    )),
)  # fmt: skip
def test_polish_months_are_known_in_all_their_forms(month, words):
    assert {parse(f"7 {word} 2026") for word in words} == {f"2026-{month:02}-07"}


@pytest.mark.parametrize(
    "raw",
    [
        "November 2026",
        "23 November",
        "Monday 2026",
        "2026",
        "10:15",
        "7 majonez 2026",
        "31 lutego 2026",
        "noon 2026",
        "2026-11",
    ],
)
def test_a_day_that_is_not_whole_is_refused(raw):
    with pytest.raises(ValueError):
        parse(raw)


@pytest.mark.parametrize("raw", ["2026-02-30", "31.11.2026", "0000-00-00", "2026-13-01", "2025-02-29", "99999999"])
def test_a_day_that_does_not_exist_is_refused(raw):
    with pytest.raises(ValueError):
        parse(raw)


@pytest.mark.parametrize(
    "raw", ["", "brak", "14", 14, 0, True, 10**400, float("nan"), float("inf"), "202611230080000", "\ud800"]
)
def test_what_is_no_day_is_refused(raw):
    with pytest.raises(ValueError):
        parse(raw)


@given(
    st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.datetimes().map(str)
    | st.from_regex(r"\A[ -~]{8,30} 2026\Z")
)
def test_a_parsed_day_is_its_own_form(raw):
    try:
        day = parse(raw)
    except ValueError:
        return
    assert parse(day) == day


FORMS = (
    "{0:04}-{1:02}-{2:02}",
    "{0:04}-{1:02}-{2:02}T{3:02}:{4:02}:00Z",
    "{0:04}-{1:02}-{2:02}T{3:02}:{4:02}:59.000+01:00",
)
FORMS += ("{0:04}{1:02}{2:02}", "{2:02}.{1:02}.{0:04}", "{2}-{1}-{0:04}", "{2}.{1}.{0:04} {3:02}:{4:02}")
FORMS += ("{0:04}/{1:02}/{2:02}", "{0:04}/{1}/{2}", "{0:04}.{1:02}.{2:02}")


def library_day(raw):
    """The same by dateutil alone, told that the day comes before the month."""
    try:
        if raw[:4].isdigit():
            return parser.parse(raw, yearfirst=True, ignoretz=True).date().isoformat()
        return parser.parse(raw, dayfirst=True, ignoretz=True).date().isoformat()
    except ValueError:
        return None


def own_day(raw):
    try:
        return parse(raw)
    except ValueError:
        return None


def generated_days(count):
    chance = random.Random(20261123)
    for _ in range(count):
        year, month, day = chance.randint(1900, 2100), chance.randint(1, 12), chance.randint(1, 31)
        yield chance.choice(FORMS).format(year, month, day, chance.randint(0, 23), chance.randint(0, 59))


def test_the_fast_path_and_the_library_agree_on_generated_days():
    different = [raw for raw in generated_days(20_000) if own_day(raw) != library_day(raw)]
    assert different == []


def test_seconds_and_milliseconds_agree_with_the_calendar():
    chance = random.Random(20261123)
    moments = [chance.randint(100_000_000, 4_000_000_000) for _ in range(2000)]
    expected = [datetime.fromtimestamp(moment, UTC).date().isoformat() for moment in moments]
    assert [parse(moment) for moment in moments] == expected
    assert [parse(str(moment * 1000)) for moment in moments] == expected
