"""Takes anomalies through their steps: asked about, explained, decided; each once, and never by whom it is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.audit import NOBODY
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.anomalies import repository, texts
from songcau_identity.anomalies.model import Anomaly, AnomalyAct, AnomalyState, find_anomaly_transition
from songcau_identity.anomalies.reading import admit, admit_own
from songcau_identity.anomalies.repository import SealedTexts
from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.breaches import repository as breaches
from songcau_identity.breaches.model import BreachAct, BreachState, BreachStep
from songcau_identity.errors import (
    ANOMALY_INVALID,
    ANOMALY_NOT_FOUND,
    ANOMALY_STATE_INVALID,
    BREACH_NOT_FOUND,
    BREACH_STATE_INVALID,
)
from songcau_identity.officers import Desk, check_version
from songcau_identity.repeatable import Request
from songcau_identity.rights import words

NOTHING_WRITTEN = SealedTexts(None, None, None)
# The act by which each decision is reached.
DECISIONS = {
    AnomalyState.EXPLAINED: AnomalyAct.ACCEPT,
    AnomalyState.ESCALATED: AnomalyAct.ESCALATE,
    AnomalyState.DISMISSED: AnomalyAct.DISMISS,
}
# An anomaly can join a breach as long as more may become known of it.
JOINED = frozenset({BreachState.OPEN, BreachState.NOTIFIED})
Step = Callable[[Connection, Anomaly], Anomaly]


@dataclass(frozen=True)
class AnomalyOrder:
    """Who orders a step of which anomaly at the version they saw, in which request; None is an id that is none."""

    asker: Asker
    access: Access
    request_id: str
    anomaly_id: UUID | None
    version: int


@dataclass(frozen=True)
class Decision:
    """How a data officer ends an anomaly; the breach only where it is escalated."""

    state: AnomalyState | None
    note: str
    breach_id: UUID | None = None
    names_breach: bool = False


@dataclass(frozen=True)
class AnomalyOutcome:
    """An anomaly after a step; the register keeps it in clear, so it holds no text."""

    anomaly: Anomaly

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the step met."""
        return [self.anomaly.citizen_id] if self.anomaly.citizen_id else []


ANOMALY_OUTCOME = TypeAdapter(AnomalyOutcome)


