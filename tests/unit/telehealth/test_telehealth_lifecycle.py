"""The lifecycle table, walked whole."""

import pytest
from songcau_telehealth.consultations.model import (
    FINAL,
    LIFECYCLE,
    PUBLISHED,
    Actor,
    Fact,
    State,
    Step,
    find_transition,
    next_steps,
)

# Every step written down a second time, independently of the table: step → states it may be taken in → its end.
EXPECTED = {
    Step.TRIAGE: ("REQUESTED", "TRIAGE"),
    Step.REDIRECT: ("REQUESTED TRIAGE CHECKED_IN", "REDIRECTED"),
    Step.OFFER: ("TRIAGE", "OFFERED"),
    Step.RELEASE_HOLD: ("OFFERED", "TRIAGE"),
    Step.CONFIRM: ("OFFERED", "SCHEDULED"),
    Step.CHECK_IN: ("SCHEDULED", "CHECKED_IN"),
    Step.ADMIT: ("CHECKED_IN", "IN_CALL"),
    Step.COMPLETE: ("IN_CALL", "COMPLETED"),
    Step.CANCEL: ("REQUESTED TRIAGE OFFERED SCHEDULED CHECKED_IN", "CANCELLED"),
    Step.STOP: ("IN_CALL", "CANCELLED"),
    Step.CLOSE_UNHELD: ("SCHEDULED CHECKED_IN", "CANCELLED"),
    Step.MARK_PATIENT_MISSED: ("SCHEDULED", "NO_SHOW_PATIENT"),
    Step.MARK_CLINICIAN_MISSED: ("CHECKED_IN", "NO_SHOW_CLINICIAN"),
    Step.EXPIRE: ("REQUESTED TRIAGE", "EXPIRED"),
}
WHO = {
    Step.TRIAGE: "STATION CLINICIAN",
    Step.REDIRECT: "STATION CLINICIAN",
    Step.OFFER: "CITIZEN STATION CLINICIAN",
    Step.RELEASE_HOLD: "SYSTEM",
    Step.CONFIRM: "CITIZEN STATION",
    Step.CHECK_IN: "CITIZEN STATION",
    Step.ADMIT: "CLINICIAN",
    Step.COMPLETE: "CLINICIAN",
    Step.CANCEL: "CITIZEN STATION CLINICIAN",
    Step.STOP: "CITIZEN STATION CLINICIAN",
    Step.CLOSE_UNHELD: "SYSTEM",
    Step.MARK_PATIENT_MISSED: "STATION CLINICIAN",
    Step.MARK_CLINICIAN_MISSED: "CITIZEN STATION",
    Step.EXPIRE: "SYSTEM",
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_a_step_is_possible_in_exactly_the_states_it_belongs_to(state: State, step: Step) -> None:
    starts, end = EXPECTED[step]
    found = find_transition(state, step)
    if state in starts.split():
        assert found is not None
        assert found.end == end
        assert found.who == frozenset(WHO[step].split())
    else:
        assert found is None


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("actor", Actor)
def test_next_steps_are_the_rows_an_actor_may_take(state: State, actor: Actor) -> None:
    expected = {
        step for step, (starts, _) in EXPECTED.items() if state in starts.split() and actor in WHO[step].split()
    }
    assert set(next_steps(state, {actor})) == expected


def test_every_state_is_reached_from_the_request() -> None:
    reached = {State.REQUESTED}
    for _ in State:
        reached |= {row.end for row in LIFECYCLE if row.start in reached}
    assert reached == set(State)


def test_final_states_are_those_of_the_reference() -> None:
    names = {"COMPLETED", "CANCELLED", "NO_SHOW_PATIENT", "NO_SHOW_CLINICIAN", "EXPIRED", "REDIRECTED"}
    assert names == FINAL


def test_every_fact_but_the_first_comes_from_a_step() -> None:
    assert {row.fact for row in LIFECYCLE} == set(Fact) - {Fact.REQUESTED}


def test_every_state_is_published_under_a_reference_name_of_its_own() -> None:
    assert PUBLISHED.keys() == set(State)
    assert len({published.name for published in PUBLISHED.values()}) == len(State)


# Value sets of FHIR R4 4.0.1.
R4 = {
    "service_request": {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"},
    "task": {
        "draft",
        "requested",
        "received",
        "accepted",
        "rejected",
        "ready",
        "cancelled",
        "in-progress",
        "on-hold",
        "failed",
        "completed",
        "entered-in-error",
    },
    "appointment": {
        "proposed",
        "pending",
        "booked",
        "arrived",
        "fulfilled",
        "cancelled",
        "noshow",
        "entered-in-error",
        "checked-in",
        "waitlist",
    },
    "slot": {"busy", "free", "busy-unavailable", "busy-tentative", "entered-in-error"},
    "encounter": {
        "planned",
        "arrived",
        "triaged",
        "in-progress",
        "onleave",
        "finished",
        "cancelled",
        "entered-in-error",
        "unknown",
    },
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("resource", R4)
def test_a_published_status_is_one_of_the_standard(state: State, resource: str) -> None:
    status = getattr(PUBLISHED[state], resource)
    assert status == "" or status in R4[resource]
