"""What a breach is, the steps it takes, and by when whom must be told; imports nothing of ours."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

# Law 91/2025 and Decree 356/2025: from the moment of detection; the file is kept five years at least.
NOTICE_WITHIN = timedelta(hours=72)
KEPT_YEARS = 5


class BreachState(StrEnum):
    """Where a breach stands."""

    OPEN = "OPEN"
    NOTIFIED = "NOTIFIED"
    CLOSED = "CLOSED"
    DISMISSED = "DISMISSED"


class BreachAct(StrEnum):
    """What a data officer does with a breach."""

    OPEN = "OPEN"
    AMEND = "AMEND"
    ASSESS = "ASSESS"
    TELL_AUTHORITY = "TELL_AUTHORITY"
    TELL_PERSONS = "TELL_PERSONS"
    CLOSE = "CLOSE"
    DISMISS = "DISMISS"


class Audience(StrEnum):
    """Whom a notice goes to."""

    AUTHORITY = "AUTHORITY"
    PERSONS = "PERSONS"


@dataclass(frozen=True)
class BreachTransition:
    """One legal step: from, act, to; a data officer takes each."""

    before: BreachState | None
    act: BreachAct
    after: BreachState


_S, _A = BreachState, BreachAct
BREACH_LIFECYCLE: tuple[BreachTransition, ...] = (
    BreachTransition(None, _A.OPEN, _S.OPEN),
    BreachTransition(_S.OPEN, _A.AMEND, _S.OPEN),
    BreachTransition(_S.OPEN, _A.ASSESS, _S.OPEN),
    BreachTransition(_S.OPEN, _A.TELL_AUTHORITY, _S.NOTIFIED),
    BreachTransition(_S.OPEN, _A.TELL_PERSONS, _S.OPEN),
    BreachTransition(_S.OPEN, _A.DISMISS, _S.DISMISSED),
    # More becomes known after the first notice.
    BreachTransition(_S.NOTIFIED, _A.AMEND, _S.NOTIFIED),
    BreachTransition(_S.NOTIFIED, _A.ASSESS, _S.NOTIFIED),
    BreachTransition(_S.NOTIFIED, _A.TELL_PERSONS, _S.NOTIFIED),
    BreachTransition(_S.NOTIFIED, _A.CLOSE, _S.CLOSED),
)


def find_breach_transition(before: BreachState | None, act: BreachAct) -> BreachTransition | None:
    """Return the legal step of an act, None where there is none."""
    return next((step for step in BREACH_LIFECYCLE if step.before is before and step.act is act), None)


@dataclass(frozen=True)
class BreachFacts:
    """What is known about a breach; texts stay out of every `repr`."""

    detected_at: datetime
    has_biometric_data: bool
    has_location_data: bool
    categories: tuple[str, ...]
    description: str = field(repr=False)
    consequences: str = field(default="", repr=False)
    measures: str = field(default="", repr=False)


@dataclass(frozen=True)
class Breach:
    """A breach without what anybody wrote about it."""

    breach_id: UUID
    version: int
    state: BreachState
    detected_at: datetime
    has_biometric_data: bool
    has_location_data: bool
    categories: tuple[str, ...]
    authority_told_at: datetime | None = None
    persons_told_at: datetime | None = None
    closed_at: datetime | None = None
    kept_until: date | None = None
    persons: int = 0

    @property
    def notice_due_at(self) -> datetime:
        """When the authority, and persons where they are told, must know."""
        return self.detected_at + NOTICE_WITHIN

    @property
    def missing(self) -> tuple[Audience, ...]:
        """Who must be told and was not; nobody of a breach that turned out to be none."""
        if self.state is BreachState.DISMISSED:
            return ()
        tells_persons = self.has_biometric_data or self.has_location_data
        wanted = {
            Audience.AUTHORITY: self.authority_told_at is None,
            Audience.PERSONS: tells_persons and self.persons_told_at is None,
        }
        return tuple(audience for audience, is_missing in wanted.items() if is_missing)

    def is_overdue(self, now: datetime) -> bool:
        """Say whether a notice is missing and its time has passed."""
        return bool(self.missing) and now > self.notice_due_at


@dataclass(frozen=True)
class BreachStep:
    """One step that was taken; the reference is that of a notice."""

    version: int
    act: BreachAct
    taken_by: str
    taken_for: str
    taken_at: datetime
    reference: str = ""


@dataclass(frozen=True)
class Window:
    """Which accesses a breach consists of; an empty word narrows nothing."""

    from_: datetime
    to: datetime
    actor_id: str = ""
    client_id: str = ""
    service: str = ""


@dataclass(frozen=True)
class TouchedPerson:
    """One person whose data was met, how often, first and last."""

    citizen_id: UUID
    accesses: int
    first_at: datetime
    last_at: datetime


def kept_until(day: date) -> date:
    """Return the day until which the file of a breach closed on a day is kept; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + KEPT_YEARS)
    except ValueError:
        return date(day.year + KEPT_YEARS, 3, 1)
