"""What makes a look-up an anomaly: one rule at a time, and over generated days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_identity.anomalies.gathering import look_ups_of
from songcau_identity.anomalies.model import (
    ANOMALY_LIFECYCLE,
    DECIDED,
    AnomalyAct,
    AnomalyKind,
    AnomalyState,
    Taker,
    find_anomaly_transition,
)
from songcau_identity.anomalies.repository_facts import LookUpEntry
from songcau_identity.anomalies.rules import LookUp, OfficerDay, Thresholds, Volume, judge

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
THRESHOLDS = Thresholds(
    without_case=1, bulk_per_hour=20, bulk_per_day=60, bulk_factor=3.0, own_act_within=timedelta(hours=1)
)
PEOPLE = [UUID(int=number) for number in range(1, 13)]
AN, BINH, CHI = PEOPLE[:3]


def look_up(*met: UUID, at: datetime = MORNING) -> LookUp:
    return LookUp(at, {citizen_id: uuid4() for citizen_id in met})


def kinds(day: OfficerDay, thresholds: Thresholds = THRESHOLDS) -> list[tuple[AnomalyKind, UUID | None, int]]:
    return [(one.kind, one.citizen_id, one.look_ups) for one in judge(day, thresholds)]


def test_a_look_up_of_somebody_with_a_case_is_nothing_whoever_they_are() -> None:
    known = frozenset({AN})
    day = OfficerDay([look_up(AN)], with_case=known, neighbours=known, relatives=known, watched=known)
    assert kinds(day) == []


def test_a_search_that_shows_many_has_a_case_where_one_of_them_has() -> None:
    day = OfficerDay([look_up(AN, BINH, CHI)], with_case=frozenset({CHI}), neighbours=frozenset({AN}))
    assert kinds(day) == []


@pytest.mark.parametrize(
    ("after", "explained"), [(timedelta(hours=-30), True), (timedelta(hours=1), True), (timedelta(minutes=61), False)]
)
def test_an_own_act_explains_look_ups_before_which_or_soon_after_which_it_was_made(
    after: timedelta, explained: bool
) -> None:
    day = OfficerDay([look_up(AN)], own_acts={AN: MORNING + after}, neighbours=frozenset({AN}))
    assert (kinds(day) == []) is explained


def test_an_own_act_on_another_citizen_explains_nothing() -> None:
    assert kinds(OfficerDay([look_up(AN)], own_acts={BINH: MORNING})) == [(AnomalyKind.LOOK_UP_WITHOUT_CASE, None, 1)]


def test_an_own_act_made_late_explains_only_the_look_ups_from_then_on() -> None:
    late = MORNING + timedelta(hours=5)
    day = OfficerDay([look_up(AN), look_up(AN, at=late)], own_acts={AN: late})
    assert kinds(day) == [(AnomalyKind.LOOK_UP_WITHOUT_CASE, None, 1)]


def test_without_a_case_each_reason_is_told_on_its_own() -> None:
    day = OfficerDay(
        [look_up(AN), look_up(BINH), look_up(AN)],
        neighbours=frozenset({AN}),
        relatives=frozenset({AN}),
        watched=frozenset({BINH}),
    )
    assert kinds(day) == [
        (AnomalyKind.NEIGHBOUR, AN, 2),
        (AnomalyKind.RELATIVE, AN, 2),
        (AnomalyKind.WATCHED_CITIZEN, BINH, 1),
        (AnomalyKind.LOOK_UP_WITHOUT_CASE, None, 3),
    ]


def test_the_own_record_is_told_with_a_case_and_without_and_as_nothing_else() -> None:
    own = frozenset({AN})
    assert kinds(OfficerDay([look_up(AN)], with_case=own, own=own)) == [(AnomalyKind.OWN_RECORD, AN, 1)]
    assert kinds(OfficerDay([look_up(AN)], own=own)) == [(AnomalyKind.OWN_RECORD, AN, 1)]


def test_fewer_look_ups_without_a_case_than_the_threshold_are_not_told() -> None:
    two = replace(THRESHOLDS, without_case=2)
    assert kinds(OfficerDay([look_up(AN)]), two) == []
    assert kinds(OfficerDay([look_up(AN), look_up(AN)]), two) == [(AnomalyKind.LOOK_UP_WITHOUT_CASE, None, 2)]


def many(number: int, *, apart: timedelta) -> OfficerDay:
    look_ups = [look_up(AN, at=MORNING + index * apart) for index in range(number)]
    return OfficerDay(look_ups, with_case=frozenset({AN}))


def bulk(day: OfficerDay, **others: list[Volume]) -> bool:
    compared = OfficerDay(day.look_ups, with_case=day.with_case, **others)
    return [kind for kind, _, _ in kinds(compared)] == [AnomalyKind.BULK]


def test_bulk_begins_at_the_floor_of_a_day_and_of_an_hour() -> None:
    quarter, minute = timedelta(minutes=15), timedelta(minutes=1)
    assert not bulk(many(59, apart=quarter))
    assert bulk(many(60, apart=quarter))
    assert not bulk(many(19, apart=minute))
    assert bulk(many(20, apart=minute))


def test_bulk_is_beyond_what_the_officer_or_the_agency_is_used_to() -> None:
    day = many(60, apart=timedelta(minutes=15))
    busy, calm = [Volume(30, 4)] * 5, [Volume(10, 2)] * 5
    assert not bulk(day, history=busy, colleagues=busy)
    assert bulk(day, history=calm, colleagues=busy)
    assert bulk(day, history=busy, colleagues=calm)


def test_a_search_that_found_nobody_counts_for_bulk_only() -> None:
    nobody = OfficerDay([look_up(at=MORNING + index * timedelta(minutes=1)) for index in range(20)])
    assert kinds(nobody) == [(AnomalyKind.BULK, None, 20)]
    assert kinds(OfficerDay([look_up()])) == []


people = st.frozensets(st.sampled_from(PEOPLE))
met = st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True)
look_ups = st.lists(
    st.builds(
        lambda citizens, minute: look_up(*citizens, at=MORNING + timedelta(minutes=minute)), met, st.integers(0, 600)
    ),
    max_size=30,
)
days = st.builds(
    OfficerDay,
    look_ups=look_ups,
    with_case=people,
    own=people,
    relatives=people,
    neighbours=people,
    watched=people,
)


@given(days)
def test_nobody_is_told_for_people_with_a_case_but_the_own_record_and_bulk(day: OfficerDay) -> None:
    founded = {
        entry_id
        for one in day.look_ups
        if not day.with_case.isdisjoint(one.entries)
        for entry_id in one.entries.values()
    }
    for suspicion in judge(day, THRESHOLDS):
        if suspicion.kind not in (AnomalyKind.OWN_RECORD, AnomalyKind.BULK):
            assert founded.isdisjoint(suspicion.entry_ids)


@given(days)
def test_every_look_up_without_a_case_is_told_once(day: OfficerDay) -> None:
    unfounded = [one for one in day.look_ups if one.entries and day.with_case.union(day.own).isdisjoint(one.entries)]
    told = [one for one in judge(day, THRESHOLDS) if one.kind is AnomalyKind.LOOK_UP_WITHOUT_CASE]
    assert [one.look_ups for one in told] == ([len(unfounded)] if unfounded else [])
    assert {entry for one in told for entry in one.entry_ids} == {
        entry for one in unfounded for entry in one.entries.values()
    }


@given(days)
def test_a_kind_is_told_once_a_citizen_and_its_numbers_are_those_of_its_entries(day: OfficerDay) -> None:
    found = judge(day, THRESHOLDS)
    places = [(one.kind, one.citizen_id) for one in found]
    assert len(set(places)) == len(places)
    groups = {
        AnomalyKind.NEIGHBOUR: day.neighbours,
        AnomalyKind.RELATIVE: day.relatives,
        AnomalyKind.WATCHED_CITIZEN: day.watched,
        AnomalyKind.OWN_RECORD: day.own,
    }
    for one in found:
        if one.citizen_id is not None:
            assert one.citizen_id in groups[one.kind]
            assert one.look_ups == len(one.entry_ids) > 0


def entry(seconds: float, citizen_id: UUID = AN, correlation_id: str = "a", operation: str = "LOOK_UP_CITIZEN"):
    return LookUpEntry(uuid4(), MORNING + timedelta(seconds=seconds), citizen_id, operation, correlation_id)


@pytest.mark.parametrize(
    ("entries", "sizes"),
    [
        ([entry(0), entry(0, BINH), entry(0, CHI)], [3]),
        ([entry(0), entry(0.1, BINH, "b")], [1, 1]),
        ([entry(0), entry(0.1, BINH, "a", "LIST_PAPERS")], [1, 1]),
        # One id for everything hides nothing.
        ([entry(0), entry(0.1, AN), entry(0.2, AN)], [1, 1, 1]),
        ([entry(0), entry(0.001, BINH), entry(3.1, CHI)], [1, 1, 1]),
        ([], []),
    ],
)
def test_entries_of_one_answer_are_one_look_up(entries: list[LookUpEntry], sizes: list[int]) -> None:
    assert [len(group) for group in look_ups_of(entries)] == sizes


def test_every_state_is_reached_and_what_is_decided_stays() -> None:
    reached = {step.after for step in ANOMALY_LIFECYCLE}
    assert reached == set(AnomalyState)
    assert not {step.before for step in ANOMALY_LIFECYCLE} & DECIDED
    assert {step.after for step in ANOMALY_LIFECYCLE if step.before is AnomalyState.ANSWERED} == DECIDED


def test_it_is_explained_only_after_the_officer_answered() -> None:
    before = {step.before for step in ANOMALY_LIFECYCLE if step.act is AnomalyAct.ACCEPT}
    assert before == {AnomalyState.ANSWERED}
    assert [step.who for step in ANOMALY_LIFECYCLE if step.act is AnomalyAct.EXPLAIN] == [Taker.OFFICER]
    assert find_anomaly_transition(AnomalyState.OPEN, AnomalyAct.EXPLAIN) is None
