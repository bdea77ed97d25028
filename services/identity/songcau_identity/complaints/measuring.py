"""Measures how many complaints about accesses wait, and how many wait too long; a component of `work`."""

from songcau_kit import metrics
from songcau_kit.clock import Clock, local_date
from songcau_kit.database import Database
from songcau_kit.loop import Loop, Looping

from songcau_identity.complaints import repository

EVERY_S = 60.0


class ComplaintClock(Looping):
    """Sets the measures once a minute."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._open = metrics.gauge(
            "identity", "access_complaints_open", "count", description="complaints about accesses that are open"
        )
        self._overdue = metrics.gauge(
            "identity", "access_complaints_overdue", "count", description="of these, not acknowledged in time"
        )
        self._loop = Loop("identity-complaint-clock", self._step, longest_pause=EVERY_S)

    def measure(self) -> tuple[int, int]:
        """Return and set how many complaints are open and how many of them overdue."""
        with self._database.read() as conn:
            waiting, overdue = repository.count_open(conn, local_date(self._clock.now()))
        self._open.set(waiting)
        self._overdue.set(overdue)
        return waiting, overdue

    def _step(self) -> float:
        self.measure()
        return EVERY_S
