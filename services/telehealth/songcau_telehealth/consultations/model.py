"""The life of a consultation: its states, who may take which step, and the names the outside knows them by."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a consultation stands."""

    REQUESTED = "REQUESTED"
    TRIAGE = "TRIAGE"
    OFFERED = "OFFERED"
    SCHEDULED = "SCHEDULED"
    CHECKED_IN = "CHECKED_IN"
    IN_CALL = "IN_CALL"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    NO_SHOW_PATIENT = "NO_SHOW_PATIENT"
    NO_SHOW_CLINICIAN = "NO_SHOW_CLINICIAN"
    EXPIRED = "EXPIRED"
    REDIRECTED = "REDIRECTED"


class Actor(StrEnum):
    """Who acts in a step."""

    CITIZEN = "CITIZEN"
    STATION = "STATION"
    CLINICIAN = "CLINICIAN"
    SYSTEM = "SYSTEM"


class Step(StrEnum):
    """What can be done to a consultation, in the words of who does it."""

    TRIAGE = "TRIAGE"
    REDIRECT = "REDIRECT"
    OFFER = "OFFER"
    RELEASE_HOLD = "RELEASE_HOLD"
    CONFIRM = "CONFIRM"
    CHECK_IN = "CHECK_IN"
    ADMIT = "ADMIT"
    COMPLETE = "COMPLETE"
    CANCEL = "CANCEL"
    STOP = "STOP"
    CLOSE_UNHELD = "CLOSE_UNHELD"
    MARK_PATIENT_MISSED = "MARK_PATIENT_MISSED"
    MARK_CLINICIAN_MISSED = "MARK_CLINICIAN_MISSED"
    EXPIRE = "EXPIRE"


class Fact(StrEnum):
    """What a step tells the bus."""

    REQUESTED = "REQUESTED"
    TRIAGED = "TRIAGED"
    REDIRECTED = "REDIRECTED"
    OFFERED = "OFFERED"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    SCHEDULED = "SCHEDULED"
    CHECKED_IN = "CHECKED_IN"
    ADMITTED = "ADMITTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    PATIENT_MISSED = "PATIENT_MISSED"
    CLINICIAN_MISSED = "CLINICIAN_MISSED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Transition:
    """One allowed step: from, to, who may, which event."""

    start: State
    step: Step
    end: State
    who: frozenset[Actor]
    fact: Fact


_STAFF = frozenset({Actor.STATION, Actor.CLINICIAN})
_PATIENT_SIDE = frozenset({Actor.CITIZEN, Actor.STATION})
_PEOPLE = _STAFF | _PATIENT_SIDE
_CLINICIAN = frozenset({Actor.CLINICIAN})
_SYSTEM = frozenset({Actor.SYSTEM})

