"""Every step tried in every state through the real door: what the table allows happens, the rest names the state."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau_kit.clock import FixedClock
from songcau_kit.migrations import migrate
from songcau_telehealth.consultations.model import FINAL, State, Step, find_transition
from support.telehealth_service import Telehealth, error_of, reason_of, serving
from support.token_issuer import TokenIssuer

STEPS: dict[Step, Callable[[Telehealth, Any], Any]] = {
    Step.TRIAGE: lambda site, it: site.triage(it),
    Step.REDIRECT: lambda site, it: site.triage(it, redirect="REDIRECT_TARGET_EMERGENCY"),
    Step.OFFER: lambda site, it: site.offer(it, new_slot(site)),
    Step.CONFIRM: lambda site, it: site.confirm(it),
    Step.CHECK_IN: lambda site, it: site.check_in(it),
    Step.ADMIT: lambda site, it: site.admit(it),
    Step.COMPLETE: lambda site, it: site.complete(it),
    Step.CANCEL: lambda site, it: site.cancel(it),
    Step.MARK_PATIENT_MISSED: lambda site, it: site.miss(it, "PATIENT"),
    Step.MARK_CLINICIAN_MISSED: lambda site, it: site.miss(it, "CLINICIAN"),
}


def grace_passed(site: Telehealth, consultation: Any) -> Any:
    """Put the slot into the past, past the grace time; the clock of the service stands still."""
    back = timedelta(hours=20)
    site.run(
        """update slots set starts_at = starts_at - %s, ends_at = ends_at - %s,
            span = int8range(lower(span) - 1200, upper(span) - 1200) where slot_id = %s""",
        back,
        back,
        consultation.offer.slot_id,
    )
    return consultation


def new_slot(site: Telehealth) -> str:
    """Publish the slot after all others, so that no two consultations of the walk meet."""
    taken = len(site.rows("select 1 from slots"))
    return site.slot_at(site.clock.now() + timedelta(minutes=60 + 5 * taken), minutes=5)


def in_state(site: Telehealth, state: State) -> Any:  # noqa: PLR0911 -- one way out for each state
    """Bring a new consultation into a state by the steps people would take."""
    asked = site.request(site.link())
    if state is State.REQUESTED:
        return asked
    if state is State.CANCELLED:
        return site.cancel(asked)
    triaged = site.triage(asked)
    if state is State.TRIAGE:
        return triaged
    if state is State.REDIRECTED:
        return site.triage(triaged, redirect="REDIRECT_TARGET_IN_PERSON")
    if state is State.EXPIRED:
        site.run(
            "update consultations set state_since = state_since - interval '15 days' where consultation_id = %s",
            triaged.consultation_id,
        )
        assert site.sweeper().sweep() >= 1
        return site.get(triaged)
    offered = site.offer(triaged, new_slot(site))
    if state is State.OFFERED:
        return offered
    scheduled = site.confirm(offered)
    if state is State.SCHEDULED:
        return scheduled
    if state is State.NO_SHOW_PATIENT:
        return site.miss(grace_passed(site, scheduled), "PATIENT")
    arrived = site.check_in(scheduled)
    if state is State.CHECKED_IN:
        return arrived
    if state is State.NO_SHOW_CLINICIAN:
        return site.miss(grace_passed(site, arrived), "CLINICIAN")
    in_call = site.admit(arrived)
    return in_call if state is State.IN_CALL else site.complete(in_call)


@pytest.fixture(scope="module")
def walked(postgres_url_factory: Callable[[str], str], tmp_path_factory: Any) -> Iterator[Telehealth]:
    clock = FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), seed=2)
    url = postgres_url_factory("telehealth_walk")
    migrate(url, package="songcau_telehealth")
    folder = tmp_path_factory.mktemp("walk")
    # Every consultation of the walk takes another slot, so check-in must be open for a whole day.
    with TokenIssuer(clock) as issuer, serving(url, clock, issuer, folder, check_in_opens_minutes=1440) as site:
        yield site


@pytest.mark.parametrize("state", State)
def test_every_step_the_table_lacks_is_refused_with_the_current_state(walked: Telehealth, state: State) -> None:
    consultation = in_state(walked, state)
    for step, take in STEPS.items():
        if find_transition(state, step) is None:
            error = error_of(lambda take=take: take(walked, consultation))
            assert error.reason.code == "CONSULTATION_STATE_CONFLICT"
            assert error.details["state"] == state.value
    unchanged = walked.get(consultation)
    assert unchanged.version == consultation.version
    assert unchanged.finished == (state in FINAL)


@pytest.mark.parametrize(("state", "step"), [(s, p) for s in State for p in STEPS if find_transition(s, p) is not None])
def test_every_step_of_the_table_is_taken_and_told(walked: Telehealth, state: State, step: Step) -> None:
    consultation = in_state(walked, state)
    if step in (Step.MARK_PATIENT_MISSED, Step.MARK_CLINICIAN_MISSED):
        grace_passed(walked, consultation)
    row = find_transition(state, step)
    assert row is not None
    moved = STEPS[step](walked, consultation)
    assert pb.ConsultationState.Name(moved.state) == f"CONSULTATION_STATE_{row.end}"
    assert moved.version == consultation.version + 1
    assert walked.facts(moved)[-1] == row.fact.lower()


def test_a_step_from_an_old_version_is_refused_with_the_fresh_one(walked: Telehealth) -> None:
    asked = in_state(walked, State.REQUESTED)
    triaged = walked.triage(asked)
    error = error_of(lambda: walked.cancel(asked))
    assert (error.reason.code, error.details) == ("VERSION_CONFLICT", {"current_version": "2"})
    assert reason_of(lambda: walked.cancel(triaged, expected_version=0)) == "VERSION_REQUIRED"


@pytest.mark.parametrize("state", [State.REQUESTED, State.SCHEDULED])
def test_a_step_of_somebody_else_is_refused(walked: Telehealth, state: State) -> None:
    consultation = in_state(walked, state)
    patient = walked.as_citizen(consultation.citizen_id)
    if state is State.SCHEDULED:
        grace_passed(walked, consultation)
        assert reason_of(lambda: walked.miss(consultation, "PATIENT", who=patient)) == "STEP_NOT_YOURS"
    else:
        # The door itself keeps citizens from triage.
        assert reason_of(lambda: walked.triage(consultation, who=patient)) == "PERMISSION_DENIED"


def test_a_hold_that_ran_out_returns_to_triage_and_frees_the_slot(walked: Telehealth) -> None:
    offered = in_state(walked, State.OFFERED)
    walked.run("update bookings set expires_at = clock_timestamp() - interval '1 second' where status = 'HELD'")
    assert walked.sweeper().sweep() >= 1
    back = walked.get(offered)
    assert back.state == pb.CONSULTATION_STATE_TRIAGE
    assert not back.HasField("offer")
    assert walked.facts(back)[-1] == "hold_expired"
    assert back.steps[-1].by == pb.ACTOR_KIND_SYSTEM
    again = walked.offer(back, offered.offer.slot_id)
    assert again.offer.hold_id != offered.offer.hold_id


def test_a_booking_nobody_speaks_of_is_closed_by_the_platform(walked: Telehealth) -> None:
    scheduled = in_state(walked, State.SCHEDULED)
    walked.run(
        """update slots set starts_at = starts_at - interval '3 days', ends_at = ends_at - interval '3 days',
            span = int8range(lower(span) - 4320, upper(span) - 4320) where slot_id = %s""",
        scheduled.offer.slot_id,
    )
    walked.sweeper().sweep()
    closed = walked.get(scheduled)
    assert closed.state == pb.CONSULTATION_STATE_CANCELLED
    assert (closed.cancellation.by, closed.cancellation.reason) == (
        pb.ACTOR_KIND_SYSTEM,
        pb.CANCELLATION_REASON_NOT_HELD,
    )
