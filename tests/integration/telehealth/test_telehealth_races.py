"""Real parallel callers: one slot, one patient, one step; exactly one wins and the others learn why."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import ExclusionViolation
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau_kit.caller import Caller
from songcau_kit.clock import FixedClock
from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import Call
from songcau_telehealth import app
from songcau_telehealth.consultations.booking import Booking
from songcau_telehealth.consultations.steps import Order
from songcau_telehealth.once import Once
from support.at_once import at_once
from support.telehealth_service import COLLEAGUE, DOCTOR, Telehealth, error_of, key, reason_of, serving
from support.token_issuer import TokenIssuer

RIVALS = 200


@pytest.fixture
def crowded(
    telehealth_url: str, fixed_clock: FixedClock, telehealth_issuer: TokenIssuer, tmp_path: Path
) -> Iterator[Telehealth]:
    """The service with a connection for each of 200 rivals."""
    with serving(telehealth_url, fixed_clock, telehealth_issuer, tmp_path, pool=RIVALS + 10) as site:
        yield site


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(result.reason.code if isinstance(result, DomainError) else "WON" for result in results)


def triaged(site: Telehealth, count: int) -> list[Any]:
    """Make as many consultations that wait for a slot, each of another citizen."""
    return [site.triage(site.request(site.link())) for _ in range(count)]


@pytest.mark.timeout(120)
def test_two_hundred_parallel_bookings_of_one_slot_have_one_winner(crowded: Telehealth) -> None:
    slot_id = crowded.slot()
    waiting = triaged(crowded, RIVALS)
    # Half come through gRPC's door, which has sixteen hands; half call the use case, each on a connection of its own.
    booking = app.build_rooms(
        crowded.settings, app.build_desk(crowded.settings, crowded.database, crowded.clock)
    ).booking
    caller = station_of(crowded)  # once: the race is for the slot, not for the issuer's keys

    def attempt(index: int, consultation: Any) -> Any:
        if index % 2:
            return crowded.offer(consultation, slot_id)
        return offer_directly(caller, booking, consultation, slot_id)

    tries = [lambda n=n, it=it: attempt(n, it) for n, it in enumerate(waiting)]
    results = at_once(tries)
    assert outcomes(results) == {"WON": 1, "SLOT_TAKEN": RIVALS - 1}
    refused = [result for result in results if isinstance(result, DomainError)]
    assert {error.details["slot_id"] for error in refused} == {slot_id}
    assert {error.reason.status for error in refused} == {"ABORTED"}
    assert crowded.rows("select count(*) from bookings") == [(1,)]
    assert crowded.rows("select count(*) from consultations where state = 'OFFERED'") == [(1,)]
    assert [event.WhichOneof("fact") for event in crowded.events()].count("offered") == 1


def station_of(site: Telehealth) -> Caller:
    token = dict(site.as_station())["authorization"].removeprefix("Bearer ")
    return site.issuer.verifier().verify(token)


def offer_directly(caller: Caller, booking: Booking, consultation: Any, slot_id: str) -> Any:
    call = Call(caller, "race", "CARE", datetime.now(UTC) + timedelta(seconds=30))
    once: Once[Any] = Once("OfferSlot", key(), b"x" * 32, lambda _: b"answer")
    order = Order(UUID(consultation.consultation_id), consultation.version, once)
    return booking.offer(call, order, UUID(slot_id))


@pytest.mark.timeout(120)
def test_a_patient_cannot_be_in_two_places_however_many_try(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    start = telehealth.clock.now() + timedelta(hours=1)
    # Two practitioners, overlapping times, twelve consultations of one patient.
    slots = [telehealth.slot_at(start, minutes=20), telehealth.slot_at(start, minutes=10, practitioner=COLLEAGUE)]
    waiting = [telehealth.triage(telehealth.request(citizen_id)) for _ in range(12)]
    results = at_once([lambda it=it, n=n: telehealth.offer(it, slots[n % 2]) for n, it in enumerate(waiting)])
    counted = outcomes(results)
    assert counted["WON"] == 1
    assert counted["PATIENT_BUSY"] + counted["SLOT_TAKEN"] == 11
    assert counted["PATIENT_BUSY"] >= 1
    busy = next(r for r in results if isinstance(r, DomainError) and r.reason.code == "PATIENT_BUSY")
    assert busy.details["slot_id"] in slots
    assert busy.details["starts_at"].endswith("+07:00")


def test_the_database_refuses_double_booking_whatever_the_code_does(telehealth: Telehealth) -> None:
    first = telehealth.scheduled()
    other = telehealth.triage(telehealth.request(telehealth.link()))
    copy = """insert into bookings (hold_id, slot_id, consultation_id, status, practitioner_span, patient_span)
        select gen_random_uuid(), slot_id, %s, 'BOOKED', {practitioner}, {patient} from bookings
        where consultation_id = %s"""
    free = "int8range(upper(patient_span) + 999, upper(patient_span) + 1000)"
    for spans, constraint in (
        ({"practitioner": "practitioner_span", "patient": free}, "bookings_practitioner_free"),
        ({"practitioner": free, "patient": "patient_span"}, "bookings_patient_free"),
    ):
        with pytest.raises(ExclusionViolation) as caught:
            telehealth.run(copy.format(**spans), other.consultation_id, first.consultation_id)
        assert caught.value.diag.constraint_name == constraint


def test_bookings_that_meet_inside_the_constraint_still_have_one_winner(telehealth: Telehealth) -> None:
    """Two sessions past every look and lock: the second insert waits for the first and then fails."""
    slot_id = telehealth.slot()
    pair = triaged(telehealth, 2)
    insert = """insert into bookings
        (hold_id, slot_id, consultation_id, status, expires_at, practitioner_span, patient_span)
        select gen_random_uuid(), slot_id, %s, 'HELD', now() + interval '1 hour', span, int8range(%s, %s)
        from slots where slot_id = %s"""
    with psycopg.connect(telehealth.url) as first, psycopg.connect(telehealth.url) as second:
        first.execute(insert, (pair[0].consultation_id, 1, 2, slot_id))
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(second.execute, insert, (pair[1].consultation_id, 3, 4, slot_id))
            with pytest.raises(TimeoutError):
                late.result(timeout=0.3)
            first.commit()
            with pytest.raises(ExclusionViolation):
                late.result(timeout=5)


@pytest.mark.parametrize("attempt", range(5))
def test_cancel_against_admit_has_one_winner_and_the_loser_learns_the_fresh_state(
    telehealth: Telehealth, attempt: int
) -> None:
    arrived = telehealth.check_in(telehealth.scheduled())
    results = at_once([lambda: telehealth.cancel(arrived), lambda: telehealth.admit(arrived)])
    assert outcomes(results) == {"WON": 1, "CONSULTATION_STATE_CONFLICT": 1}
    lost = next(result for result in results if isinstance(result, DomainError))
    state = pb.ConsultationState.Name(telehealth.get(arrived).state)
    assert state == f"CONSULTATION_STATE_{lost.details['state']}"


def test_of_two_clinicians_only_the_one_of_the_slot_admits_and_only_once(telehealth: Telehealth) -> None:
    arrived = telehealth.check_in(telehealth.scheduled())
    tries = [
        lambda: telehealth.admit(arrived),
        lambda: telehealth.admit(arrived),
        lambda: telehealth.admit(arrived, who=telehealth.as_doctor(COLLEAGUE)),
    ]
    results = at_once(tries)
    counted = outcomes(results)
    assert counted["WON"] == 1
    assert isinstance(results[2], DomainError)
    assert results[2].reason.code in ("NOT_THE_PRACTITIONER", "CONSULTATION_STATE_CONFLICT")
    assert counted["CONSULTATION_STATE_CONFLICT"] + counted["NOT_THE_PRACTITIONER"] == 2
    assert telehealth.get(arrived).practitioner.practitioner_id == str(DOCTOR)


@pytest.mark.parametrize("attempt", range(5))
def test_a_hold_that_runs_out_while_it_is_confirmed_ends_one_way(telehealth: Telehealth, attempt: int) -> None:
    offered = telehealth.offer(telehealth.triage(telehealth.request(telehealth.link())), telehealth.slot())
    telehealth.run("update bookings set expires_at = clock_timestamp() + interval '30 milliseconds'")
    sweeper = telehealth.sweeper()

    def sweep() -> Any:
        for _ in range(40):
            if sweeper.sweep():
                return "released"
            threading.Event().wait(0.005)
        return "nothing to release"

    def confirm() -> Any:
        threading.Event().wait(0.025 + attempt * 0.003)
        return telehealth.confirm(offered)

    results = at_once([confirm, sweep])
    now = telehealth.get(offered)
    if isinstance(results[0], DomainError):
        assert results[0].reason.code in ("HOLD_EXPIRED", "CONSULTATION_STATE_CONFLICT")
        assert results[1] == "released"
        assert now.state == pb.CONSULTATION_STATE_TRIAGE
    else:
        assert results[1] == "nothing to release"
        assert now.state == pb.CONSULTATION_STATE_SCHEDULED


def test_an_expired_hold_is_not_confirmed_even_before_it_is_swept(telehealth: Telehealth) -> None:
    offered = telehealth.offer(telehealth.triage(telehealth.request(telehealth.link())), telehealth.slot())
    telehealth.run("update bookings set expires_at = clock_timestamp() - interval '1 millisecond'")
    assert reason_of(lambda: telehealth.confirm(offered)) == "HOLD_EXPIRED"


def test_a_confirmation_names_its_hold(telehealth: Telehealth) -> None:
    offered = telehealth.offer(telehealth.triage(telehealth.request(telehealth.link())), telehealth.slot())
    another = str(telehealth.clock.new_id())
    assert reason_of(lambda: telehealth.confirm(offered, hold_id=another)) == "HOLD_REPLACED"


def test_twenty_parallel_repeats_of_one_request_make_one_consultation(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    results = at_once([lambda: telehealth.request(citizen_id, request_id="the-same") for _ in range(20)])
    counted = outcomes(results)
    assert set(counted) <= {"WON", "IDEMPOTENCY_KEY_IN_PROGRESS"}
    ids = {result.consultation_id for result in results if not isinstance(result, DomainError)}
    assert len(ids) == 1
    assert telehealth.rows("select count(*) from consultations") == [(1,)]


def test_a_slot_over_midnight_is_booked_once_and_blocks_both_days(telehealth: Telehealth) -> None:
    late = datetime(2026, 11, 30, 16, 50, tzinfo=UTC)  # 23:50 in Vietnam, the last evening of the month
    over = telehealth.slot_at(late, minutes=20)
    citizen_id = telehealth.link()
    telehealth.offer(telehealth.triage(telehealth.request(citizen_id)), over)
    after_midnight = telehealth.slot_at(late + timedelta(minutes=10), minutes=20, practitioner=COLLEAGUE)
    second = telehealth.triage(telehealth.request(citizen_id))
    error = error_of(lambda: telehealth.offer(second, after_midnight))
    assert error.reason.code == "PATIENT_BUSY"
    assert error.details == {"slot_id": over, "starts_at": "2026-11-30T23:50:00+07:00"}
    assert reason_of(lambda: telehealth.slot_at(late + timedelta(minutes=15), minutes=20)) == "SLOT_OVERLAPS"
    touching = telehealth.slot_at(late + timedelta(minutes=20), minutes=20)
    telehealth.offer(second, touching)
