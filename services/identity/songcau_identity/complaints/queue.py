"""Data officers look into complaints: those to be acknowledged first come first; nobody judges their own act."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.anomalies import repository as anomalies
from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.complaints import repository
from songcau_identity.complaints.model import Complaint, ComplaintAct, Finding
from songcau_identity.complaints.outcomes import (
    COMPLAINT_OUTCOME,
    ComplaintOutcome,
    ComplaintPage,
    OpenedComplaint,
    open_complaint,
    read_words,
    seal,
    take,
)
from songcau_identity.errors import ACCESS_COMPLAINT_INVALID, ACCESS_COMPLAINT_NOT_FOUND, OWN_ACT
from songcau_identity.officers import Desk, check_version, refuse_own_record
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repeatable import Request
from songcau_identity.rights import words


@dataclass(frozen=True)
class ComplaintOrder:
    """Who orders which step of which complaint at the version they saw; None is an id that is none."""

    asker: Asker
    request_id: str
    complaint_id: UUID | None
    version: int
    access: Access


class ComplaintQueue:
    """The use cases of data officers on complaints."""

    def __init__(self, desk: Desk, cursors: CursorSigner) -> None:
        self._desk = desk
        self._cursors = cursors

    def list_open(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> ComplaintPage:
        """Return one page of open complaints by the day of the acknowledgement; raises CURSOR_INVALID."""
        place, size = "open complaints", page_size_of(page_size)
        after = self._begin_page(asker, cursor, place)
        with self._desk.database.read() as conn:
            found = repository.list_open(conn, after=after, limit=size + 1)

        def position(last: Complaint) -> Position:
            return Position(datetime.combine(last.acknowledge_by, time(), UTC), last.complaint_id)

        return self._page(access, found, size, place, position)

    def list_answered(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> ComplaintPage:
        """Return one page of answered complaints, newest first; raises CURSOR_INVALID."""
        place, size = "answered complaints", page_size_of(page_size)
        before = self._begin_page(asker, cursor, place)
        with self._desk.database.read() as conn:
            found = repository.list_answered(conn, before=before, limit=size + 1)

        def position(last: Complaint) -> Position:
            return Position(last.answered_at or last.received_at, last.complaint_id)

        return self._page(access, found, size, place, position)

    def get(self, asker: Asker, complaint_id: UUID | None, access: Access) -> OpenedComplaint:
        """Return one complaint; raises ACCESS_COMPLAINT_NOT_FOUND, OWN_RECORD and OWN_ACT."""
        require_agency(asker)
        require_purpose(asker)
        with self._desk.database.transaction() as conn:
            found = repository.find_complaint(conn, complaint_id) if complaint_id else None
            opened = open_complaint(self._desk, conn, admit(conn, asker, found, access))
            entry_id = opened.complaint.access.entry_id
            return replace(opened, anomaly_ids=anomalies.list_of_entry(conn, entry_id, not_of=asker.caller.subject))

    def acknowledge(self, order: ComplaintOrder) -> Complaint:
        """Tell the citizen that the complaint was received."""

        def step(conn: Connection, complaint: Complaint) -> Complaint:
            moved = replace(take(complaint, ComplaintAct.ACKNOWLEDGE), acknowledged_at=self._desk.clock.now())
            repository.update_complaint(conn, moved, None)
            return moved

        return self._run(order, Operation.ACKNOWLEDGE_ACCESS_COMPLAINT, "", step)

    def answer(self, order: ComplaintOrder, finding: Finding | None, told: str) -> Complaint:
        """End a complaint with a finding and words for the citizen; raises ACCESS_COMPLAINT_INVALID."""
        if finding is None:
            raise words.invalid("finding", reason=ACCESS_COMPLAINT_INVALID)
        text = read_words(told, "answer")

        def step(conn: Connection, complaint: Complaint) -> Complaint:
            ended = take(complaint, ComplaintAct.ANSWER)
            moved = replace(ended, answered_at=self._desk.clock.now(), finding=finding)
            repository.update_complaint(conn, moved, self._sealed(conn, moved, text))
            return moved

        return self._run(order, Operation.ANSWER_ACCESS_COMPLAINT, f"{finding} {text.reveal()}", step)

    def _sealed(self, conn: Connection, complaint: Complaint, text: Personal) -> bytes | None:
        data_key = self._desk.data_keys.get(conn, complaint.citizen_id)
        return seal(data_key, complaint.complaint_id, "answer_enc", text)

    def _run(
        self,
        order: ComplaintOrder,
        operation: Operation,
        asked: str,
        step: Callable[[Connection, Complaint], Complaint],
    ) -> Complaint:
        require_agency(order.asker)
        require_purpose(order.asker)

        def act(conn: Connection) -> ComplaintOutcome:
            held = repository.hold_complaint(conn, order.complaint_id) if order.complaint_id else None
            complaint = admit(conn, order.asker, held, order.access)
            check_version(complaint, order.version)
            return ComplaintOutcome(step(conn, complaint))

        wanted = Request(operation, order.request_id, f"{order.complaint_id} {order.version} {asked}".encode())
        run = self._desk.writes.run
        return run(order.asker, operation, wanted, order.access, act=act, form=COMPLAINT_OUTCOME).complaint

    def _begin_page(self, asker: Asker, cursor: str, place: str) -> Position | None:
        require_agency(asker)
        require_purpose(asker)
        return read_position(self._cursors, cursor, of=place)

    def _page(
        self,
        access: Access,
        found: list[Complaint],
        size: int,
        place: str,
        position: Callable[[Complaint], Position],
    ) -> ComplaintPage:
        page = tuple(found[:size])
        access.subjects.extend(dict.fromkeys(complaint.citizen_id for complaint in page))
        if len(found) <= size:
            return ComplaintPage(page, "")
        return ComplaintPage(page, write_position(self._cursors, position(page[-1]), of=place))


def admit(conn: Connection, asker: Asker, complaint: Complaint | None, access: Access) -> Complaint:
    """Return a complaint the officer may work on; raises ACCESS_COMPLAINT_NOT_FOUND, OWN_RECORD and OWN_ACT."""
    if complaint is None:
        raise DomainError(ACCESS_COMPLAINT_NOT_FOUND)
    access.subjects.append(complaint.citizen_id)
    refuse_own_record(conn, asker, complaint.citizen_id)
    if complaint.access.actor_id == asker.caller.subject:
        raise DomainError(OWN_ACT)
    return complaint
