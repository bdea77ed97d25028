"""Citizens make requests about their data, follow them and take them back."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.errors import (
    CITIZEN_NOT_FOUND,
    SUBJECT_REQUEST_NOT_FOUND,
)
from songcau_identity.officers import Desk
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.rights import repository
from songcau_identity.rights.asking import Told
from songcau_identity.rights.model import (
    ActorKind,
    RequestAct,
    RequestKind,
    RequestStep,
    SubjectRequest,
)
from songcau_identity.rights.receiving import Receipt, Receiving, read_wish
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

    def __init__(self, desk: Desk, cursors: CursorSigner, receiving: Receiving) -> None:
        self._desk = desk
        self._cursors = cursors
        self._receiving = receiving

    def make(self, asker: Asker, new: NewRequest, access: Access) -> SubjectRequest:
        """Make a request.

        Raises SUBJECT_REQUEST_INVALID, PROCESSING_BOUND_BY_LAW, CITIZEN_NOT_FOUND and SUBJECT_REQUEST_OPEN.
        """
        wish = read_wish(new.kind, new.activity, new.details)

        def act(conn: Connection) -> RequestOutcome:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            request = self._receiving.begin(family[0], wish, Receipt(self._desk.clock.now()))
            made = RequestStep(RequestAct.MAKE, request.state, ActorKind.CITIZEN, request.received_at)
            self._receiving.enter(conn, request, wish.details, made)
            self._receiving.start(conn, request, Told(asker.actor, asker.correlation_id))
            return RequestOutcome(request)

        wanted = Request("MakeSubjectRequest", new.request_id, wish.fingerprint())
        operation = Operation.MAKE_SUBJECT_REQUEST
        return self._desk.writes.run(asker, operation, wanted, access, act=act, form=REQUEST_OUTCOME).request

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


def own_family(conn: Connection, asker: Asker) -> tuple[UUID, ...]:
    """Return the asker's record and those merged into it, whatever their state; raises CITIZEN_NOT_FOUND."""
    family = citizens.find_family(conn, asker.own_citizen_id) if asker.own_citizen_id else ()
    if not family:
        raise DomainError(CITIZEN_NOT_FOUND)
    return family
