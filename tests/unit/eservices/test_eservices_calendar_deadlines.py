"""When a dossier is due, how a pause moves the date, and that each step is explained."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from songcau_eservices.calendar.deadlines import add_months, compute_deadline, days_left, pause, resume, timeliness
from songcau_eservices.calendar.model import Timeliness
from songcau_eservices.calendar.working_days import SATURDAY_MORNING_WEEK, WorkingCalendar
from songcau_eservices.catalogue.model import ProcessingTime, TimeUnit
from songcau_kit.clock import VIETNAM, local_date

CALENDAR = WorkingCalendar()
SAME_DAY = ProcessingTime(1, TimeUnit.WORKING_DAY, same_day=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def due(accepted: str, value: int, unit: TimeUnit = TimeUnit.WORKING_DAY) -> str:
    return compute_deadline(at(accepted), ProcessingTime(value, unit), CALENDAR).due_date.isoformat()


@pytest.mark.parametrize(
    ("accepted", "value", "expected"),
    [
        ("2026-02-13T09:00", 3, "2026-02-25"),
        ("2026-08-20T09:00", 2, "2026-08-22"),
        ("2026-04-24T09:00", 3, "2026-05-04"),
        ("2026-11-23T16:59", 1, "2026-11-25"),
        ("2026-11-28T09:00", 1, "2026-11-30"),
    ],
)
def test_working_days_pass_over_holidays_and_count_swapped_days(accepted, value, expected):
    assert due(accepted, value) == expected


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("2026-11-23T07:30", "2026-11-23"),
        ("2026-11-23T15:00", "2026-11-23"),
        ("2026-11-23T15:00:59", "2026-11-23"),
        ("2026-11-23T15:01", "2026-11-25"),
        ("2026-11-27T15:01", "2026-11-30"),
        ("2026-11-28T09:00", "2026-11-30"),
        ("2026-02-13T15:01", "2026-02-23"),
    ],
)
def test_a_same_day_procedure_accepted_after_1500_or_on_a_day_off_is_due_the_next_working_day(accepted, expected):
    deadline = compute_deadline(at(accepted), SAME_DAY, CALENDAR)

    assert deadline.due_date.isoformat() == expected


def test_1500_is_the_time_in_vietnam_whatever_zone_the_instant_is_written_in():
    deadline = compute_deadline(datetime(2026, 11, 23, 8, 1, tzinfo=UTC), SAME_DAY, CALENDAR)

    assert deadline.due_date == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("accepted", "value", "unit", "expected"),
    [
        ("2026-11-23T09:00", 10, TimeUnit.DAY, "2026-12-03"),
        ("2026-11-23T09:00", 5, TimeUnit.DAY, "2026-11-30"),
        ("2026-02-10T09:00", 10, TimeUnit.DAY, "2026-02-23"),
        ("2026-01-31T09:00", 1, TimeUnit.MONTH, "2026-03-02"),
        ("2026-11-23T09:00", 2, TimeUnit.MONTH, "2027-01-25"),
        ("2026-11-23T09:00", 8, TimeUnit.HOUR, "2026-11-25"),
        ("2026-11-23T14:00", 2, TimeUnit.HOUR, "2026-11-23"),
        ("2026-11-23T18:00", 1, TimeUnit.HOUR, "2026-11-25"),
    ],
)
def test_other_units_end_on_a_working_day(accepted, value, unit, expected):
    assert due(accepted, value, unit) == expected


def test_hours_are_working_hours():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(8, TimeUnit.HOUR), CALENDAR)

    assert deadline.due_at == at("2026-11-25T09:30")


def test_days_are_due_at_the_end_of_office():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(1, TimeUnit.WORKING_DAY), CALENDAR)

    assert deadline.due_at == at("2026-11-25T17:00")


def test_a_saturday_morning_counter_gives_a_same_day_result_on_monday():
    deadline = compute_deadline(at("2026-11-28T09:00"), SAME_DAY, WorkingCalendar(SATURDAY_MORNING_WEEK))

    assert deadline.due_date == date(2026, 11, 30)


def test_every_step_is_explained_in_both_languages():
    deadline = compute_deadline(at("2026-02-13T09:12"), ProcessingTime(3, TimeUnit.WORKING_DAY), CALENDAR)

    codes = [step.code for step in deadline.explained]
    assert codes[:2] == ["ACCEPTED", "TERM"]
    assert codes[-1] == "DUE"
    vietnamese = "\n".join(step.vi for step in deadline.explained)
    assert "09:12 Thứ Sáu 13/02/2026" in vietnamese
    assert "3 ngày làm việc" in vietnamese
    assert "Không tính 17/02/2026: Tết Nguyên Đán" in vietnamese
    assert "Thứ Tư 25/02/2026" in vietnamese
    english = "\n".join(step.en for step in deadline.explained)
    assert "Lunar New Year" in english
    assert "Wednesday 25/02/2026" in english


def test_the_swapped_saturday_is_named():
    deadline = compute_deadline(at("2026-08-20T09:00"), ProcessingTime(2, TimeUnit.WORKING_DAY), CALENDAR)

    assert "Thứ Bảy 22/08/2026 là ngày làm việc bù." in [step.vi for step in deadline.explained]


def test_acceptance_after_1500_is_explained():
    deadline = compute_deadline(at("2026-11-23T15:01"), SAME_DAY, CALENDAR)

    assert "AFTER_1500" in [step.code for step in deadline.explained]


def test_a_pause_moves_the_due_date_by_the_working_days_it_lasted_and_keeps_both_dates():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(3, TimeUnit.WORKING_DAY), CALENDAR)
    paused = pause(deadline, at("2026-11-25T10:00"), "SUPPLEMENT")

    resumed = resume(paused, at("2026-12-01T08:00"), CALENDAR)

    assert paused.paused
    assert paused.due_date == date(2026, 11, 27)
    assert not resumed.paused
    assert resumed.due_date == date(2026, 12, 3)
    (change,) = resumed.history
    assert (change.old_due_date, change.new_due_date) == (date(2026, 11, 27), date(2026, 12, 3))
    assert resumed.pauses[0].reason == "SUPPLEMENT"
    assert [step.code for step in resumed.explained][-2:] == ["PAUSED", "RESUMED"]
    assert "ngày hẹn cũ 27/11/2026, ngày hẹn mới 03/12/2026" in resumed.explained[-1].vi


def test_two_pauses_keep_the_whole_history():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(3, TimeUnit.WORKING_DAY), CALENDAR)
    deadline = resume(pause(deadline, at("2026-11-25T10:00"), "A"), at("2026-11-26T08:00"), CALENDAR)
    deadline = resume(pause(deadline, at("2026-11-27T10:00"), "B"), at("2026-12-01T08:00"), CALENDAR)

    assert deadline.due_date == date(2026, 12, 2)
    assert len(deadline.history) == len(deadline.pauses) == 2


def test_a_pause_of_calendar_days_is_rolled_to_a_working_day_only_once():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(5, TimeUnit.DAY), CALENDAR)
    assert deadline.due_date == date(2026, 11, 30)  # 28 November is a Saturday

    resumed = resume(pause(deadline, at("2026-11-25T10:00"), "A"), at("2026-11-27T10:00"), CALENDAR)

    assert resumed.due_date == date(2026, 11, 30)


def test_a_pause_of_hours_moves_the_instant():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(2, TimeUnit.HOUR), CALENDAR)

    resumed = resume(pause(deadline, at("2026-11-23T10:00"), "A"), at("2026-11-23T14:30"), CALENDAR)

    assert resumed.due_at == at("2026-11-23T15:30")


def test_a_pause_after_the_due_date_does_not_undo_the_delay():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(1, TimeUnit.WORKING_DAY), CALENDAR)

    resumed = resume(pause(deadline, at("2026-12-01T10:00"), "A"), at("2026-12-10T10:00"), CALENDAR)

    assert resumed.due_date == deadline.due_date


def test_a_standing_clock_is_not_stopped_twice_nor_a_running_one_started():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(1, TimeUnit.WORKING_DAY), CALENDAR)
    paused = pause(deadline, at("2026-11-23T10:00"), "A")

    with pytest.raises(ValueError, match="stands already"):
        pause(paused, at("2026-11-23T11:00"), "B")
    with pytest.raises(ValueError, match="does not stand"):
        resume(deadline, at("2026-11-23T11:00"), CALENDAR)
    with pytest.raises(ValueError, match="before it starts"):
        resume(paused, at("2026-11-22T11:00"), CALENDAR)


@pytest.mark.parametrize(
    ("finished", "expected"),
    [("2026-11-24", Timeliness.EARLY), ("2026-11-25", Timeliness.ON_TIME), ("2026-11-26", Timeliness.LATE)],
)
def test_early_on_time_and_late_are_decided_by_the_date(finished, expected):
    assert timeliness(date.fromisoformat(finished), date(2026, 11, 25)) is expected


@pytest.mark.parametrize(
    ("today", "left"), [("2026-11-23", 3), ("2026-11-25", 2), ("2026-11-27", 0), ("2026-11-30", -1), ("2026-12-01", -2)]
)
def test_days_left_count_working_days_and_turn_negative(today, left):
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(3, TimeUnit.WORKING_DAY), CALENDAR)

    assert days_left(deadline, date.fromisoformat(today), CALENDAR) == left


def test_days_left_stand_while_the_clock_stands():
    deadline = compute_deadline(at("2026-11-23T09:00"), ProcessingTime(3, TimeUnit.WORKING_DAY), CALENDAR)
    paused = pause(deadline, at("2026-11-25T10:00"), "A")

    assert days_left(paused, date(2026, 12, 30), CALENDAR) == 2


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-01-31", 1, "2026-02-28"), ("2027-12-31", 2, "2028-02-29"), ("2026-11-23", 14, "2028-01-23")],
)
def test_a_month_ends_on_the_same_day_or_the_last_one(day, months, expected):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))
terms = st.builds(ProcessingTime, value=st.integers(1, 40), unit=st.sampled_from(TimeUnit), same_day=st.booleans())
gaps = st.timedeltas(timedelta(0), timedelta(days=60))


@given(accepted=instants, term=terms)
def test_a_deadline_ends_on_a_working_day_not_before_acceptance(accepted, term):
    assume(term.unit is not TimeUnit.MONTH or term.value < 13)
    deadline = compute_deadline(accepted, term, CALENDAR)

    assert CALENDAR.is_working_day(deadline.due_date)
    assert deadline.due_date >= local_date(accepted)
    assert deadline.explained[-1].code == "DUE"


@given(accepted=instants, value=st.integers(1, 30))
def test_more_time_never_ends_earlier(accepted, value):
    shorter, longer = (
        compute_deadline(accepted, ProcessingTime(count, TimeUnit.WORKING_DAY), CALENDAR)
        for count in (value, value + 1)
    )

    assert shorter.due_date < longer.due_date


@given(accepted=instants, term=terms, until_pause=gaps, length=gaps)
def test_a_pause_never_shortens_a_deadline_and_ends_on_a_working_day(accepted, term, until_pause, length):
    assume(term.unit is not TimeUnit.MONTH or term.value < 13)
    deadline = compute_deadline(accepted, term, CALENDAR)
    stopped = accepted + until_pause

    resumed = resume(pause(deadline, stopped, "A"), stopped + length, CALENDAR)

    assert resumed.due_date >= deadline.due_date
    assert CALENDAR.is_working_day(resumed.due_date)
    assert resumed.history[0].old_due_date == deadline.due_date


@given(accepted=instants, term=terms, until_pause=gaps)
def test_a_pause_that_ends_at_once_changes_no_date(accepted, term, until_pause):
    assume(term.unit is not TimeUnit.MONTH or term.value < 13)
    deadline = compute_deadline(accepted, term, CALENDAR)
    stopped = accepted + until_pause

    resumed = resume(pause(deadline, stopped, "A"), stopped, CALENDAR)

    assert resumed.due_date == deadline.due_date