# The whole lifecycle. It begins in REQUESTED; whatever is not a row here is refused with the current state.
LIFECYCLE = (
    Transition(State.REQUESTED, Step.TRIAGE, State.TRIAGE, _STAFF, Fact.TRIAGED),
    Transition(State.REQUESTED, Step.REDIRECT, State.REDIRECTED, _STAFF, Fact.REDIRECTED),
    Transition(State.REQUESTED, Step.CANCEL, State.CANCELLED, _PEOPLE, Fact.CANCELLED),
    Transition(State.REQUESTED, Step.EXPIRE, State.EXPIRED, _SYSTEM, Fact.EXPIRED),
    Transition(State.TRIAGE, Step.REDIRECT, State.REDIRECTED, _STAFF, Fact.REDIRECTED),
    Transition(State.TRIAGE, Step.OFFER, State.OFFERED, _PEOPLE, Fact.OFFERED),
    Transition(State.TRIAGE, Step.CANCEL, State.CANCELLED, _PEOPLE, Fact.CANCELLED),
    Transition(State.TRIAGE, Step.EXPIRE, State.EXPIRED, _SYSTEM, Fact.EXPIRED),
    # Triage is not done twice for a hold that ran out, so it returns to TRIAGE and not to REQUESTED.
    Transition(State.OFFERED, Step.RELEASE_HOLD, State.TRIAGE, _SYSTEM, Fact.HOLD_EXPIRED),
    Transition(State.OFFERED, Step.CONFIRM, State.SCHEDULED, _PATIENT_SIDE, Fact.SCHEDULED),
    Transition(State.OFFERED, Step.CANCEL, State.CANCELLED, _PEOPLE, Fact.CANCELLED),
    Transition(State.SCHEDULED, Step.CHECK_IN, State.CHECKED_IN, _PATIENT_SIDE, Fact.CHECKED_IN),
    Transition(State.SCHEDULED, Step.CANCEL, State.CANCELLED, _PEOPLE, Fact.CANCELLED),
    Transition(State.SCHEDULED, Step.CLOSE_UNHELD, State.CANCELLED, _SYSTEM, Fact.CANCELLED),
    Transition(State.SCHEDULED, Step.MARK_PATIENT_MISSED, State.NO_SHOW_PATIENT, _STAFF, Fact.PATIENT_MISSED),
    # A red flag seen in the waiting room does not wait for the clinician.
    Transition(State.CHECKED_IN, Step.REDIRECT, State.REDIRECTED, _STAFF, Fact.REDIRECTED),
    Transition(State.CHECKED_IN, Step.ADMIT, State.IN_CALL, _CLINICIAN, Fact.ADMITTED),
    Transition(State.CHECKED_IN, Step.CANCEL, State.CANCELLED, _PEOPLE, Fact.CANCELLED),
    Transition(State.CHECKED_IN, Step.CLOSE_UNHELD, State.CANCELLED, _SYSTEM, Fact.CANCELLED),
    Transition(
        State.CHECKED_IN, Step.MARK_CLINICIAN_MISSED, State.NO_SHOW_CLINICIAN, _PATIENT_SIDE, Fact.CLINICIAN_MISSED
    ),
    # A running call ends unfinished only for a patient who withdrew consent.
    Transition(State.IN_CALL, Step.STOP, State.CANCELLED, _PEOPLE, Fact.CANCELLED),
    Transition(State.IN_CALL, Step.COMPLETE, State.COMPLETED, _CLINICIAN, Fact.COMPLETED),
)

_BY_START = {(row.start, row.step): row for row in LIFECYCLE}
FINAL = frozenset(State) - {row.start for row in LIFECYCLE}


def find_transition(state: State, step: Step) -> Transition | None:
    """Return the row of the lifecycle for a step taken in a state, None where there is none."""
    return _BY_START.get((state, step))


def next_steps(state: State, actors: Collection[Actor]) -> tuple[Step, ...]:
    """Return what these actors may do now, in the order of the lifecycle."""
    return tuple(row.step for row in LIFECYCLE if row.start is state and not row.who.isdisjoint(actors))


@dataclass(frozen=True)
class Published:
    """A state as the outside knows it: the platform's reference name and the R4 statuses, empty where none exists."""

    name: str
    service_request: str = ""
    task: str = ""
    appointment: str = ""
    slot: str = ""
    encounter: str = ""


# One way only: R4 has no no-show of the clinician and no waiting, so nothing is read back from these.
PUBLISHED = {
    State.REQUESTED: Published("Requested", "active", "requested", "proposed"),
    State.TRIAGE: Published("Triage", "active", "in-progress", "proposed"),
    State.OFFERED: Published("Offered / Held", "active", "in-progress", "pending", "busy-tentative"),
    State.SCHEDULED: Published("Scheduled", "active", "in-progress", "booked", "busy"),
    State.CHECKED_IN: Published("Checked-in", "active", "in-progress", "checked-in", "busy", "arrived"),
    State.IN_CALL: Published("In-call", "active", "in-progress", "checked-in", "busy", "in-progress"),
    State.COMPLETED: Published("Completed", "completed", "completed", "fulfilled", "busy", "finished"),
    State.CANCELLED: Published("Cancelled", "revoked", "cancelled", "cancelled"),
    State.NO_SHOW_PATIENT: Published("No-show patient", "revoked", "cancelled", "noshow", "busy"),
    State.NO_SHOW_CLINICIAN: Published("No-show clinician", "revoked", "failed", "cancelled", "busy", "cancelled"),
    State.EXPIRED: Published("Expired", "revoked", "failed", "cancelled"),
    State.REDIRECTED: Published("In-person-referral / Emergency", "completed", "completed", "cancelled"),
}
