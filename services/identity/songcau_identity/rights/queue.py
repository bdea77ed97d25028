"""Data officers answer requests: those due first come first, each step once, on the version they saw."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.errors import OWN_ACT, SUBJECT_REQUEST_EXTENDED, SUBJECT_REQUEST_NOT_FOUND
from songcau_identity.officers import Desk, refuse_own_record
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repeatable import Request
from songcau_identity.rights import clocks, repository, repository_records, words
from songcau_identity.rights.carrying_out import CarryingOut
from songcau_identity.rights.model import ActorKind, Refusal, RequestAct, SubjectRequest
from songcau_identity.rights.own_requests import RequestPage
from songcau_identity.rights.steps import (
    REQUEST_OUTCOME,
    OpenedRequest,
    RequestOutcome,
    SeenRequest,
    answer,
    check_version,
    hold,
    open_request,
    take,
)


@dataclass(frozen=True)
class RequestOrder:
    """Who orders which step of which request."""

    asker: Asker
    request_id: str
    seen: SeenRequest
    access: Access


@dataclass(frozen=True)
class RefusalWords:
    """Why a request is refused; None is a reason that is none."""

    refusal: Refusal | None
    legal_reference: str
    answer: str


class RequestQueue:
    """The use cases of data officers on requests."""

    def __init__(self, desk: Desk, cursors: CursorSigner, carrying_out: CarryingOut) -> None:
        self._desk = desk
        self._cursors = cursors
        self._carrying_out = carrying_out

    def list_open(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> RequestPage:
        """Return one page of open requests by the day that counts next; raises CURSOR_INVALID."""
        place, size = "open requests", page_size_of(page_size)
        after = self._begin_page(asker, cursor, place)
        with self._desk.database.read() as conn:
            found = repository.list_open(conn, after=after, limit=size + 1)

        def position(last: SubjectRequest) -> Position:
            return Position(datetime.combine(last.next_due_on, time(), UTC), last.subject_request_id)

        return self._page(access, found, size, place, position)

    def list_ended(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> RequestPage:
        """Return one page of requests that ended, newest first; raises CURSOR_INVALID."""
        place, size = "ended requests", page_size_of(page_size)
        before = self._begin_page(asker, cursor, place)
        with self._desk.database.read() as conn:
            found = repository.list_ended(conn, before=before, limit=size + 1)

        def position(last: SubjectRequest) -> Position:
            return Position(last.ended_at or last.received_at, last.subject_request_id)

        return self._page(access, found, size, place, position)

    def get(self, asker: Asker, subject_request_id: UUID | None, access: Access) -> OpenedRequest:
        """Return one request; raises SUBJECT_REQUEST_NOT_FOUND and OWN_RECORD."""
        require_agency(asker)
        require_purpose(asker)
        with self._desk.database.transaction() as conn:
            found = repository.find_request(conn, subject_request_id) if subject_request_id else None
            if found is None:
                raise DomainError(SUBJECT_REQUEST_NOT_FOUND)
            access.subjects.append(found.citizen_id)
            refuse_own_record(conn, asker, found.citizen_id)
            return open_request(self._desk, conn, found)

    def acknowledge(self, order: RequestOrder, *, third_party: bool) -> SubjectRequest:
        """Tell the citizen that the request was received, and by when it is answered."""

        def act(conn: Connection, request: SubjectRequest) -> SubjectRequest:
            now = self._desk.clock.now()
            due = clocks.due_on(
                local_date(request.received_at), request.kind, third_party=third_party, extended=request.extended
            )
            told = replace(request, acknowledged_at=now, third_party=third_party, due_on=due)
            return take(self._desk, conn, told, RequestAct.ACKNOWLEDGE, ActorKind.OFFICER)

        return self._run(order, Operation.ACKNOWLEDGE_SUBJECT_REQUEST, f"{third_party}", act)

    def extend(self, order: RequestOrder, told: str) -> SubjectRequest:
        """Extend the time of a request, once; raises SUBJECT_REQUEST_EXTENDED."""
        text = words.read_text(told, "answer", needed=True)

        def act(conn: Connection, request: SubjectRequest) -> SubjectRequest:
            due = clocks.due_on(
                local_date(request.received_at), request.kind, third_party=request.third_party, extended=True
            )
            extended = replace(request, due_on=due, extended=True)
            moved = take(self._desk, conn, extended, RequestAct.EXTEND, ActorKind.OFFICER)
            if not repository.insert_extension(conn, request.subject_request_id, due, self._desk.clock.now()):
                raise DomainError(SUBJECT_REQUEST_EXTENDED)
            answer(self._desk, conn, moved, {"answer": text})
            return moved

        return self._run(order, Operation.EXTEND_SUBJECT_REQUEST, text.reveal(), act)

    def refuse(self, order: RequestOrder, given: RefusalWords) -> SubjectRequest:
        """Refuse a request, naming the law."""
        refusal, texts = read_refusal(given)
        asked = "\x00".join((refusal, *(text.reveal() for text in texts.values())))

        def act(conn: Connection, request: SubjectRequest) -> SubjectRequest:
            moved = take(self._desk, conn, request, RequestAct.REFUSE, ActorKind.OFFICER, refusal=refusal)
            answer(self._desk, conn, moved, texts)
            self._carrying_out.give_up(conn, order.asker, request)
            return moved

        return self._run(order, Operation.REFUSE_SUBJECT_REQUEST, asked, act)

    def complete(self, order: RequestOrder, told: str, correction_act_id: UUID | None = None) -> SubjectRequest:
        """Carry a request out; an erasure goes on once every service has answered.

        Raises OWN_ACT for whoever entered it: nobody erases or stops anything for a person alone. Raises
        CORRECTION_NOT_NAMED for a correction without the act that made it.
        """
        text = words.read_text(told, "answer", needed=False)

        def act(conn: Connection, request: SubjectRequest) -> SubjectRequest:
            if repository_records.find_recorder(conn, request.subject_request_id) == order.asker.caller.subject:
                raise DomainError(OWN_ACT)
            self._carrying_out.link_correction(conn, request, correction_act_id)
            step = self._carrying_out.step_of(request)
            moved = take(self._desk, conn, request, step, ActorKind.OFFICER)
            answer(self._desk, conn, moved, {"answer": text})
            self._carrying_out.carry_out(conn, order.asker, moved)
            return moved

        asked = f"{text.reveal()}\x00{correction_act_id}" if correction_act_id else text.reveal()
        return self._run(order, Operation.COMPLETE_SUBJECT_REQUEST, asked, act)

    def _run(
        self,
        order: RequestOrder,
        operation: Operation,
        asked: str,
        step: Callable[[Connection, SubjectRequest], SubjectRequest],
    ) -> SubjectRequest:
        require_agency(order.asker)
        require_purpose(order.asker)

        def act(conn: Connection) -> RequestOutcome:
            request = hold(conn, order.seen)
            order.access.subjects.append(request.citizen_id)
            refuse_own_record(conn, order.asker, request.citizen_id)
            check_version(request, order.seen.version)
            return RequestOutcome(step(conn, request))

        wanted = Request(operation, order.request_id, f"{order.seen} {asked}".encode())
        run = self._desk.writes.run
        return run(order.asker, operation, wanted, order.access, act=act, form=REQUEST_OUTCOME).request

    def _begin_page(self, asker: Asker, cursor: str, place: str) -> Position | None:
        require_agency(asker)
        require_purpose(asker)
        return read_position(self._cursors, cursor, of=place)

    def _page(
        self,
        access: Access,
        found: list[SubjectRequest],
        size: int,
        place: str,
        position: Callable[[SubjectRequest], Position],
    ) -> RequestPage:
        page = tuple(found[:size])
        access.subjects.extend(dict.fromkeys(request.citizen_id for request in page))
        next_cursor = write_position(self._cursors, position(page[-1]), of=place) if len(found) > size else ""
        return RequestPage(page, next_cursor)


def read_refusal(given: RefusalWords) -> tuple[Refusal, dict[str, Personal]]:
    """Return a reason and its words; raises SUBJECT_REQUEST_INVALID."""
    if given.refusal is None:
        raise words.invalid("refusal")
    reference = words.read_text(given.legal_reference, "legal_reference", needed=True, longest=words.LONGEST_REFERENCE)
    return given.refusal, {"legal_reference": reference, "answer": words.read_text(given.answer, "answer", needed=True)}
