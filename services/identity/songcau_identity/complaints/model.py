"""What a complaint about an access is and the steps it can take; imports no rule of other subjects."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from songcau_identity.repositories.accesses import AccessRecord


class ComplaintState(StrEnum):
    """Where a complaint stands."""

    RECEIVED = "RECEIVED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ANSWERED = "ANSWERED"
    WITHDRAWN = "WITHDRAWN"


class ComplaintAct(StrEnum):
    """What a data officer does with a complaint, or the citizen who made it."""

    ACKNOWLEDGE = "ACKNOWLEDGE"
    ANSWER = "ANSWER"
    WITHDRAW = "WITHDRAW"


class Finding(StrEnum):
    """What a data officer found about the access."""

    JUSTIFIED = "JUSTIFIED"
    UNJUSTIFIED = "UNJUSTIFIED"
    UNRESOLVED = "UNRESOLVED"


@dataclass(frozen=True)
class Transition:
    """One legal step."""

    before: ComplaintState
    act: ComplaintAct
    after: ComplaintState


LIFECYCLE: tuple[Transition, ...] = (
    Transition(ComplaintState.RECEIVED, ComplaintAct.ACKNOWLEDGE, ComplaintState.ACKNOWLEDGED),
    Transition(ComplaintState.ACKNOWLEDGED, ComplaintAct.ANSWER, ComplaintState.ANSWERED),
    Transition(ComplaintState.RECEIVED, ComplaintAct.WITHDRAW, ComplaintState.WITHDRAWN),
    Transition(ComplaintState.ACKNOWLEDGED, ComplaintAct.WITHDRAW, ComplaintState.WITHDRAWN),
)


def find_transition(before: ComplaintState, act: ComplaintAct) -> Transition | None:
    """Return the legal step of an act from a state."""
    return next((step for step in LIFECYCLE if step.before is before and step.act is act), None)


@dataclass(frozen=True)
class Complaint:
    """One complaint without its words; `access` is the entry as it stood when the complaint was made."""

    complaint_id: UUID
    citizen_id: UUID
    access: AccessRecord
    state: ComplaintState
    version: int
    received_at: datetime
    acknowledge_by: date
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    finding: Finding | None = None

    def is_overdue(self, today: date) -> bool:
        """Say whether the day of the acknowledgement has passed without one."""
        return self.state is ComplaintState.RECEIVED and self.acknowledge_by < today
