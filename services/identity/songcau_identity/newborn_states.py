"""What becomes of a child's temporary key: one table of steps; holds no personal value."""

from dataclasses import dataclass
from enum import StrEnum


class NewbornState(StrEnum):
    """Where a child stands between birth and the personal number."""

    TEMPORARY = "TEMPORARY"
    REPLACED = "REPLACED"
    VOIDED = "VOIDED"


class NewbornAct(StrEnum):
    """What officers do about a child without a number."""

    REGISTER = "REGISTER"
    ISSUE_NUMBER = "ISSUE_NUMBER"
    VOID = "VOID"


class VoidReason(StrEnum):
    """Why an entry of a child counts no more."""

    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"
    ENTERED_TWICE = "ENTERED_TWICE"
    DECEASED = "DECEASED"


@dataclass(frozen=True)
class NewbornStep:
    """One legal step: from, to, who may, what the others learn."""

    before: NewbornState | None
    act: NewbornAct
    after: NewbornState
    roles: frozenset[str]
    fact: str


NEWBORN_LIFECYCLE: tuple[NewbornStep, ...] = (
    NewbornStep(
        None,
        NewbornAct.REGISTER,
        NewbornState.TEMPORARY,
        frozenset({"officer", "station-officer", "data-officer"}),
        "CITIZEN_REGISTERED",
    ),
    NewbornStep(
        NewbornState.TEMPORARY,
        NewbornAct.ISSUE_NUMBER,
        NewbornState.REPLACED,
        frozenset({"officer", "data-officer"}),
        "PERSONAL_NUMBER_ISSUED",
    ),
    NewbornStep(
        NewbornState.TEMPORARY, NewbornAct.VOID, NewbornState.VOIDED, frozenset({"data-officer"}), "NEWBORN_VOIDED"
    ),
)


def find_newborn_step(before: NewbornState | None, act: NewbornAct) -> NewbornStep | None:
    """Return the legal step of an act from a state (None: not registered yet)."""
    return next((step for step in NEWBORN_LIFECYCLE if step.before is before and step.act is act), None)
