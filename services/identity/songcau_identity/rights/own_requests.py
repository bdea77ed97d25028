"""Citizens make requests about their data, follow them and take them back."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal
from songcau_kit.processing import processing_register
from songcau_kit.working_days import WorkingDays

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.errors import (
    CITIZEN_NOT_FOUND,
    PROCESSING_BOUND_BY_LAW,
    SUBJECT_REQUEST_NOT_FOUND,
    SUBJECT_REQUEST_OPEN,
)
from songcau_identity.officers import Desk
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.rights import clocks, repository, words
from songcau_identity.rights.asking import Asking, Told
from songcau_identity.rights.model import (
    STOPPING,
    TOLD_IN_WORDS,
    ActorKind,
    RequestAct,
    RequestKind,
    RequestState,
    RequestStep,
    SubjectRequest,
)
from songcau_identity.rights.steps import (
    REQUEST_OUTCOME,
    OpenedRequest,
    RequestOutcome,
    SeenRequest,
    check_version,
    hold,
    open_request,
    take,
)


@dataclass(frozen=True)
class NewRequest:
    """What a citizen asks for; None is a kind that is none."""

    request_id: str
    kind: RequestKind | None
    activity: str
    details: str


@dataclass(frozen=True)
class RequestPage:
    """One page of requests; the cursor of the next is empty on the last."""

    requests: tuple[SubjectRequest, ...]
    next_cursor: str


class OwnRequests:
    """The use cases MakeSubjectRequest, ListOwnSubjectRequests, GetOwnSubjectRequest and WithdrawSubjectRequest."""

    def __init__(self, desk: Desk, cursors: CursorSigner, calendar: WorkingDays, asking: Asking) -> None:
        self._desk = desk
        self._asking = asking
        self._cursors = cursors
        self._calendar = calendar

    def make(self, asker: Asker, new: NewRequest, access: Access) -> SubjectRequest:
        """Make a request.

        Raises SUBJECT_REQUEST_INVALID, PROCESSING_BOUND_BY_LAW, CITIZEN_NOT_FOUND and SUBJECT_REQUEST_OPEN.
        """
        kind, details = check_new(new)
        asked = f"{kind} {new.activity} {details.reveal()}".encode()

        def act(conn: Connection) -> RequestOutcome:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            request = self._received(family[0], kind, new.activity)
            self._insert(conn, request, details)
            if kind is RequestKind.COPY:
                self._asking.ask_for_copy(conn, request, Told(asker.actor, asker.correlation_id))
            return RequestOutcome(request)

        wanted = Request("MakeSubjectRequest", new.request_id, asked)
        operation = Operation.MAKE_SUBJECT_REQUEST
        return self._desk.writes.run(asker, operation, wanted, access, act=act, form=REQUEST_OUTCOME).request

    def _received(self, citizen_id: UUID, kind: RequestKind, activity: str) -> SubjectRequest:
        now = self._desk.clock.now()
        received_on = local_date(now)
        return SubjectRequest(
            subject_request_id=self._desk.clock.new_id(),
            citizen_id=citizen_id,
            kind=kind,
            state=RequestState.RECEIVED,
            version=1,
            activity=activity,
            received_at=now,
            acknowledge_by=clocks.acknowledge_by(received_on, self._calendar),
            due_on=clocks.due_on(received_on, kind),
        )

    def _insert(self, conn: Connection, request: SubjectRequest, details: Personal) -> None:
        data_key = self._desk.data_keys.get(conn, request.citizen_id)
        details_enc = words.seal(data_key, request.subject_request_id, "details_enc", details)
        if not repository.insert_request(conn, request, details_enc):
            found = repository.find_open(conn, request.citizen_id, request.kind, request.activity)
            raise DomainError(SUBJECT_REQUEST_OPEN, details={"subject_request_id": str(found or "")})
        made = RequestStep(RequestAct.MAKE, request.state, ActorKind.CITIZEN, request.received_at)
        repository.insert_step(conn, request, made)

    def list_own(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> RequestPage:
        """Return one page, newest first; raises CITIZEN_NOT_FOUND and CURSOR_INVALID."""
        size = page_size_of(page_size)
        with self._desk.database.read() as conn:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            place = f"requests of {family[0]}"
            before = read_position(self._cursors, cursor, of=place)
            found = repository.list_of_citizens(conn, family, before=before, limit=size + 1)
        page = tuple(found[:size])
        if len(found) <= size:
            return RequestPage(page, "")
        last = Position(page[-1].received_at, page[-1].subject_request_id)
        return RequestPage(page, write_position(self._cursors, last, of=place))

    def get_own(self, asker: Asker, subject_request_id: UUID | None, access: Access) -> OpenedRequest:
        """Return one request; raises CITIZEN_NOT_FOUND and SUBJECT_REQUEST_NOT_FOUND."""
        with self._desk.database.transaction() as conn:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            found = repository.find_request(conn, subject_request_id) if subject_request_id else None
            if found is None or found.citizen_id not in family:
                raise DomainError(SUBJECT_REQUEST_NOT_FOUND)
            return open_request(self._desk, conn, found)

    def withdraw(self, asker: Asker, request_id: str, seen: SeenRequest, access: Access) -> SubjectRequest:
        """Take a request back.

        Raises CITIZEN_NOT_FOUND, SUBJECT_REQUEST_NOT_FOUND, SUBJECT_REQUEST_STATE_INVALID, VERSION_REQUIRED and
        VERSION_CONFLICT.
        """

        def act(conn: Connection) -> RequestOutcome:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            request = hold(conn, seen)
            if request.citizen_id not in family:
                raise DomainError(SUBJECT_REQUEST_NOT_FOUND)
            check_version(request, seen.version)
            return RequestOutcome(take(self._desk, conn, request, RequestAct.WITHDRAW, ActorKind.CITIZEN))

        wanted = Request("WithdrawSubjectRequest", request_id, f"{seen}".encode())
        operation = Operation.WITHDRAW_SUBJECT_REQUEST
        return self._desk.writes.run(asker, operation, wanted, access, act=act, form=REQUEST_OUTCOME).request


def check_new(new: NewRequest) -> tuple[RequestKind, Personal]:
    """Return what is asked for and in which words; raises SUBJECT_REQUEST_INVALID and PROCESSING_BOUND_BY_LAW."""
    if new.kind is None:
        raise words.invalid("kind")
    if new.kind in STOPPING and not new.activity:
        raise words.invalid("activity", "REQUIRED")
    if new.activity and new.activity not in processing_register().activities:
        raise words.invalid("activity", "UNKNOWN")
    if new.kind in STOPPING:
        refuse_bound(new.activity)
    return new.kind, words.read_text(new.details, "details", needed=new.kind in TOLD_IN_WORDS)


def refuse_bound(activity: str) -> None:
    """Raise PROCESSING_BOUND_BY_LAW for an activity to which nobody may object."""
    basis = processing_register().activities[activity].legal_basis
    if not basis.allows_objection:
        raise DomainError(PROCESSING_BOUND_BY_LAW, details={"activity": activity, "legal_basis": basis})


def own_family(conn: Connection, asker: Asker) -> tuple[UUID, ...]:
    """Return the asker's record and those merged into it, whatever their state; raises CITIZEN_NOT_FOUND."""
    family = citizens.find_family(conn, asker.own_citizen_id) if asker.own_citizen_id else ()
    if not family:
        raise DomainError(CITIZEN_NOT_FOUND)
    return family
