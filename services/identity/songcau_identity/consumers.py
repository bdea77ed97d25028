"""The event door: accesses that other services report, and what they answer to requests that were put to them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date
from typing import Any
from uuid import UUID

from songcau.common.v1.access_event_pb2 import AccessEvent, AccessOutcome
from songcau.common.v1.subject_answer_event_pb2 import SubjectAnswerEvent
from songcau_kit import audit_checkpoints
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection
from songcau_kit.signed_notes import NoteVerifier
from songcau_kit.subject_answers import RetentionGround

from songcau_identity.accesses import take_in
from songcau_identity.repositories.accesses import AccessRecord
from songcau_identity.rights.answers import Answers
from songcau_identity.rights.repository_parts import Answer, PartState

GROUP = "identity"
ACCESS_TOPICS = ("audit.access.v1", "eservices.access.v1", "telehealth.access.v1")
TOPICS = (*ACCESS_TOPICS, audit_checkpoints.TOPIC, "eservices.answer.v1", "telehealth.answer.v1")
OUTCOME_PREFIX = "ACCESS_OUTCOME_"


def handlers(
    answers: Answers, holders: Sequence[str], log_keys: Sequence[NoteVerifier]
) -> Mapping[str, EventHandler[Any]]:
    """Return the handler of each topic this service consumes; every holder of data answers on a topic of its own.

    Of the audit log, what `log_keys` signed is believed.
    """
    access = EventHandler(decode=AccessEvent.FromString, handle=on_access)
    answering = EventHandler(decode=SubjectAnswerEvent.FromString, handle=on_answer(answers))
    return {
        audit_checkpoints.TOPIC: audit_checkpoints.checkpoint_handler(log_keys),
        **dict.fromkeys(ACCESS_TOPICS, access),
        **{f"{holder}.answer.v1": answering for holder in holders},
    }


def on_answer(answers: Answers) -> Callable[[Connection, SubjectAnswerEvent], None]:
    """Return what takes in an answer; a fact this version does not know is no answer."""

    def handle(conn: Connection, event: SubjectAnswerEvent) -> None:
        given = read_answer(event)
        if given is not None:
            answers.take_in(conn, given)

    return handle


def read_answer(event: SubjectAnswerEvent) -> Answer | None:
    """Return what a service answered; what names no request raises ValueError and becomes a dead letter."""
    request_id, fact = UUID(event.meta.aggregate_id), event.WhichOneof("fact")
    if fact == "data_copy_provided":
        return Answer(request_id, event.holder, PartState.PROVIDED, address=event.data_copy_provided.address)
    if fact == "data_copy_failed":
        return Answer(request_id, event.holder, PartState.FAILED, failure=event.data_copy_failed.cause)
    if fact == "erasure_cleared":
        return Answer(request_id, event.holder, PartState.CLEARED)
    if fact == "erasure_held":
        grounds = [
            RetentionGround(
                one.code,
                one.legal_reference,
                date.fromisoformat(one.kept_until) if one.kept_until else None,
                one.count,
            )
            for one in event.erasure_held.grounds
        ]
        return Answer(request_id, event.holder, PartState.HELD, grounds=grounds)
    return None


def on_access(conn: Connection, event: AccessEvent) -> None:
    """Add one reported access; an event nobody can be told of raises ValueError and becomes a dead letter."""
    meta = event.meta
    take_in(
        conn,
        AccessRecord(
            entry_id=UUID(meta.id),
            occurred_at=meta.occurred_at.ToDatetime(tzinfo=UTC),
            subject_id=UUID(event.subject_id),
            service=event.service,
            actor_id=meta.actor.id,
            actor_kind=meta.actor.kind,
            actor_organization=meta.actor.organization,
            on_behalf_of=event.on_behalf_of,
            client_id=event.client_id,
            operation=event.operation,
            object_kind=event.object_kind,
            object_id=event.object_id,
            purpose=event.purpose,
            outcome=AccessOutcome.Name(event.outcome).removeprefix(OUTCOME_PREFIX),
            reason=event.reason,
            assisted_by=event.assisted_by.id,
            assisted_by_kind=event.assisted_by.kind,
            assisted_by_organization=event.assisted_by.organization,
        ),
    )
