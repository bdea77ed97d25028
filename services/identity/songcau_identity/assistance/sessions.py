"""Sessions begin, are approved, looked at and ended; acts are proposed and answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.audit import NOBODY
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.assistance import repository, repository_pushes, steps
from songcau_identity.assistance.details import Detail, check_details
from songcau_identity.assistance.model import (
    OPERATIONS,
    ActStatus,
    AssistancePurpose,
    AssistedOperation,
    AssistedSession,
    EndCause,
    ProposedAct,
    SessionStatus,
    helper_of,
)
from songcau_identity.assistance.pushing import Push
from songcau_identity.assistance.sealing import ActSummary, seal_summary
from songcau_identity.assistance.summaries import act_question
from songcau_identity.auditing import Access, Asker, Operation, require_agency
from songcau_identity.errors import (
    ASSISTANCE_INVALID,
    ASSISTED_ACT_NOT_FOUND,
    ASSISTED_ACT_PENDING,
    ASSISTED_OPERATION_NOT_ALLOWED,
    ASSISTED_SESSION_NOT_FOUND,
)
from songcau_identity.identifiers import IdentifierInvalidError, parse_personal_number
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.model import IdentifierKind
from songcau_identity.officers import Desk, refuse_own_record
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.representations.frame import By

DIGEST_BYTES = 32
MOST_PUSHES, PUSHES_WITHIN = 3, timedelta(hours=1)
"""How often one helper's sessions begin with a question in the app, and how many noes to acts end questions there."""


@dataclass(frozen=True)
class SessionAnswer:
    """A session after a write; nothing personal."""

    session: AssistedSession

    @property
    def subjects(self) -> tuple[UUID, ...]:
        """Return whose data the write met."""
        return tuple(self.session.subjects)


@dataclass(frozen=True)
class ActAnswer:
    """An act after a write; nothing personal."""

    act_id: UUID
    operation: AssistedOperation
    status: ActStatus
    proposed_at: datetime
    subjects: tuple[UUID, ...]


@dataclass(frozen=True)
class Proposal:
    """What a helper puts before the citizen."""

    operation: AssistedOperation | None
    digest: bytes
    facts: Mapping[str, str]
    details: Sequence[Detail] = ()


SESSION, ACT = TypeAdapter(SessionAnswer), TypeAdapter(ActAnswer)


