"""Representations as a test enters them: invented families and the acts of their officers."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from songcau.identity.events.v1.representation_event_pb2 import RepresentationEvent
from songcau.identity.v1 import access_list_service_pb2 as lists
from songcau.identity.v1 import citizen_record_service_pb2 as records
from songcau.identity.v1 import representation_pb2 as shapes
from songcau.identity.v1 import representation_service_pb2 as pb
from songcau_kit.clock import SystemClock, local_date
from support.identity_service import Identity, Person
from support.record_acts import document

PARENT = shapes.REPRESENTATION_KIND_PARENT
GUARDIAN = shapes.REPRESENTATION_KIND_GUARDIAN
LIMITED_CAPACITY = shapes.REPRESENTATION_KIND_LIMITED_CAPACITY
HEIR = shapes.REPRESENTATION_KIND_HEIR
COURT = document(kind=records.EVIDENCE_KIND_COURT_DECISION)
MOTHER = Person(number="019190000011", full_name="Hoàng Thị Thử Mẹ", birth_date="1990-03-08")
FATHER = Person(number="019088000022", full_name="Nông Văn Thử Cha", birth_date="1988-11-20")


@dataclass(frozen=True)
class Family:
    """A child and both parents, linked."""

    child: Any
    mother: Any
    father: Any


def born(*, years_ago: int, days: int = 0) -> str:
    """Return the birth date of somebody whose birthday of that many years is `days` from today."""
    today = local_date(SystemClock().now())
    day = date.fromordinal(today.toordinal() + days)
    return date(day.year - years_ago, day.month, min(day.day, 28)).isoformat()


def family(identity: Identity, *, birth_date: str | None = None) -> Family:
    child = Person(number="019323000066", full_name="Hoàng Thử Bé", birth_date=birth_date or born(years_ago=4), level=1)
    return Family(*(identity.link(person).citizen for person in (child, MOTHER, FATHER)))


def grant(
    identity: Identity,
    represented: Any,
    representative: Any,
    *,
    metadata: Any = None,
    kind: int = PARENT,
    **changes: Any,
) -> Any:
    given = {
        "request_id": str(uuid4()),
        "kind": kind,
        "represented_kind": shapes.REPRESENTED_KIND_CITIZEN,
        "represented_id": represented.citizen_id,
        "representative_id": representative.citizen_id,
        "evidence": document(kind=records.EVIDENCE_KIND_CIVIL_STATUS_RECORD),
    } | changes
    request = pb.GrantRepresentationRequest(**given)
    officer = metadata or identity.as_officer(acr="aal2")
    return identity.representations.GrantRepresentation(request, metadata=officer).representation


def accesses_for(identity: Identity, who: Any, represented: Any) -> Any:
    metadata = identity.as_citizen(who.citizen_id, on_behalf_of=represented.citizen_id)
    return identity.accesses.ListOwnAccesses(lists.ListOwnAccessesRequest(), metadata=metadata)


def authorise(identity: Identity, giver: Any, taker: Person, *, metadata: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "representative_number": taker.number,
        "representative_name": taker.full_name,
        "purpose": pb.AUTHORISATION_PURPOSE_PUBLIC_SERVICES,
        "valid_until": date.fromordinal(local_date(SystemClock().now()).toordinal() + 30).isoformat(),
    } | changes
    request = pb.AuthoriseRepresentativeRequest(**given)
    caller = metadata or identity.as_citizen(giver.citizen_id)
    return identity.representations.AuthoriseRepresentative(request, metadata=caller).representation


def end(identity: Identity, made: Any, *, metadata: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "representation_id": made.representation_id,
        "expected_version": made.version,
        "cause": shapes.REPRESENTATION_END_CAUSE_COURT_DECISION,
        "evidence": document(kind=records.EVIDENCE_KIND_COURT_DECISION),
    } | changes
    request = pb.EndRepresentationRequest(**given)
    officer = metadata or identity.as_officer(acr="aal2")
    return identity.representations.EndRepresentation(request, metadata=officer).representation


def answer(identity: Identity, made: Any, child_id: str, said: int, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "representation_id": made.representation_id,
        "expected_version": made.version,
        "answer": said,
    } | changes
    request = pb.AnswerRepresentationRequest(**given)
    return identity.representations.AnswerRepresentation(request, metadata=identity.as_citizen(child_id)).representation


def revoke(identity: Identity, made: Any, by: str, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "representation_id": made.representation_id,
        "expected_version": made.version,
    } | changes
    request = pb.RevokeRepresentationRequest(**given)
    return identity.representations.RevokeRepresentation(request, metadata=identity.as_citizen(by)).representation


def own_representations(identity: Identity, citizen_id: str) -> list[Any]:
    request = pb.ListOwnRepresentationsRequest()
    metadata = identity.as_citizen(citizen_id)
    return list(identity.representations.ListOwnRepresentations(request, metadata=metadata).representations)


def representation_events(identity: Identity) -> list[RepresentationEvent]:
    rows = identity.rows("select payload from outbox where topic = 'identity.representation.v1' order by id")
    return [RepresentationEvent.FromString(bytes(payload)) for (payload,) in rows]


def representation_facts(identity: Identity) -> list[str | None]:
    return [event.WhichOneof("fact") for event in representation_events(identity)]


def scopes_of(made: Any) -> set[str]:
    names = (shapes.RepresentationScope.Name(scope) for scope in made.scopes)
    return {name.removeprefix("REPRESENTATION_SCOPE_") for name in names}


def status_of(made: Any) -> str:
    return shapes.RepresentationStatus.Name(made.status).removeprefix("REPRESENTATION_STATUS_")
