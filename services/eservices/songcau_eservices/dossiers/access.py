"""Who may see a dossier, in which capacity, for which purpose, and the audit entry that says so."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.audit import AuditEntry, Outcome
from songcau_kit.caller import Caller
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, DomainError, Reason
from songcau_kit.rpc_call import Call
from songcau_kit.step_up import StepUp

from songcau_eservices.dossiers.dossier import Dossier
from songcau_eservices.dossiers.model import ActorKind, Desk, State
from songcau_eservices.errors import CITIZEN_NOT_LINKED, PURPOSE_REQUIRED, PURPOSE_UNKNOWN

PROCESSING = "DOSSIER_PROCESSING"
OWN_USE = "OWN_USE"
STAFF_SIGN_IN = StepUp(level=2)
PURPOSES = frozenset({PROCESSING, "COUNTER_ASSISTANCE", "DATA_SUBJECT_REQUEST", "INSPECTION"})


@dataclass(frozen=True)
class Party:
    """For whom a call is made: every id of them. `conflicted` are those an officer stands for outside the office.

    `is_heir` says that the caller stands for somebody who died, as their heir.
    """

    ids: frozenset[UUID]
    conflicted: frozenset[UUID] = frozenset()
    is_represented: bool = False
    is_heir: bool = False


@dataclass(frozen=True)
class Capacity:
    """How somebody stands to a dossier: as what, for which agency, at which desks."""

    kind: ActorKind
    agency: str = ""
    desks: Container[Desk] = frozenset()


def find_citizen_id(caller: Caller) -> UUID | None:
    """Return the citizen the caller is, where the token says so and is well-formed."""
    try:
        return UUID(caller.attribute("citizen_id") or "")
    except ValueError:
        return None


def get_citizen_id(caller: Caller) -> UUID:
    """Return the citizen the caller is; raise CITIZEN_NOT_LINKED."""
    citizen_id = find_citizen_id(caller)
    if citizen_id is None or not caller.has_role("citizen"):
        raise DomainError(CITIZEN_NOT_LINKED)
    return citizen_id


def find_capacity(caller: Caller, dossier: Dossier, party: Party) -> Capacity | None:
    """Return how the caller stands to the dossier in a call for this party, or None for a stranger.

    Nobody works on their own dossier, nor on that of somebody they stand for: an officer is nothing but the citizen
    there. A draft is the citizen's alone.
    """
    if dossier.citizen_id in party.ids:
        return Capacity(ActorKind.CITIZEN) if caller.has_role("citizen") else None
    if party.is_represented or dossier.citizen_id in party.conflicted:
        return None
    if dossier.state is State.DRAFT or not is_officer(caller):
        return None
    agencies = caller.values("agency_codes")
    desks = {
        Desk.RECEIVING: dossier.agencies.receiving,
        Desk.AUTHORITY: dossier.agencies.authority,
    }
    held = {desk: code for desk, code in desks.items() if code in agencies}
    if not held:
        return None
    kind = ActorKind.LEADER if caller.has_role("leader") else ActorKind.OFFICER
    return Capacity(kind, next(iter(held.values())), frozenset(held))


def is_officer(caller: Caller) -> bool:
    """Say whether the caller works at an agency."""
    return caller.has_role("officer", "leader")


def purpose_of(call: Call, capacity: Capacity, *, default: str = "") -> str:
    """Return why the data is accessed: a citizen's own use, or what the officer declared.

    Raises PURPOSE_REQUIRED where an officer declared nothing and there is no default, PURPOSE_UNKNOWN for another word.
    """
    if capacity.kind is ActorKind.CITIZEN:
        return OWN_USE
    purpose = call.purpose or default
    if not purpose:
        raise DomainError(PURPOSE_REQUIRED)
    if purpose not in PURPOSES:
        raise DomainError(PURPOSE_UNKNOWN)
    return purpose


def declared_purpose(call: Call, capacity: Capacity | None) -> str:
    """Return a citizen's own use, or the declared purpose where it is on the list: entries hold no stray words."""
    if capacity is not None and capacity.kind is ActorKind.CITIZEN:
        return OWN_USE
    return call.purpose if call.purpose and call.purpose in PURPOSES else ""


def require_second_factor(caller: Caller, capacity: Capacity, now: datetime) -> None:
    """Raise AUTHENTICATION_INSUFFICIENT for an officer without a second factor; citizens sign in as they do."""
    if capacity.kind is not ActorKind.CITIZEN:
        STAFF_SIGN_IN.check(caller, now)


def outcome_of_refusal(capacity: Capacity | None, reason: Reason) -> Outcome:
    """Return how a refusal is entered: a stranger or a weak sign-in was denied, who may see the dossier failed."""
    return "FAILED" if capacity and reason is not AUTHENTICATION_INSUFFICIENT else "DENIED"


@dataclass(frozen=True)
class Trace:
    """What an audit entry needs to know of one access."""

    operation: str
    object_kind: str
    object_id: str
    subject_id: UUID
    purpose: str = ""


def audit_entry(
    call: Call,
    capacity: Capacity | None,
    trace: Trace,
    outcome: Outcome = "ALLOWED",
    reason: str | None = None,
) -> AuditEntry:
    """Return the entry of one access; a stranger is entered with the agencies the token names."""
    caller = call.known_caller
    kind = capacity.kind if capacity else ActorKind.OFFICER if is_officer(caller) else ActorKind.CITIZEN
    agencies = capacity.agency if capacity else ",".join(caller.values("agency_codes"))
    return AuditEntry(
        subject_id=trace.subject_id,
        actor_id=caller.subject,
        actor_kind=str(kind),
        actor_organization=agencies or None,
        on_behalf_of=str(call.on_behalf_of) if call.on_behalf_of else None,
        client_id=caller.client_id,
        operation=trace.operation,
        object_kind=trace.object_kind,
        object_id=trace.object_id,
        purpose=trace.purpose,
        outcome=outcome,
        reason=reason,
        correlation_id=call.correlation_id,
        assisted_by=call.assistant.subject if call.assistant else None,
        assisted_by_kind=call.assistant.kind if call.assistant else None,
        assisted_by_organization=call.assistant.organization if call.assistant else None,
    )
