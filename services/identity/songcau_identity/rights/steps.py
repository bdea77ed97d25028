"""What every step of a request has in common: the row held, the lifecycle asked, the step on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.database import Connection
from songcau_kit.errors import VERSION_CONFLICT, VERSION_REQUIRED, DomainError
from songcau_kit.personal import Personal

from songcau_identity.errors import SUBJECT_REQUEST_NOT_FOUND, SUBJECT_REQUEST_STATE_INVALID
from songcau_identity.officers import Desk
from songcau_identity.rights import repository, words
from songcau_identity.rights.model import (
    OPEN,
    ActorKind,
    Refusal,
    RequestAct,
    RequestStep,
    SubjectRequest,
    find_transition,
)
from songcau_identity.rights.repository_parts import Part, list_parts


@dataclass(frozen=True)
class RequestOutcome:
    """A request after a step."""

    request: SubjectRequest

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.request.citizen_id]


REQUEST_OUTCOME = TypeAdapter(RequestOutcome)


@dataclass(frozen=True)
class SeenRequest:
    """A request and the version of it the asker saw; None is an id that is none."""

    subject_request_id: UUID | None
    version: int


@dataclass(frozen=True)
class OpenedRequest:
    """A request with what was written in it."""

    request: SubjectRequest
    details: Personal
    answer: Personal
    legal_reference: Personal
    steps: Sequence[RequestStep]
    parts: Sequence[Part]


def hold(conn: Connection, seen: SeenRequest) -> SubjectRequest:
    """Return a request and hold it; raises SUBJECT_REQUEST_NOT_FOUND."""
    found = repository.hold_request(conn, seen.subject_request_id) if seen.subject_request_id else None
    if found is None:
        raise DomainError(SUBJECT_REQUEST_NOT_FOUND)
    return found


def check_version(request: SubjectRequest, expected: int) -> None:
    """Raise VERSION_REQUIRED for 0 and VERSION_CONFLICT for a stale version."""
    if expected == 0:
        raise DomainError(VERSION_REQUIRED)
    if expected != request.version:
        raise DomainError(VERSION_CONFLICT, details={"current_version": str(request.version)})


def take(
    desk: Desk,
    conn: Connection,
    request: SubjectRequest,
    act: RequestAct,
    actor: ActorKind,
    *,
    refusal: Refusal | None = None,
) -> SubjectRequest:
    """Take one step and put it on record; raises SUBJECT_REQUEST_STATE_INVALID where there is none from here.

    What the caller changed in the request beforehand (days, acknowledgement) is written with it.
    """
    step = find_transition(request.state, act, actor, request.kind)
    if step is None:
        raise DomainError(SUBJECT_REQUEST_STATE_INVALID, details={"state": request.state, "act": act})
    now = desk.clock.now()
    moved = replace(
        request,
        state=step.after,
        version=request.version + 1,
        ended_at=None if step.after in OPEN else now,
        refusal=refusal,
    )
    repository.update_request(conn, moved)
    repository.insert_step(conn, moved, RequestStep(act, moved.state, actor, now))
    return moved


def answer(desk: Desk, conn: Connection, request: SubjectRequest, texts: Mapping[str, Personal]) -> None:
    """Keep what the citizen is told: `answer` and `legal_reference`."""
    data_key = desk.data_keys.get(conn, request.citizen_id)
    closed = {
        name: words.seal(data_key, request.subject_request_id, f"{name}_enc", text) for name, text in texts.items()
    }
    repository.write_answer(
        conn, request.subject_request_id, answer=closed.get("answer"), reference=closed.get("legal_reference")
    )


def open_request(desk: Desk, conn: Connection, request: SubjectRequest) -> OpenedRequest:
    """Return a request with its words, which are gone once the citizen was erased."""
    sealed = repository.get_words(conn, request.subject_request_id)
    steps = repository.list_steps(conn, request.subject_request_id)
    answered = list_parts(conn, request.subject_request_id)
    nothing = Personal("")
    if sealed == repository.SealedWords(None, None, None):
        return OpenedRequest(request, nothing, nothing, nothing, steps, answered)
    data_key = desk.data_keys.get(conn, request.citizen_id)

    def unseal(column: str, blob: bytes | None) -> Personal:
        return words.unseal(data_key, request.subject_request_id, column, blob)

    return OpenedRequest(
        request,
        unseal("details_enc", sealed.details),
        unseal("answer_enc", sealed.answer),
        unseal("legal_reference_enc", sealed.legal_reference),
        steps,
        answered,
    )
