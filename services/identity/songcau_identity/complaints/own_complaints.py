"""Citizens complain about entries of their own access list, follow what becomes of it, and may take it back."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.working_days import WorkingDays

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.complaints import repository
from songcau_identity.complaints.model import Complaint, ComplaintAct, ComplaintState
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
from songcau_identity.errors import ACCESS_COMPLAINT_NOT_FOUND, ACCESS_COMPLAINT_OPEN, ACCESS_NOT_FOUND
from songcau_identity.officers import Desk, check_version
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repeatable import Request
from songcau_identity.repositories import accesses
from songcau_identity.repositories.accesses import AccessRecord
from songcau_identity.rights.clocks import acknowledge_by
from songcau_identity.rights.own_requests import own_family


@dataclass(frozen=True)
class NewComplaint:
    """What a citizen complains about; None is an id that is none."""

    request_id: str
    entry_id: UUID | None
    details: str


@dataclass(frozen=True)
class SeenComplaint:
    """A complaint and the version of it the citizen saw; None is an id that is none."""

    complaint_id: UUID | None
    version: int


class OwnComplaints:
    """The use cases of citizens on complaints."""

    def __init__(self, desk: Desk, cursors: CursorSigner, calendar: WorkingDays) -> None:
        self._desk = desk
        self._cursors = cursors
        self._calendar = calendar

    def make(self, asker: Asker, new: NewComplaint, access: Access) -> Complaint:
        """Open a case about an entry.

        Raises ACCESS_COMPLAINT_INVALID, CITIZEN_NOT_FOUND, ACCESS_NOT_FOUND and ACCESS_COMPLAINT_OPEN.
        """
        details = read_words(new.details, "details")

        def act(conn: Connection) -> ComplaintOutcome:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            entry = accesses.find_access(conn, family, new.entry_id) if new.entry_id else None
            if entry is None:
                raise DomainError(ACCESS_NOT_FOUND)
            complaint = self._received(family[0], entry)
            data_key = self._desk.data_keys.get(conn, complaint.citizen_id)
            details_enc = seal(data_key, complaint.complaint_id, "details_enc", details)
            if not repository.insert_complaint(conn, complaint, details_enc):
                found = repository.find_open(conn, entry.entry_id)
                raise DomainError(ACCESS_COMPLAINT_OPEN, details={"access_complaint_id": str(found or "")})
            return ComplaintOutcome(complaint)

        wanted = Request("MakeAccessComplaint", new.request_id, f"{new.entry_id} {details.reveal()}".encode())
        operation = Operation.MAKE_ACCESS_COMPLAINT
        return self._desk.writes.run(asker, operation, wanted, access, act=act, form=COMPLAINT_OUTCOME).complaint

    def _received(self, citizen_id: UUID, entry: AccessRecord) -> Complaint:
        now = self._desk.clock.now()
        return Complaint(
            complaint_id=self._desk.clock.new_id(),
            citizen_id=citizen_id,
            access=entry,
            state=ComplaintState.RECEIVED,
            version=1,
            received_at=now,
            acknowledge_by=acknowledge_by(local_date(now), self._calendar),
        )

    def list_own(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> ComplaintPage:
        """Return one page, newest first; raises CITIZEN_NOT_FOUND and CURSOR_INVALID."""
        size = page_size_of(page_size)
        with self._desk.database.read() as conn:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            place = f"complaints of {family[0]}"
            before = read_position(self._cursors, cursor, of=place)
            found = repository.list_of_citizens(conn, family, before=before, limit=size + 1)
        page = tuple(found[:size])
        if len(found) <= size:
            return ComplaintPage(page, "")
        last = Position(page[-1].received_at, page[-1].complaint_id)
        return ComplaintPage(page, write_position(self._cursors, last, of=place))

    def get_own(self, asker: Asker, complaint_id: UUID | None, access: Access) -> OpenedComplaint:
        """Return one complaint; raises CITIZEN_NOT_FOUND and ACCESS_COMPLAINT_NOT_FOUND."""
        with self._desk.database.transaction() as conn:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            found = repository.find_complaint(conn, complaint_id) if complaint_id else None
            if found is None or found.citizen_id not in family:
                raise DomainError(ACCESS_COMPLAINT_NOT_FOUND)
            return open_complaint(self._desk, conn, found)

    def withdraw(self, asker: Asker, request_id: str, seen: SeenComplaint, access: Access) -> Complaint:
        """Take a complaint back that was not answered; what was written in it goes.

        Raises CITIZEN_NOT_FOUND, ACCESS_COMPLAINT_NOT_FOUND, ACCESS_COMPLAINT_STATE_INVALID, VERSION_REQUIRED and
        VERSION_CONFLICT.
        """

        def act(conn: Connection) -> ComplaintOutcome:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            held = repository.hold_complaint(conn, seen.complaint_id) if seen.complaint_id else None
            if held is None or held.citizen_id not in family:
                raise DomainError(ACCESS_COMPLAINT_NOT_FOUND)
            check_version(held, seen.version)
            moved = take(held, ComplaintAct.WITHDRAW)
            repository.withdraw_complaint(conn, moved)
            return ComplaintOutcome(moved)

        operation = Operation.WITHDRAW_ACCESS_COMPLAINT
        wanted = Request("WithdrawAccessComplaint", request_id, f"{seen}".encode())
        return self._desk.writes.run(asker, operation, wanted, access, act=act, form=COMPLAINT_OUTCOME).complaint
