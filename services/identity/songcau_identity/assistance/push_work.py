"""Puts questions to citizens and takes their answers; a component of `work`, several at once do no harm."""

from datetime import timedelta
from uuid import UUID

from songcau_kit import audit
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop, Looping

from songcau_identity.assistance import repository, repository_pushes, steps
from songcau_identity.assistance.details import excerpt_of
from songcau_identity.assistance.entries import entry_of
from songcau_identity.assistance.events import citizen_actor
from songcau_identity.assistance.model import ActStatus, AssistedSession, EndCause, SessionStatus
from songcau_identity.assistance.pushing import Push, PushProvider, PushState, PushUnavailableError, Question
from songcau_identity.assistance.sealing import ActSummary, open_summary
from songcau_identity.assistance.summaries import start_question
from songcau_identity.auditing import Operation
from songcau_identity.errors import ASSISTED_SESSION_EXISTS
from songcau_identity.officers import Desk
from songcau_identity.repositories import citizens
from songcau_identity.representations.frame import By

EVERY_S = 1.0
LOOK_AGAIN = timedelta(seconds=1)
AFTER_FAILURE = timedelta(seconds=5)

_log = get_logger(__name__)


class PushWork(Looping):
    """Asks the provider about one question at a time; a failure puts that question off and keeps no other back."""

    def __init__(self, desk: Desk, provider: PushProvider, *, every: float = EVERY_S) -> None:
        self._desk = desk
        self._provider = provider
        self._every = every
        self._loop = Loop("identity-pushes", self._step, longest_pause=every)

    def look_after_one(self) -> bool:
        """Put or look after one question that is due and say whether there was one."""
        now = self._desk.clock.now()
        with self._desk.database.transaction() as conn:
            push = repository_pushes.hold_due(conn, now)
            if push is None:
                return False
            session = repository.find(conn, push.session_id)
            if session is None or now >= session.expires_at or not _is_waiting(conn, push, session):
                repository_pushes.close(conn, push.push_id, now)
                return True
            try:
                state = self._ask(conn, push, session)
            except (PushUnavailableError, DomainError) as error:
                _log.warning("push_put_off", id=str(push.push_id), error=type(error).__name__)
                repository_pushes.put_off(conn, push, now + AFTER_FAILURE, is_sent=push.is_sent)
                return True
            self._take(conn, push, state)
        return True

    def _step(self) -> float:
        return 0.0 if self.look_after_one() else self._every

    def _ask(self, conn: Connection, push: Push, session: AssistedSession) -> PushState:
        if push.is_sent or session.citizen_id is None:
            return self._provider.look(push.push_id)
        return self._provider.send(self._question(conn, push, session, session.citizen_id))

    def _question(self, conn: Connection, push: Push, session: AssistedSession, citizen_id: UUID) -> Question:
        desk = self._desk
        data_key = desk.data_keys.get(conn, citizen_id)
        record = citizens.find_record(conn, citizen_id)
        if record is None or record.number is None:
            raise PushUnavailableError
        number = desk.vault.open_number(data_key, record.number.identifier_id, record.number.value_enc)
        summary = ActSummary(start_question(session))
        for act, sealed in repository.list_acts(conn, [session.session_id]):
            if act.act_id == push.act_id:
                summary = open_summary(desk.vault, data_key, act.act_id, sealed)
        excerpt = excerpt_of(summary.details)
        return Question(push.push_id, number, summary.question, session.expires_at, excerpt)

    def _take(self, conn: Connection, push: Push, state: PushState) -> None:
        now = self._desk.clock.now()
        if state is PushState.WAITING:
            repository_pushes.put_off(conn, push, now + LOOK_AGAIN, is_sent=True)
            return
        repository_pushes.close(conn, push.push_id, now)
        session = repository.hold(conn, push.session_id)
        if state is PushState.EXPIRED or session is None:
            return
        try:
            with conn.transaction():
                self._answer(conn, push, session, is_yes=state is PushState.APPROVED)
        except DomainError as error:
            # The citizen answered in the app meanwhile, or the session is over: the first answer stands.
            _log.info("push_answer_late", id=str(push.push_id), reason=error.reason.code)
            if error.reason is ASSISTED_SESSION_EXISTS:
                self._end(conn, session, EndCause.ANOTHER_OPEN)

    def _answer(self, conn: Connection, push: Push, session: AssistedSession, *, is_yes: bool) -> None:
        act = repository.find_act(conn, push.act_id) if push.act_id else None
        clock, by = self._desk.clock, self._by(session)
        if act is not None:
            status = ActStatus.CONFIRMED if is_yes else ActStatus.DECLINED
            steps.answer(conn, clock, session, act, status, by)
            operation = Operation.CONFIRM_ASSISTED_ACT if is_yes else Operation.DECLINE_ASSISTED_ACT
        elif is_yes:
            steps.approve(conn, clock, session, by)
            operation = Operation.APPROVE_ASSISTED_SESSION
        else:
            steps.end(conn, clock, session, EndCause.DECLINED, by)
            operation = Operation.END_ASSISTED_SESSION
        audit.record(conn, *entry_of(session, operation, by), clock=clock)

    def _end(self, conn: Connection, session: AssistedSession, cause: EndCause) -> None:
        by = self._by(session)
        steps.end(conn, self._desk.clock, session, cause, by)
        audit.record(conn, *entry_of(session, Operation.END_ASSISTED_SESSION, by), clock=self._desk.clock)

    def _by(self, session: AssistedSession) -> By:
        return By(citizen_actor(session), str(self._desk.clock.new_id()))


def _is_waiting(conn: Connection, push: Push, session: AssistedSession) -> bool:
    """Say whether nobody answered yet, here or there."""
    if push.act_id is None:
        return session.status is SessionStatus.AWAITING_APPROVAL
    act = repository.find_act(conn, push.act_id)
    return session.status is SessionStatus.OPEN and act is not None and act.status is ActStatus.AWAITING_CONFIRMATION
