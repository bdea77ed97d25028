"""What an anomaly is and the steps it can take; imports nothing of ours."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class AnomalyKind(StrEnum):
    """Why a look-up needs an explanation."""

    LOOK_UP_WITHOUT_CASE = "LOOK_UP_WITHOUT_CASE"
    NEIGHBOUR = "NEIGHBOUR"
    RELATIVE = "RELATIVE"
    WATCHED_CITIZEN = "WATCHED_CITIZEN"
    BULK = "BULK"
    OWN_RECORD = "OWN_RECORD"


class AnomalyState(StrEnum):
    """Where an anomaly stands."""

    OPEN = "OPEN"
    ASKED = "ASKED"
    ANSWERED = "ANSWERED"
    EXPLAINED = "EXPLAINED"
    ESCALATED = "ESCALATED"
    DISMISSED = "DISMISSED"


class AnomalyAct(StrEnum):
    """What a data officer does with an anomaly, and the officer it is about: FIND is the job's."""

    FIND = "FIND"
    ASK = "ASK"
    EXPLAIN = "EXPLAIN"
    ACCEPT = "ACCEPT"
    ESCALATE = "ESCALATE"
    DISMISS = "DISMISS"


class Taker(StrEnum):
    """Who takes a step."""

    SYSTEM = "SYSTEM"
    OFFICER = "OFFICER"
    DATA_OFFICER = "DATA_OFFICER"


@dataclass(frozen=True)
class AnomalyTransition:
    """One legal step: from, act, to, who."""

    before: AnomalyState | None
    act: AnomalyAct
    after: AnomalyState
    who: Taker


_S, _A, _T = AnomalyState, AnomalyAct, Taker
ANOMALY_LIFECYCLE: tuple[AnomalyTransition, ...] = (
    AnomalyTransition(None, _A.FIND, _S.OPEN, _T.SYSTEM),
    AnomalyTransition(_S.OPEN, _A.ASK, _S.ASKED, _T.DATA_OFFICER),
    AnomalyTransition(_S.ASKED, _A.EXPLAIN, _S.ANSWERED, _T.OFFICER),
    AnomalyTransition(_S.ANSWERED, _A.ACCEPT, _S.EXPLAINED, _T.DATA_OFFICER),
    AnomalyTransition(_S.OPEN, _A.ESCALATE, _S.ESCALATED, _T.DATA_OFFICER),
    AnomalyTransition(_S.ASKED, _A.ESCALATE, _S.ESCALATED, _T.DATA_OFFICER),
    AnomalyTransition(_S.ANSWERED, _A.ESCALATE, _S.ESCALATED, _T.DATA_OFFICER),
    AnomalyTransition(_S.OPEN, _A.DISMISS, _S.DISMISSED, _T.DATA_OFFICER),
    AnomalyTransition(_S.ASKED, _A.DISMISS, _S.DISMISSED, _T.DATA_OFFICER),
    AnomalyTransition(_S.ANSWERED, _A.DISMISS, _S.DISMISSED, _T.DATA_OFFICER),
)
DECIDED = frozenset({AnomalyState.EXPLAINED, AnomalyState.ESCALATED, AnomalyState.DISMISSED})


def find_anomaly_transition(before: AnomalyState | None, act: AnomalyAct) -> AnomalyTransition | None:
    """Return the legal step of an act, None where there is none."""
    return next((step for step in ANOMALY_LIFECYCLE if step.before is before and step.act is act), None)


@dataclass(frozen=True)
class Anomaly:
    """One anomaly without what anybody wrote about it; `citizen_id` only where the kind is about one citizen."""

    anomaly_id: UUID
    version: int
    kind: AnomalyKind
    state: AnomalyState
    officer_id: str
    organization: str
    day: date
    citizen_id: UUID | None
    look_ups: int
    found_at: datetime
    asked_at: datetime | None = None
    explained_at: datetime | None = None
    decided_at: datetime | None = None
    breach_id: UUID | None = None


@dataclass(frozen=True)
class AnomalyFilter:
    """Which anomalies are wanted; days are both taken in, what is empty lets everything through."""

    states: tuple[AnomalyState, ...] = ()
    kinds: tuple[AnomalyKind, ...] = ()
    officer_id: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class WatchedCitizen:
    """A citizen on the list of those whose look-ups without a case are always told, without the reason."""

    watch_id: UUID
    version: int
    citizen_id: UUID
    watched_by: str
    watched_at: datetime
    ended_at: datetime | None = None
