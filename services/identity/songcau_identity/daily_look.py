"""Looks at everything of a kind once a legal day: what time does to it stands nowhere that an index could know.

Birth dates are sealed, so nobody can ask whose birthday it is: each legal day opens those that count, a portion a
transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Status
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop, Looping

from songcau_identity.officers import Desk

EVERY_S = 60.0
AT_MOST = 200

_log = get_logger(__name__)
T = TypeVar("T")


class DailyLook(Looping, ABC, Generic[T]):
    """A component of `work`; several at once do no harm."""

    name: str
    """What the loop is called."""
    unseen: str
    """What the log says of one that could not be looked at."""

    def __init__(self, desk: Desk, *, every: float = EVERY_S, at_most: int = AT_MOST) -> None:
        self._desk = desk
        self._every = every
        self._at_most = at_most
        # What could not be looked at stands first in the order; it is left out until the round is over.
        self._failed: set[UUID] = set()
        self._loop = Loop(self.name, self._step, longest_pause=every)

    def look(self) -> int:
        """Look at one portion, without those this round failed at before, and return how many it had.

        None is the end of a round: the next one tries all again that nobody could look at today.
        """
        today = local_date(self._desk.clock.now())
        with self._desk.database.transaction() as conn:
            portion = self._hold(conn, today, self._failed, self._at_most)
            looked = {self._id(one) for one in portion if self._is_looked_at(conn, one, today)}
            self._note(conn, looked, today)
        self._failed = self._failed | {self._id(one) for one in portion} - looked if portion else set()
        return len(portion)

    def _step(self) -> float:
        if self.look():
            return 0.0
        self._end_round()
        return self._every

    def _is_looked_at(self, conn: Connection, one: T, today: date) -> bool:
        try:
            self._look_at(conn, one, today)
        except DomainError as error:
            if error.reason.status is Status.UNAVAILABLE:
                raise
            # One record that cannot be opened must not keep all others from their turn; the next round tries again.
            _log.error(self.unseen, id=str(self._id(one)), reason=error.reason.code)
            return False
        return True

    def _end_round(self) -> None:
        """Note that everything was looked at, where somebody watches that."""

    @abstractmethod
    def _hold(self, conn: Connection, today: date, without: Collection[UUID], at_most: int) -> Sequence[T]:
        """Hold a portion of what was not looked at today."""

    @abstractmethod
    def _note(self, conn: Connection, looked: Collection[UUID], today: date) -> None:
        """Note that these were looked at today."""

    @abstractmethod
    def _id(self, one: T) -> UUID:
        """Return the id under which one is held and noted."""

    @abstractmethod
    def _look_at(self, conn: Connection, one: T, today: date) -> None:
        """Do what time does to one."""
