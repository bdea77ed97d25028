"""Ends sessions whose time is up; a component of `work`, several at once do no harm."""

from collections.abc import Collection
from uuid import UUID

from songcau_kit import audit
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database
from songcau_kit.events import Actor
from songcau_kit.loop import Loop, Looping

from songcau_identity.assistance import repository, steps
from songcau_identity.assistance.entries import entry_of
from songcau_identity.assistance.model import AssistedSession, EndCause
from songcau_identity.auditing import Operation
from songcau_identity.representations.frame import By

EVERY_S = 5.0
PORTION = 200
SYSTEM = "identity"


class RunningOut(Looping):
    """Looks now and then; acts of a session that is over by the clock are refused before it came by."""

    def __init__(self, database: Database, clock: Clock, *, every: float = EVERY_S) -> None:
        self._database = database
        self._clock = clock
        self._every = every
        self._loop = Loop("identity-assisted-sessions", self._step, longest_pause=every)

    def end_portion(self) -> int:
        """End at most one portion and return how many."""
        with self._database.transaction() as conn:
            found = repository.hold_run_out(conn, self._clock.now(), PORTION)
            for session in found:
                _end(conn, self._clock, session)
        return len(found)

    def _step(self) -> float:
        return 0.0 if self.end_portion() >= PORTION else self._every


def end_all_of(conn: Connection, clock: Clock, citizen_ids: Collection[UUID]) -> None:
    """End every session of these citizens."""
    for session in repository.hold_of_citizens(conn, citizen_ids):
        _end(conn, clock, session)


def _end(conn: Connection, clock: Clock, session: AssistedSession) -> None:
    by = By(Actor(SYSTEM, "SYSTEM"), str(clock.new_id()))
    steps.end(conn, clock, session, EndCause.EXPIRED, by)
    audit.record(conn, *entry_of(session, Operation.END_ASSISTED_SESSION, by), clock=clock)
