"""The rules that need no database: the treatment list, declared hours across midnight, ages, codes, standing."""

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_kit.caller import Caller
from songcau_kit.clock import VIETNAM
from songcau_kit.processing import LegalBasis
from songcau_kit.step_up import assurance_level
from songcau_telehealth.consultations.access import find_citizen_id
from songcau_telehealth.consultations.completion import ALPHABET, CODE_LENGTH, read_code, spell
from songcau_telehealth.consultations.grounds import RESULT_GROUNDS, STEP_GROUNDS, rests_on_consent
from songcau_telehealth.consultations.model import Step
from songcau_telehealth.consultations.records import age_on
from songcau_telehealth.consultations.treatable import TreatableList
from songcau_telehealth.facilities.model import MINUTES_OF_A_DAY, RemoteMode, local_spans
from songcau_telehealth.seeding import periods_of
from songcau_telehealth.slots.model import Period

LIST = TreatableList.load()
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)


@pytest.mark.parametrize(
    "code",
    ["I10", "E66", "E66.0", "J00", "K12.0", "E10.9", "E11.2", "E14.9", "E00", "E05.1", "E07", "E07.8", "A15", "A19.9",
     "J10.1", "U07.1", "Z50.1", "M54.5"],
)  # fmt: skip
def test_a_diagnosis_under_an_entry_may_be_treated(code: str) -> None:
    assert LIST.covers(code)


@pytest.mark.parametrize(
    "code", ["I11", "E65", "E08", "J31", "J31.0", "K12.1", "E10", "E10.8", "E15", "A20", "A97.1", "Z76", "C50", "I1"]
)
def test_a_diagnosis_outside_or_coarser_than_the_entries_may_not(code: str) -> None:
    assert not LIST.covers(code)


def test_the_list_says_that_it_needs_rekeying() -> None:
    assert "draft" in LIST.version


@pytest.mark.parametrize("entry", ["e66", "E66-", "E07-E00", "E6", "66", ""])
def test_a_malformed_entry_is_refused(tmp_path, entry: str) -> None:
    file = tmp_path / "list.toml"
    file.write_text(f'version = "x"\nentries = ["{entry}"]\n')
    with pytest.raises(ValueError, match="neither"):
        TreatableList.load(file)


@given(INSTANTS, st.integers(1, 4 * MINUTES_OF_A_DAY))
def test_the_parts_of_a_period_are_whole_and_lie_in_one_local_day_each(start: datetime, minutes: int) -> None:
    spans = local_spans(start, start + timedelta(minutes=minutes), VIETNAM)
    assert sum(span.end_minute - span.start_minute for span in spans) == minutes
    assert all(0 <= span.start_minute < span.end_minute <= MINUTES_OF_A_DAY for span in spans)
    assert [span.day for span in spans] == sorted({span.day for span in spans})
    assert spans[0].day == start.astimezone(VIETNAM).date()


def test_a_slot_that_ends_at_midnight_belongs_to_one_day() -> None:
    start = datetime(2026, 11, 30, 16, 40, tzinfo=UTC)
    (span,) = local_spans(start, start + timedelta(minutes=20), VIETNAM)
    assert (span.day, span.start_minute, span.end_minute) == (date(2026, 11, 30), 1420, 1440)


def test_a_slot_over_the_end_of_a_month_belongs_to_both_days() -> None:
    start = datetime(2026, 11, 30, 16, 50, tzinfo=UTC)
    first, second = local_spans(start, start + timedelta(minutes=20), VIETNAM)
    assert (first.day, first.weekday, first.end_minute) == (date(2026, 11, 30), 1, 1440)
    assert (second.day, second.weekday, second.end_minute) == (date(2026, 12, 1), 2, 10)


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [("2010-11-23", "2026-11-23", 16), ("2010-11-24", "2026-11-23", 15), ("2012-02-29", "2026-02-28", 13),
     ("2012-02-29", "2026-03-01", 14)],
)  # fmt: skip
def test_an_age_counts_completed_years(birth_date: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(birth_date), date.fromisoformat(day)) == age


@given(st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_printed_code_is_read_back_however_it_is_typed(code: str) -> None:
    printed = spell(code)
    assert read_code(printed) == code
    assert read_code(printed.lower().replace("-", " ")) == code
    assert read_code(printed.replace("0", "O").replace("1", "l")) == code


@pytest.mark.parametrize(
    ("acr", "level"), [("aal2", 2), ("2", 2), ("aal1", 1), ("0", 0), ("", 0), (None, 0), ("mfa", 0)]
)
def test_the_level_of_a_sign_in_is_the_number_at_its_end(acr: str | None, level: int) -> None:
    assert assurance_level(acr) == level


def test_a_citizen_id_counts_only_with_the_role_of_a_citizen() -> None:
    attributes = {"citizen_id": (str(UUID(int=5)),)}
    assert find_citizen_id(Caller("s", "c", frozenset({"citizen"}), attributes=attributes)) == UUID(int=5)
    assert find_citizen_id(Caller("s", "c", frozenset({"officer"}), attributes=attributes)) is None
    assert find_citizen_id(Caller("s", "c", frozenset({"citizen"}), attributes={"citizen_id": ("nobody",)})) is None


@given(st.integers(0, 400), st.integers(-120, 120))
def test_a_slot_has_whole_minutes_a_sane_length_and_lies_ahead(minutes: int, ahead: int) -> None:
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    start = now + timedelta(minutes=ahead)
    faults = Period(start, start + timedelta(minutes=minutes)).faults(now)
    assert ("LENGTH_OUT_OF_RANGE" in faults) == (not 5 <= minutes <= 240)
    assert ("IN_PAST" in faults) == (ahead < 0)
    assert "NOT_WHOLE_MINUTES" in Period(start + timedelta(seconds=1), start + timedelta(minutes=10)).faults(now)


@given(INSTANTS)
def test_seeded_slots_lie_in_the_declared_hours_and_do_not_touch_the_past(now: datetime) -> None:
    entry = {"slot_minutes": 20, "slot_days": 7, "weekdays": [1, 3, 5], "hours": [[450, 690], [810, 1020]]}
    periods = list(periods_of(entry, now))
    assert periods
    for before, after in itertools.pairwise(periods):
        assert before.ends_at <= after.starts_at
    for period in periods:
        local = period.starts_at.astimezone(VIETNAM)
        minute = local.hour * 60 + local.minute
        assert period.starts_at > now
        assert local.isoweekday() in (1, 3, 5)
        assert 450 <= minute <= 670 or 810 <= minute <= 1000


def test_every_step_rests_on_consent_or_on_a_ground_that_is_named() -> None:
    examination = {step for step in Step if rests_on_consent(step)}
    assert examination == {Step.TRIAGE, Step.OFFER, Step.CONFIRM, Step.CHECK_IN, Step.ADMIT, Step.COMPLETE}
    assert LegalBasis.CONSENT not in STEP_GROUNDS.values()
    assert STEP_GROUNDS[Step.REDIRECT] is LegalBasis.LIFE_AND_HEALTH


def test_only_between_facilities_does_the_station_read_the_result_without_consent() -> None:
    assert RESULT_GROUNDS.keys() == {mode for mode in RemoteMode if mode.is_local_practitioner_responsible}
