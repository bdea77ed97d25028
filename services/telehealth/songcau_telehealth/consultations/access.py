"""Who stands how to a consultation, for which purpose they come, and the audit entry that says so."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.audit import AuditEntry, Outcome
from songcau_kit.caller import Caller
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, PERMISSION_DENIED, DomainError
from songcau_kit.rpc_call import Call
from songcau_kit.step_up import assurance_level

from songcau_telehealth.consultations.model import Actor
from songcau_telehealth.consultations.records import Consultation
from songcau_telehealth.errors import (
    CONSULTATION_NOT_FOUND,
    NOT_REPRESENTED,
    NOT_THE_PRACTITIONER,
    PURPOSE_REQUIRED,
    PURPOSE_UNKNOWN,
    RESULT_NOT_SHARED,
    STEP_NOT_YOURS,
)

CARE = "CARE"
OWN_USE = "OWN_USE"
PURPOSES = frozenset({CARE, "COUNTER_ASSISTANCE", "DATA_SUBJECT_REQUEST", "INSPECTION"})

SYSTEM_NAME = "telehealth"
_KINDS = {Actor.CITIZEN: "CITIZEN", Actor.STATION: "STATION_OFFICER", Actor.CLINICIAN: "CLINICIAN"}


STAFF = ("station-officer", "clinician")


@dataclass(frozen=True)
class Party:
    """For whom a call is made: every id of them. `conflicted` are those somebody of the staff stands for privately."""

    ids: frozenset[UUID]
    conflicted: frozenset[UUID] = frozenset()
    is_represented: bool = False


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a consultation: as what, for which facility."""

    actors: frozenset[Actor]
    organization: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is the patient."""
        return Actor.CITIZEN in self.actors

    def acting_in(self, who: frozenset[Actor]) -> Actor:
        """Return as what somebody acts where these may; a person who is several acts as the first of the enum."""
        return next(actor for actor in Actor if actor in self.actors & who)


def find_citizen_id(caller: Caller) -> UUID | None:
    """Return the citizen the caller is signed in as, where the token says so."""
    return _find_uuid(caller.attribute("citizen_id")) if caller.has_role("citizen") else None


def find_practitioner_id(caller: Caller) -> UUID | None:
    """Return the practitioner the caller is, where the token says so."""
    return _find_uuid(caller.attribute("practitioner_id")) if caller.has_role("clinician") else None


def find_account_holder(caller: Caller) -> UUID | None:
    """Return the citizen whose own account it is, whatever its roles."""
    return _find_uuid(caller.attribute("citizen_id"))


def find_standing(caller: Caller, consultation: Consultation, party: Party) -> Standing | None:
    """Return how the caller stands to the consultation in a call for this party, None for a stranger.

    Nobody works on their own case, nor on that of somebody they stand for: staff are nothing but the patient there.
    """
    if consultation.citizen_id in party.ids:
        return Standing(frozenset({Actor.CITIZEN})) if caller.has_role("citizen") else None
    if party.is_represented or consultation.citizen_id in party.conflicted:
        return None
    facilities = caller.values("facility_codes")
    held: dict[Actor, str] = {}
    if caller.has_role("station-officer") and consultation.receiving_facility_code in facilities:
        held[Actor.STATION] = consultation.receiving_facility_code or ""
    if caller.has_role("clinician"):
        assigned = consultation.practitioner.practitioner_id if consultation.practitioner else None
        if consultation.facility_code in facilities or (assigned and find_practitioner_id(caller) == assigned):
            held[Actor.CLINICIAN] = consultation.facility_code
    return Standing(frozenset(held), next(iter(held.values()))) if held else None


def purpose_of(call: Call, standing: Standing, *, default: str = "") -> str:
    """Return why the data is accessed: the patient's own use, or what staff declared.

    A step of care is its own purpose, so steps have a default; reads have none. Raises PURPOSE_REQUIRED and
    PURPOSE_UNKNOWN.
    """
    if standing.is_own:
        return OWN_USE
    return staff_purpose(call, default=default)


def staff_purpose(call: Call, *, default: str = "") -> str:
    """Return what staff declared; raise PURPOSE_REQUIRED or PURPOSE_UNKNOWN."""
    purpose = call.purpose or default
    if not purpose:
        raise DomainError(PURPOSE_REQUIRED)
    if purpose not in PURPOSES:
        raise DomainError(PURPOSE_UNKNOWN)
    return purpose


def declared_purpose(call: Call) -> str:
    """Return the declared purpose where it is on the list, else empty: entries hold no stray words."""
    return call.purpose if call.purpose and call.purpose in PURPOSES else ""


def require_second_factor(caller: Caller, standing: Standing, level: int) -> None:
    """Refuse staff whose sign-in is below the level (rule 9 of domain reference 5.2); patients sign in as they do."""
    if not standing.is_own and assurance_level(caller.acr) < level:
        raise DomainError(AUTHENTICATION_INSUFFICIENT, details={"acr_values": f"aal{level}"})


# Refusals of who asks rather than of what is asked; they stand in the access list as DENIED, others as FAILED.
_DENIALS = frozenset(
    {
        CONSULTATION_NOT_FOUND,
        NOT_REPRESENTED,
        STEP_NOT_YOURS,
        NOT_THE_PRACTITIONER,
        AUTHENTICATION_INSUFFICIENT,
        PURPOSE_REQUIRED,
        PURPOSE_UNKNOWN,
        RESULT_NOT_SHARED,
        PERMISSION_DENIED,
    }
)


def refused_entry(call: Call, standing: Standing | None, trace: "Trace", error: DomainError) -> AuditEntry:
    """Return the entry of an access that a rule refused or that failed."""
    outcome: Outcome = "DENIED" if error.reason in _DENIALS else "FAILED"
    return audit_entry(call, standing, trace, outcome, error.reason.code)


@dataclass(frozen=True)
class Trace:
    """What an audit entry needs to know of one access."""

    operation: str
    consultation_id: str
    subject_id: UUID
    purpose: str = ""


def audit_entry(
    call: Call,
    standing: Standing | None,
    trace: Trace,
    outcome: Outcome = "ALLOWED",
    reason: str | None = None,
) -> AuditEntry:
    """Return the entry of one access; a stranger is entered as what the token makes them."""
    caller = call.known_caller
    actor = next((a for a in Actor if standing and a in standing.actors), None) or _role_of(caller)
    organization = standing.organization if standing else ",".join(caller.values("facility_codes"))
    return AuditEntry(
        subject_id=trace.subject_id,
        actor_id=caller.subject,
        actor_kind=_KINDS[actor],
        actor_organization=organization or None,
        on_behalf_of=_represented(call, standing, actor, trace),
        client_id=caller.client_id,
        operation=trace.operation,
        object_kind="consultation",
        object_id=trace.consultation_id,
        purpose=trace.purpose or declared_purpose(call),
        outcome=outcome,
        reason=reason,
        correlation_id=call.correlation_id,
        assisted_by=call.assistant.subject if call.assistant else None,
        assisted_by_kind=call.assistant.kind if call.assistant else None,
        assisted_by_organization=call.assistant.organization if call.assistant else None,
    )


def _represented(call: Call, standing: Standing | None, actor: Actor, trace: Trace) -> str | None:
    if call.on_behalf_of is not None:
        return str(call.on_behalf_of)
    # An officer of the station acts for the patient, who stays the subject.
    return str(trace.subject_id) if standing and actor is Actor.STATION else None


def system_entry(trace: Trace, correlation_id: str) -> AuditEntry:
    """Return the entry of what the platform does by itself."""
    return AuditEntry(
        subject_id=trace.subject_id,
        actor_id=SYSTEM_NAME,
        actor_kind="SYSTEM",
        actor_organization=None,
        on_behalf_of=None,
        client_id=SYSTEM_NAME,
        operation=trace.operation,
        object_kind="consultation",
        object_id=trace.consultation_id,
        purpose=CARE,
        outcome="ALLOWED",
        reason=None,
        correlation_id=correlation_id,
    )


def _role_of(caller: Caller) -> Actor:
    if caller.has_role("clinician"):
        return Actor.CLINICIAN
    return Actor.STATION if caller.has_role("station-officer") else Actor.CITIZEN


def _find_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
