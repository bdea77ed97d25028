"""Removes what the kit's tables keep no longer: old inbox rows, old idempotency keys, assisted acts that are over."""

from songcau_kit import assisted_acts, inbox
from songcau_kit.clock import Clock, SystemClock
from songcau_kit.database import Database, service_of
from songcau_kit.idempotency import IdempotencyRegister
from songcau_kit.loop import Loop, Looping

EVERY_S = 600.0
AT_MOST = 5_000


class Housekeeping(Looping):
    """A component of `work`; several at once do no harm."""

    def __init__(self, database: Database, *, every: float = EVERY_S, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._every = every
        self._loop = Loop(f"{service_of(database.application_name)}-housekeeping", self._step, longest_pause=every)

    def tidy(self) -> int:
        """Remove one portion and return how many rows went."""
        with self._database.transaction() as connection:
            removed = inbox.prune(connection, at_most=AT_MOST)
        with self._database.transaction() as connection:
            removed += IdempotencyRegister().prune(connection, at_most=AT_MOST)
        with self._database.transaction() as connection:
            return removed + assisted_acts.prune(connection, self._clock.now(), at_most=AT_MOST)

    def _step(self) -> float:
        return 0.0 if self.tidy() >= AT_MOST else self._every
