"""What time does to representations: a child of 7 is asked, at 18 a parent's right ends, a last day passes."""

from datetime import date
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.errors import Status as ErrorStatus
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop
from songcau_kit.metrics import gauge
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_identity.officers import Desk
from songcau_identity.representations import repository
from songcau_identity.representations.ages import ADULT_FROM, HEARD_FROM, is_of_age
from songcau_identity.representations.model import OF_CHILDREN, EndCause, Representation, Status
from songcau_identity.representations.parties import Parties
from songcau_identity.representations.running_out import ask_child, end

EVERY_S = 60.0
AT_MOST = 200

_log = get_logger(__name__)


class ComingOfAge:
    """A component of `work`: looks at every representation in force once a legal day; several at once do no harm.

    Birth dates are sealed, so no index knows whose birthday it is: each day opens them all, a portion a transaction.
    """

    def __init__(self, desk: Desk, *, every: float = EVERY_S, at_most: int = AT_MOST) -> None:
        self._desk = desk
        self._parties = Parties(desk)
        self._every = every
        self._at_most = at_most
        # What could not be looked at stands first in the order; it is left out until the round is over.
        self._failed: set[UUID] = set()
        self._looked_at = gauge(
            "identity",
            "representations_looked_at_time",
            "seconds",
            description="When the last look at every representation in force ended.",
        )
        self._loop = Loop("identity-coming-of-age", self._step, longest_pause=every)
        self.start, self.stop, self.check = self._loop.start, self._loop.stop, self._loop.check

    def look(self) -> int:
        """Look at one portion, without those this round failed at before, and return how many it had.

        None is the end of a round: the next one tries all again that nobody could look at today.
        """
        today = local_date(self._desk.clock.now())
        with self._desk.database.transaction() as conn:
            portion = repository.hold_not_looked_at(conn, today, self._failed, self._at_most)
            looked = {one.representation_id for one in portion if self._is_looked_at(conn, one, today)}
            repository.note_look(conn, looked, today)
        self._failed = self._failed | {one.representation_id for one in portion} - looked if portion else set()
        return len(portion)

    def _is_looked_at(self, conn: Connection, one: Representation, today: date) -> bool:
        try:
            self._look_at(conn, one, today)
        except DomainError as error:
            if error.reason.status is ErrorStatus.UNAVAILABLE:
                raise
            # One record that cannot be opened must not keep all others from coming of age; the next look tries again.
            _log.error("representation_not_looked_at", id=str(one.representation_id), reason=error.reason.code)
            return False
        return True

    def _step(self) -> float:
        if self.look():
            return 0.0
        self._looked_at.set(self._desk.clock.now().timestamp())
        return self._every

    def _look_at(self, conn: Connection, one: Representation, today: date) -> None:
        if one.period.last is not None and one.period.last < today:
            end(conn, self._desk.clock, one, EndCause.EXPIRED)
        elif one.kind in OF_CHILDREN:
            self._look_at_child(conn, one, today)

    def _look_at_child(self, conn: Connection, one: Representation, today: date) -> None:
        try:
            birth_date = self._parties.find_birth_date(conn, one.represented.id)
        except DomainError as error:
            if error.reason is not DATA_KEY_DESTROYED:
                raise
            end(conn, self._desk.clock, one, EndCause.RECORD_ERASED)
            return
        if birth_date and is_of_age(birth_date, ADULT_FROM, today):
            end(conn, self._desk.clock, one, EndCause.MAJORITY)
        elif one.status is Status.ACTIVE and is_seven_unheard(birth_date, one, today):
            ask_child(conn, self._desk.clock, one)


def is_seven_unheard(birth_date: str, one: Representation, today: date) -> bool:
    """Say whether a child has come to the age to be heard and never was about this representation."""
    return bool(birth_date) and is_of_age(birth_date, HEARD_FROM, today) and not one.is_child_heard
