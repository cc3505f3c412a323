from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from webapp.importing.slots import newest_slot, next_slot, slot_on

WARSAW = ZoneInfo("Europe/Warsaw")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=WARSAW)


def test_the_first_slot_is_the_next_occurrence_even_a_minute_away():
    assert next_slot("06:15", WARSAW, local(2026, 11, 23, 6, 14)) == local(2026, 11, 23, 6, 15)


def test_a_slot_that_has_just_come_is_followed_by_tomorrows():
    assert next_slot("06:15", WARSAW, local(2026, 11, 23, 6, 15)) == local(2026, 11, 24, 6, 15)


def test_slots_are_utc_instants():
    slot = next_slot("06:15", WARSAW, local(2026, 11, 23, 0, 0))
    assert slot.tzinfo is UTC and slot.hour == 5


def test_a_time_that_the_spring_change_skips_runs_at_the_first_minute_after_it():
    assert slot_on(local(2027, 3, 28).date(), "02:30", WARSAW) == local(2027, 3, 28, 3, 0)


def test_a_time_that_the_autumn_change_doubles_runs_the_first_time_only():
    slot = slot_on(local(2026, 10, 25).date(), "02:30", WARSAW)
    assert slot == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_slot("02:30", WARSAW, slot) == local(2026, 10, 26, 2, 30)


@pytest.mark.parametrize("hour", ["00:00", "02:00", "02:30", "03:00", "23:59"])
def test_a_year_has_one_slot_for_every_local_day(hour: str):
    slot, days = local(2026, 6, 1), []
    for _ in range(365):
        slot = next_slot(hour, WARSAW, slot)
        days.append(slot.astimezone(WARSAW).date())
    assert len(set(days)) == 365 and days[-1] - days[0] == timedelta(days=364)


def test_after_five_days_of_standstill_only_the_newest_slot_counts():
    assert newest_slot("06:15", WARSAW, local(2026, 11, 23, 12, 0)) == local(2026, 11, 23, 6, 15)
    assert newest_slot("06:15", WARSAW, local(2026, 11, 23, 6, 0)) == local(2026, 11, 22, 6, 15)
