"""Published times at which a practitioner takes one patient."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(minutes=240)


@dataclass(frozen=True)
class Period:
    """From a minute to a later one."""

    starts_at: datetime
    ends_at: datetime

    def faults(self, now: datetime) -> tuple[str, ...]:
        """Name what is wrong with a period that is to become a slot."""
        found = []
        if any(moment.second or moment.microsecond for moment in (self.starts_at, self.ends_at)):
            found.append("NOT_WHOLE_MINUTES")
        if self.starts_at < now:
            found.append("IN_PAST")
        if not SHORTEST <= self.ends_at - self.starts_at <= LONGEST:
            found.append("LENGTH_OUT_OF_RANGE")
        return tuple(found)


@dataclass(frozen=True)
class Slot:
    """A slot as everybody may see it."""

    slot_id: UUID
    facility_code: str
    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime
    is_free: bool


@dataclass(frozen=True)
class BookableSlot:
    """A slot with what booking it needs."""

    slot_id: UUID
    practitioner_no: int
    practitioner_id: UUID
    facility_code: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class SlotFilter:
    """Which slots a list shows."""

    facility_code: str
    starts_from: datetime
    starts_before: datetime | None
    free_only: bool
    service_code: str | None
    practitioner_id: UUID | None
