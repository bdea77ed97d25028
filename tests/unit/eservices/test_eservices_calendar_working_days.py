"""Which days count: Vietnam's holidays with their swapped days, overrides, agencies with a Saturday morning."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lunar_vn import convert_lunar_to_solar
from songcau_eservices.calendar.working_days import (
    SATURDAY_MORNING_WEEK,
    DayKind,
    Override,
    WorkingCalendar,
)
from songcau_kit.clock import VIETNAM

STANDARD = WorkingCalendar()
RESIDENCE = WorkingCalendar(SATURDAY_MORNING_WEEK)

TET_OFF = {
    2026: ("2026-02-17", "2026-02-16", "2026-02-20"),
    2027: ("2027-02-06", "2027-02-04", "2027-02-10"),
    2028: ("2028-01-26", "2028-01-24", "2028-01-29"),
    2029: ("2029-02-13", "2029-02-12", "2029-02-16"),
    2030: ("2030-02-02", "2030-01-31", "2030-02-06"),
}


@pytest.mark.parametrize("year", TET_OFF)
def test_every_day_around_tet_is_off(year):
    tet, first, last = (date.fromisoformat(text) for text in TET_OFF[year])

    assert first <= tet <= last
    span = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    assert not [day for day in span if STANDARD.is_working_day(day)]


@pytest.mark.parametrize("year", range(2026, 2036))
def test_the_first_day_of_the_lunar_year_is_off_as_an_independent_calendar_computes_it(year):
    tet = convert_lunar_to_solar(1, 1, year)

    assert not STANDARD.is_working_day(tet)
    assert STANDARD.reason(tet).kind == DayKind.HOLIDAY


@pytest.mark.parametrize(
    "day",
    ["2026-01-01", "2026-04-26", "2026-04-27", "2026-04-30", "2026-05-01", "2026-09-01", "2026-09-02", "2026-11-24",
     "2027-04-16", "2028-04-04", "2029-04-23", "2030-04-12"],
)  # fmt: skip
def test_public_holidays_do_not_count(day):
    assert not STANDARD.is_working_day(date.fromisoformat(day))


def test_the_day_the_government_swapped_is_off_and_its_saturday_is_worked():
    assert not STANDARD.is_working_day(date(2026, 8, 31))
    assert STANDARD.is_working_day(date(2026, 8, 22))
    assert STANDARD.reason(date(2026, 8, 22)).kind == DayKind.SWAPPED


def test_a_decision_written_later_wins_over_the_rules_both_ways():
    days = [Override(date(2027, 9, 4), True, "QĐ 1"), Override(date(2027, 9, 1), False, "QĐ 1")]
    calendar = WorkingCalendar(overrides={override.day: override for override in days})

    assert calendar.is_working_day(date(2027, 9, 4))
    assert not calendar.is_working_day(date(2027, 9, 1))
    assert calendar.reason(date(2027, 9, 1)).vi == "QĐ 1"


def test_a_saturday_morning_counter_receives_but_the_day_does_not_count():
    saturday = date(2026, 11, 28)

    assert not RESIDENCE.is_working_day(saturday)
    assert RESIDENCE.is_open(at(saturday, 9, 0))
    assert not RESIDENCE.is_open(at(saturday, 14, 0))
    assert not STANDARD.is_open(at(saturday, 9, 0))


def test_a_saturday_morning_counter_is_closed_on_a_holiday_saturday():
    assert not RESIDENCE.is_open(at(date(2027, 5, 1), 9, 0))
    assert not RESIDENCE.is_open(at(date(2027, 2, 6), 9, 0))


def test_counters_are_closed_over_lunch():
    assert STANDARD.is_open(at(date(2026, 11, 23), 11, 30))
    assert not STANDARD.is_open(at(date(2026, 11, 23), 12, 0))


@given(day=st.dates(date(2020, 1, 1), date(2040, 12, 31)), count=st.integers(1, 60))
def test_the_nth_working_day_has_exactly_n_working_days_up_to_it(day, count):
    last = STANDARD.add_working_days(day, count)

    assert STANDARD.is_working_day(last)
    assert STANDARD.working_days_between(day + timedelta(days=1), last + timedelta(days=1)) == count


@given(day=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_a_day_counts_only_without_a_reason_against_it(day):
    kind = STANDARD.reason(day).kind

    assert STANDARD.is_working_day(day) is (kind in (DayKind.WORKING, DayKind.SWAPPED))


def at(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM)