class AnomalySteps:
    """The use cases AskAboutAnomaly, ExplainAnomaly and DecideAnomaly."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, order: AnomalyOrder, question: str) -> Anomaly:
        """Ask the officer for an explanation; raises ANOMALY_INVALID and what every step raises."""
        text = texts.read_words(question, "question")

        def step(conn: Connection, anomaly: Anomaly) -> Anomaly:
            asked = replace(take(anomaly, AnomalyAct.ASK), asked_at=self._desk.clock.now())
            sealed = texts.seal(self._desk, conn, asked.anomaly_id, "question_enc", text)
            repository.update_anomaly(conn, asked, replace(NOTHING_WRITTEN, question=sealed))
            return asked

        return self._run_as_data_officer(order, Operation.ASK_ABOUT_ANOMALY, text.reveal(), step)

    def explain(self, order: AnomalyOrder, explanation: str) -> Anomaly:
        """Answer the question; raises ANOMALY_INVALID and what every step raises."""
        text = texts.read_words(explanation, "explanation")

        def act(conn: Connection) -> AnomalyOutcome:
            anomaly = admit_own(order.asker, self._hold(conn, order))
            check_version(anomaly, order.version)
            answered = replace(take(anomaly, AnomalyAct.EXPLAIN), explained_at=self._desk.clock.now())
            sealed = texts.seal(self._desk, conn, answered.anomaly_id, "explanation_enc", text)
            repository.update_anomaly(conn, answered, replace(NOTHING_WRITTEN, explanation=sealed))
            return AnomalyOutcome(answered)

        return self._run(order, Operation.EXPLAIN_ANOMALY, text.reveal(), act)

    def decide(self, order: AnomalyOrder, decision: Decision) -> Anomaly:
        """End an anomaly; raises ANOMALY_INVALID, BREACH_NOT_FOUND, BREACH_STATE_INVALID and what every step raises."""
        act = DECISIONS.get(decision.state) if decision.state else None
        if act is None:
            raise words.invalid("decision", reason=ANOMALY_INVALID)
        note = texts.read_words(decision.note, "note")
        if decision.names_breach is not (act is AnomalyAct.ESCALATE):
            raise words.invalid("breach_id", "INVALID" if decision.names_breach else "REQUIRED", ANOMALY_INVALID)

        def step(conn: Connection, anomaly: Anomaly) -> Anomaly:
            decided = replace(take(anomaly, act), decided_at=self._desk.clock.now(), breach_id=decision.breach_id)
            if act is AnomalyAct.ESCALATE:
                self._join(conn, order, decision.breach_id, anomaly)
            sealed = texts.seal(self._desk, conn, decided.anomaly_id, "note_enc", note)
            written = replace(NOTHING_WRITTEN, note=sealed)
            repository.update_anomaly(conn, decided, written, decided_by=order.asker.caller.subject)
            return decided

        asked = f"{decision.state} {decision.breach_id} {note.reveal()}"
        return self._run_as_data_officer(order, Operation.DECIDE_ANOMALY, asked, step)

    def _join(self, conn: Connection, order: AnomalyOrder, breach_id: UUID | None, anomaly: Anomaly) -> None:
        """Add whom the entries met to a breach, as a step of the breach."""
        breach = breaches.hold_breach(conn, breach_id) if breach_id else None
        if breach is None:
            raise DomainError(BREACH_NOT_FOUND)
        if breach.state not in JOINED:
            raise DomainError(BREACH_STATE_INVALID, details={"state": breach.state, "act": BreachAct.ASSESS})
        repository.add_to_breach(conn, breach.breach_id, anomaly.anomaly_id, [NOBODY])
        assessed, asker = replace(breach, version=breach.version + 1), order.asker
        breaches.update_breach(conn, assessed)
        step = BreachStep(
            assessed.version, BreachAct.ASSESS, asker.caller.subject, asker.organization, self._desk.clock.now()
        )
        breaches.insert_step(conn, breach.breach_id, step)

    def _run_as_data_officer(self, order: AnomalyOrder, operation: Operation, asked: str, step: Step) -> Anomaly:
        require_agency(order.asker)
        require_purpose(order.asker)

        def act(conn: Connection) -> AnomalyOutcome:
            anomaly = admit(conn, order.asker, self._hold(conn, order), order.access)
            check_version(anomaly, order.version)
            return AnomalyOutcome(step(conn, anomaly))

        return self._run(order, operation, asked, act)

    def _run(
        self, order: AnomalyOrder, operation: Operation, asked: str, act: Callable[[Connection], AnomalyOutcome]
    ) -> Anomaly:
        wanted = Request(operation, order.request_id, f"{order.anomaly_id} {order.version} {asked}".encode())
        run = self._desk.writes.run
        return run(order.asker, operation, wanted, order.access, act=act, form=ANOMALY_OUTCOME).anomaly

    def _hold(self, conn: Connection, order: AnomalyOrder) -> Anomaly:
        anomaly = repository.hold_anomaly(conn, order.anomaly_id) if order.anomaly_id else None
        if anomaly is None:
            raise DomainError(ANOMALY_NOT_FOUND)
        return anomaly


def take(anomaly: Anomaly, act: AnomalyAct) -> Anomaly:
    """Return the anomaly one step on; raises ANOMALY_STATE_INVALID where there is none from here."""
    step = find_anomaly_transition(anomaly.state, act)
    if step is None:
        raise DomainError(ANOMALY_STATE_INVALID, details={"state": anomaly.state, "act": act})
    return replace(anomaly, state=step.after, version=anomaly.version + 1)