class AssistedSessions:
    """The use cases of AssistanceService that write."""

    def __init__(self, desk: Desk, limits: LookUpLimits, *, lasts: timedelta) -> None:
        self._desk = desk
        self._limits = limits
        self._lasts = lasts

    def start(
        self, asker: Asker, request_id: str, number: Personal, purpose: AssistancePurpose | None, access: Access
    ) -> SessionAnswer:
        """Ask a citizen; the same answer and work whether anybody has the number. Raises what the contract names."""
        require_agency(asker)
        digest = self._number_digest(number)
        if purpose is None:
            raise invalid("/purpose", "REQUIRED")
        self._limits.take(asker.caller.subject)

        def act(conn: Connection) -> SessionAnswer:
            repository.hold_helper(conn, asker.caller.subject)
            citizen_id = citizens.hold_named(conn, IdentifierKind.PERSONAL_NUMBER, digest)
            access.subjects.extend([citizen_id] if citizen_id else [])
            # Who names nobody costs what who names somebody costs: the same statements, with an id that nobody has.
            refuse_own_record(conn, asker, citizen_id or NOBODY)
            now = self._desk.clock.now()
            session = AssistedSession(
                self._desk.clock.new_id(),
                citizen_id,
                helper_of(asker.caller),
                purpose,
                SessionStatus.AWAITING_APPROVAL,
                now,
                now + self._lasts,
                1,
            )
            repository.insert(conn, session)
            self._ask(conn, session)
            return SessionAnswer(session)

        request = Request("START_ASSISTED_SESSION", request_id, digest + purpose.encode())
        return self._desk.writes.run(asker, Operation.START_ASSISTED_SESSION, request, access, act=act, form=SESSION)

    def _ask(self, conn: Connection, session: AssistedSession) -> None:
        """Let the app ask, unless the helper asked so often that one more would only wear the citizen down.

        The citizen still finds the session here, and the helper learns no difference. The helper is held.
        """
        push, since = Push(session.session_id, session.session_id, None), session.started_at - PUSHES_WITHIN
        repository_pushes.ask_of_start(conn, push, session, since=since, most=MOST_PUSHES)

    def approve(self, asker: Asker, request_id: str, session_id: UUID | None, access: Access) -> SessionAnswer:
        """Take the citizen's yes."""

        def act(conn: Connection) -> SessionAnswer:
            session = self._hold_own(conn, asker, session_id, access)
            after = steps.approve(conn, self._desk.clock, session, by_of(asker))
            return SessionAnswer(after)

        request = Request("APPROVE_ASSISTED_SESSION", request_id, f"{session_id}".encode())
        return self._desk.writes.run(asker, Operation.APPROVE_ASSISTED_SESSION, request, access, act=act, form=SESSION)

    def end(self, asker: Asker, request_id: str, session_id: UUID | None, access: Access) -> SessionAnswer:
        """End a session by either side; before it is open, the citizen's end is the no."""

        def act(conn: Connection) -> SessionAnswer:
            session, is_citizen = hold_party(conn, asker, session_id, access)
            is_asked = session.status is SessionStatus.AWAITING_APPROVAL
            own = EndCause.DECLINED if is_asked else EndCause.ENDED_BY_CITIZEN
            cause = own if is_citizen else EndCause.ENDED_BY_HELPER
            after = steps.end(conn, self._desk.clock, session, cause, by_of(asker))
            return SessionAnswer(after)

        request = Request("END_ASSISTED_SESSION", request_id, f"{session_id}".encode())
        return self._desk.writes.run(asker, Operation.END_ASSISTED_SESSION, request, access, act=act, form=SESSION)

    def propose(
        self, asker: Asker, request_id: str, session_id: UUID | None, proposal: Proposal, access: Access
    ) -> ActAnswer:
        """Put one act before the citizen."""
        operation, digest = proposal.operation, proposal.digest
        if operation is None:
            raise invalid("/operation", "REQUIRED")
        if len(digest) != DIGEST_BYTES:
            raise invalid("/digest", "NOT_A_DIGEST")
        check_details(proposal.details)

        def act(conn: Connection) -> ActAnswer:
            session, is_citizen = hold_party(conn, asker, session_id, access)
            if is_citizen:
                raise DomainError(ASSISTED_SESSION_NOT_FOUND)
            now = self._desk.clock.now()
            if not session.is_open(now) or session.citizen_id is None:
                raise steps.not_open(session)
            if operation not in OPERATIONS[session.purpose]:
                raise DomainError(ASSISTED_OPERATION_NOT_ALLOWED)
            made = ProposedAct(
                self._desk.clock.new_id(), session.session_id, operation, digest, ActStatus.AWAITING_CONFIRMATION, now
            )
            summary = ActSummary(act_question(session, operation, proposal.facts), proposal.details)
            self._insert_act(conn, session.citizen_id, made, summary)
            if repository.count_declined(conn, session.session_id) < MOST_PUSHES:
                repository_pushes.ask(conn, Push(made.act_id, session.session_id, made.act_id), now)
            return answer_of(made, session)

        facts = "\x00".join(f"{code}={value}" for code, value in sorted(proposal.facts.items()))
        asked = b"\x00".join((f"{session_id} {operation}".encode(), digest, facts.encode()))
        request = Request("PROPOSE_ASSISTED_ACT", request_id, asked)
        return self._desk.writes.run(asker, Operation.PROPOSE_ASSISTED_ACT, request, access, act=act, form=ACT)

    def confirm(
        self, asker: Asker, request_id: str, named: tuple[UUID | None, UUID | None], access: Access
    ) -> ActAnswer:
        """Take the citizen's yes to an act; `named` are its session and itself."""
        return self._answer(asker, Request("CONFIRM_ASSISTED_ACT", request_id, f"{named}".encode()), named, access)

    def decline(
        self, asker: Asker, request_id: str, named: tuple[UUID | None, UUID | None], access: Access
    ) -> ActAnswer:
        """Take the citizen's no to an act."""
        return self._answer(asker, Request("DECLINE_ASSISTED_ACT", request_id, f"{named}".encode()), named, access)

    def _answer(
        self, asker: Asker, request: Request, named: tuple[UUID | None, UUID | None], access: Access
    ) -> ActAnswer:
        session_id, act_id = named
        status = ActStatus.CONFIRMED if request.method == "CONFIRM_ASSISTED_ACT" else ActStatus.DECLINED

        def act(conn: Connection) -> ActAnswer:
            session = self._hold_own(conn, asker, session_id, access)
            found = repository.find_act(conn, act_id) if act_id else None
            if found is None or found.session_id != session.session_id:
                raise DomainError(ASSISTED_ACT_NOT_FOUND)
            after = steps.answer(conn, self._desk.clock, session, found, status, by_of(asker))
            return answer_of(after, session)

        return self._desk.writes.run(asker, Operation(request.method), request, access, act=act, form=ACT)

    def _hold_own(self, conn: Connection, asker: Asker, session_id: UUID | None, access: Access) -> AssistedSession:
        session, is_citizen = hold_party(conn, asker, session_id, access)
        if not is_citizen:
            raise DomainError(ASSISTED_SESSION_NOT_FOUND)
        return session

    def _insert_act(self, conn: Connection, citizen_id: UUID, made: ProposedAct, summary: ActSummary) -> None:
        data_key = self._desk.data_keys.get(conn, citizen_id)
        sealed = seal_summary(self._desk.vault, data_key, made.act_id, summary)
        try:
            with conn.transaction():
                repository.insert_act(conn, made, sealed)
        except UniqueViolation:
            raise DomainError(ASSISTED_ACT_PENDING) from None

    def _number_digest(self, number: Personal) -> bytes:
        try:
            digits = parse_personal_number(number.reveal()).digits
        except IdentifierInvalidError as error:
            raise invalid("/personal_number", error.code) from None
        return self._desk.vault.number_digest(IdentifierKind.PERSONAL_NUMBER, digits)


