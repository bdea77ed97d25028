"""What a person can ask for, by when it is answered, and the steps a request can take; imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class RequestKind(StrEnum):
    """What is asked for."""

    VIEW = "VIEW"
    CORRECT = "CORRECT"
    COPY = "COPY"
    RESTRICT = "RESTRICT"
    OBJECT = "OBJECT"
    WITHDRAW_CONSENT = "WITHDRAW_CONSENT"
    DELETE = "DELETE"
    PROTECT = "PROTECT"


@dataclass(frozen=True)
class Clock:
    """Days from the day a request is received; `with_third_party` where processors or third parties take part."""

    days: int
    with_third_party: int
    extension: int


ACKNOWLEDGE_WORKING_DAYS = 2
# Law 91/2025 and Decree 356/2025; protective measures have no longer time with third parties.
CLOCKS: Mapping[RequestKind, Clock] = {
    RequestKind.VIEW: Clock(10, 15, 10),
    RequestKind.CORRECT: Clock(10, 15, 10),
    RequestKind.COPY: Clock(10, 15, 10),
    RequestKind.RESTRICT: Clock(15, 20, 15),
    RequestKind.OBJECT: Clock(15, 20, 15),
    RequestKind.WITHDRAW_CONSENT: Clock(15, 20, 15),
    RequestKind.DELETE: Clock(20, 30, 20),
    RequestKind.PROTECT: Clock(15, 15, 15),
}
# What cannot be answered without words.
TOLD_IN_WORDS = frozenset({RequestKind.CORRECT, RequestKind.OBJECT, RequestKind.PROTECT})
# What stops one processing activity when it is carried out, and therefore names one.
STOPPING = frozenset({RequestKind.RESTRICT, RequestKind.OBJECT})


class RequestChannel(StrEnum):
    """How a request reached the platform."""

    APP = "APP"
    COUNTER = "COUNTER"
    POST = "POST"


# What an officer enters, on the document that shows it.
ON_PAPER = frozenset({RequestChannel.COUNTER, RequestChannel.POST})


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "RECEIVED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    EXECUTING = "EXECUTING"
    COMPLETED = "COMPLETED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class RequestAct(StrEnum):
    """What moves a request."""

    MAKE = "MAKE"
    RECORD = "RECORD"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    EXTEND = "EXTEND"
    EXECUTE = "EXECUTE"
    COMPLETE = "COMPLETE"
    REFUSE = "REFUSE"
    WITHDRAW = "WITHDRAW"


class ActorKind(StrEnum):
    """Who takes a step."""

    CITIZEN = "CITIZEN"
    OFFICER = "OFFICER"
    SYSTEM = "SYSTEM"


class Refusal(StrEnum):
    """Why a request may be refused."""

    RETENTION_LAW = "RETENTION_LAW"
    OPEN_CASE = "OPEN_CASE"
    OTHER_LEGAL_BASIS = "OTHER_LEGAL_BASIS"
    RIGHTS_OF_OTHERS = "RIGHTS_OF_OTHERS"
    NOTHING_HELD = "NOTHING_HELD"
    UNCLEAR = "UNCLEAR"


EVERY_KIND = frozenset(RequestKind)
ERASURE, COPY = frozenset({RequestKind.DELETE}), frozenset({RequestKind.COPY})


@dataclass(frozen=True)
class Transition:
    """One legal step: from, act, to, who may, of which kinds."""

    before: RequestState | None
    act: RequestAct
    after: RequestState
    actor: ActorKind
    kinds: frozenset[RequestKind] = EVERY_KIND


_S, _A, _WHO = RequestState, RequestAct, ActorKind
LIFECYCLE: tuple[Transition, ...] = (
    Transition(None, _A.MAKE, _S.RECEIVED, _WHO.CITIZEN),
    Transition(None, _A.RECORD, _S.RECEIVED, _WHO.OFFICER),
    Transition(_S.RECEIVED, _A.ACKNOWLEDGE, _S.ACKNOWLEDGED, _WHO.OFFICER),
    Transition(_S.RECEIVED, _A.EXTEND, _S.RECEIVED, _WHO.OFFICER),
    Transition(_S.RECEIVED, _A.REFUSE, _S.REFUSED, _WHO.OFFICER),
    Transition(_S.RECEIVED, _A.WITHDRAW, _S.WITHDRAWN, _WHO.CITIZEN),
    # A copy needs nobody where every service answers.
    Transition(_S.RECEIVED, _A.COMPLETE, _S.COMPLETED, _WHO.SYSTEM, COPY),
    Transition(_S.ACKNOWLEDGED, _A.COMPLETE, _S.COMPLETED, _WHO.SYSTEM, COPY),
    Transition(_S.ACKNOWLEDGED, _A.EXTEND, _S.ACKNOWLEDGED, _WHO.OFFICER),
    Transition(_S.ACKNOWLEDGED, _A.REFUSE, _S.REFUSED, _WHO.OFFICER),
    Transition(_S.ACKNOWLEDGED, _A.WITHDRAW, _S.WITHDRAWN, _WHO.CITIZEN),
    Transition(_S.ACKNOWLEDGED, _A.COMPLETE, _S.COMPLETED, _WHO.OFFICER, EVERY_KIND - ERASURE),
    # What cannot be taken back is put to every service first.
    Transition(_S.ACKNOWLEDGED, _A.EXECUTE, _S.EXECUTING, _WHO.OFFICER, ERASURE),
    Transition(_S.EXECUTING, _A.EXTEND, _S.EXECUTING, _WHO.OFFICER, ERASURE),
    Transition(_S.EXECUTING, _A.REFUSE, _S.REFUSED, _WHO.OFFICER, ERASURE),
    Transition(_S.EXECUTING, _A.REFUSE, _S.REFUSED, _WHO.SYSTEM, ERASURE),
    Transition(_S.EXECUTING, _A.COMPLETE, _S.COMPLETED, _WHO.SYSTEM, ERASURE),
)
OPEN = frozenset({RequestState.RECEIVED, RequestState.ACKNOWLEDGED, RequestState.EXECUTING})


def find_transition(
    before: RequestState | None, act: RequestAct, actor: ActorKind, kind: RequestKind
) -> Transition | None:
    """Return the legal step of an act (None as state: no such request yet)."""
    fitting = (step for step in LIFECYCLE if step.before is before and step.act is act and step.actor is actor)
    return next((step for step in fitting if kind in step.kinds), None)


@dataclass(frozen=True)
class SubjectRequest:
    """One request without what anybody wrote in it; days are legal days in Vietnam."""

    subject_request_id: UUID
    citizen_id: UUID
    kind: RequestKind
    state: RequestState
    version: int
    activity: str
    received_at: datetime
    acknowledge_by: date
    due_on: date
    third_party: bool = False
    extended: bool = False
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    refusal: Refusal | None = None
    channel: RequestChannel = RequestChannel.APP
    recorded_for: str = ""

    @property
    def next_due_on(self) -> date:
        """The day that counts next: that of the acknowledgement until it is given."""
        is_waiting = self.state is RequestState.RECEIVED and self.acknowledged_at is None
        return min(self.acknowledge_by, self.due_on) if is_waiting else self.due_on

    def is_overdue(self, today: date) -> bool:
        """Say whether a day that counts has passed without the step it asks for."""
        return self.state in OPEN and self.next_due_on < today


@dataclass(frozen=True)
class RequestStep:
    """One step a request took."""

    act: RequestAct
    state: RequestState
    actor_kind: ActorKind
    taken_at: datetime
