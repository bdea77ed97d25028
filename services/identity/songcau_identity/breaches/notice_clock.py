"""Measures how long is left to tell whom a breach must be told; a component of `work`."""

import math

from songcau_kit import metrics
from songcau_kit.clock import Clock
from songcau_kit.database import Database
from songcau_kit.loop import Loop, Looping

from songcau_identity.breaches import repository

EVERY_S = 60.0


class NoticeClock(Looping):
    """Sets the measure once a minute: hours until the first missing notice is late, negative once it is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._left = metrics.gauge(
            "identity",
            "breach_notice_left",
            "hours",
            description="hours until the first missing notice is late",
        )
        self._loop = Loop("identity-breach-clock", self._step, longest_pause=EVERY_S)

    def measure(self) -> float:
        """Return and set what is left; not a number where nobody must be told."""
        with self._database.read() as conn:
            waiting = [breach for breach in repository.list_waiting(conn) if breach.missing]
        now = self._clock.now()
        left = min(((breach.notice_due_at - now).total_seconds() / 3600 for breach in waiting), default=math.nan)
        self._left.set(left)
        return left

    def _step(self) -> float:
        self.measure()
        return EVERY_S
