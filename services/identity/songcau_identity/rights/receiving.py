"""Takes a request in, however it came: its clocks, its words, its first step, and what begins at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal
from songcau_kit.processing import processing_register
from songcau_kit.working_days import WorkingDays

from songcau_identity.errors import PROCESSING_BOUND_BY_LAW, SUBJECT_REQUEST_OPEN
from songcau_identity.officers import Desk
from songcau_identity.rights import clocks, repository, words
from songcau_identity.rights.asking import Asking, Told
from songcau_identity.rights.model import (
    STOPPING,
    TOLD_IN_WORDS,
    RequestChannel,
    RequestKind,
    RequestState,
    RequestStep,
    SubjectRequest,
)


@dataclass(frozen=True)
class Wish:
    """What is asked for, as it was checked."""

    kind: RequestKind
    activity: str
    details: Personal

    def fingerprint(self) -> bytes:
        """Return what tells two requests apart."""
        return f"{self.kind} {self.activity} {self.details.reveal()}".encode()


@dataclass(frozen=True)
class Receipt:
    """When a request came and how; `recorded_for` names the agencies of who entered it."""

    received_at: datetime
    channel: RequestChannel = RequestChannel.APP
    recorded_for: str = ""


class Receiving:
    """Enters requests in the caller's transaction."""

    def __init__(self, desk: Desk, calendar: WorkingDays, asking: Asking) -> None:
        self._desk = desk
        self._calendar = calendar
        self._asking = asking

    def begin(self, citizen_id: UUID, wish: Wish, receipt: Receipt) -> SubjectRequest:
        """Return the request that begins with a receipt, its days counted from the day it came."""
        received_on = local_date(receipt.received_at)
        return SubjectRequest(
            subject_request_id=self._desk.clock.new_id(),
            citizen_id=citizen_id,
            kind=wish.kind,
            state=RequestState.RECEIVED,
            version=1,
            activity=wish.activity,
            received_at=receipt.received_at,
            acknowledge_by=clocks.acknowledge_by(received_on, self._calendar),
            due_on=clocks.due_on(received_on, wish.kind),
            channel=receipt.channel,
            recorded_for=receipt.recorded_for,
        )

    def enter(self, conn: Connection, request: SubjectRequest, details: Personal, step: RequestStep) -> None:
        """Write a request with its first step; raises SUBJECT_REQUEST_OPEN."""
        data_key = self._desk.data_keys.get(conn, request.citizen_id)
        details_enc = words.seal(data_key, request.subject_request_id, "details_enc", details)
        if not repository.insert_request(conn, request, details_enc):
            found = repository.find_open(conn, request.citizen_id, request.kind, request.activity)
            raise DomainError(SUBJECT_REQUEST_OPEN, details={"subject_request_id": str(found or "")})
        repository.insert_step(conn, request, step)

    def start(self, conn: Connection, request: SubjectRequest, told: Told) -> None:
        """Begin what needs no officer: a copy is asked for."""
        if request.kind is RequestKind.COPY:
            self._asking.ask_for_copy(conn, request, told)


def read_wish(kind: RequestKind | None, activity: str, details: str) -> Wish:
    """Return what is asked for; raises SUBJECT_REQUEST_INVALID and PROCESSING_BOUND_BY_LAW."""
    if kind is None:
        raise words.invalid("kind")
    if kind in STOPPING and not activity:
        raise words.invalid("activity", "REQUIRED")
    if activity and activity not in processing_register().activities:
        raise words.invalid("activity", "UNKNOWN")
    if kind in STOPPING:
        refuse_bound(activity)
    return Wish(kind, activity, words.read_text(details, "details", needed=kind in TOLD_IN_WORDS))


def refuse_bound(activity: str) -> None:
    """Raise PROCESSING_BOUND_BY_LAW for an activity to which nobody may object."""
    basis = processing_register().activities[activity].legal_basis
    if not basis.allows_objection:
        raise DomainError(PROCESSING_BOUND_BY_LAW, details={"activity": activity, "legal_basis": basis})