def hold_party(conn: Connection, asker: Asker, session_id: UUID | None, access: Access) -> tuple[AssistedSession, bool]:
    """Return a session of the asker's, held, and whether the asker is its citizen; note whom it is about.

    Raises ASSISTED_SESSION_NOT_FOUND, for a stranger too.
    """
    found = repository.hold(conn, session_id) if session_id else None
    session, is_citizen = party_of(conn, asker, found, access)
    if is_citizen:  # a step of the citizen's; who only reads is helped by nobody
        access.assistant = session.helper
    return session, is_citizen


def party_of(
    conn: Connection, asker: Asker, found: AssistedSession | None, access: Access
) -> tuple[AssistedSession, bool]:
    """Return a session that was found and whether the asker is its citizen; raises as `hold_party`."""
    own_id = asker.own_citizen_id if asker.caller.has_role("citizen") else None
    family = citizens.find_family(conn, own_id) if own_id else ()
    if found is not None and found.citizen_id in family:
        access.subjects[:] = found.subjects
        return found, True
    if found is None or found.helper.subject != asker.caller.subject:
        raise DomainError(ASSISTED_SESSION_NOT_FOUND)
    access.subjects[:] = found.subjects
    return found, False


def answer_of(act: ProposedAct, session: AssistedSession) -> ActAnswer:
    """Return what a write of an act answers."""
    return ActAnswer(act.act_id, act.operation, act.status, act.proposed_at, tuple(session.subjects))


def invalid(pointer: str, code: str) -> DomainError:
    """Return the refusal of one field."""
    return DomainError(ASSISTANCE_INVALID, violations=[Violation(pointer, code)])


def by_of(asker: Asker) -> By:
    """Return who acts and in which request."""
    return By(asker.actor, asker.correlation_id)
