"""What a deadline is: a due date, the pauses that moved it and each step of its computation in words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from songcau_eservices.catalogue.model import TimeUnit


class Timeliness(StrEnum):
    """Finished before, on or after the due date; hours and minutes do not count."""

    EARLY = "EARLY"
    ON_TIME = "ON_TIME"
    LATE = "LATE"


@dataclass(frozen=True)
class Explanation:
    """One step of the computation in the two languages of the platform."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stood; open while `ended_at` is None."""

    started_at: datetime
    reason: str
    ended_at: datetime | None = None


@dataclass(frozen=True)
class DueChange:
    """The clock went on after a pause: both due dates stand."""

    changed_at: datetime
    old_due_date: date
    new_due_date: date


@dataclass(frozen=True)
class Deadline:
    """The deadline of one dossier; `due_at` is exact only for processing times in hours, else the end of office."""

    accepted_at: datetime
    value: int
    unit: TimeUnit
    same_day: bool
    due_date: date
    due_at: datetime
    pauses: tuple[Pause, ...] = ()
    history: tuple[DueChange, ...] = ()
    explained: tuple[Explanation, ...] = ()

    @property
    def paused(self) -> bool:
        """Return whether the clock stands now."""
        return bool(self.pauses) and self.pauses[-1].ended_at is None
