"""What time does to representations: a child of 7 is asked, at 18 a parent's right ends, a last day passes."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.metrics import gauge
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_identity.daily_look import AT_MOST, EVERY_S, DailyLook
from songcau_identity.officers import Desk
from songcau_identity.representations import repository
from songcau_identity.representations.ages import ADULT_FROM, HEARD_FROM, is_of_age
from songcau_identity.representations.model import OF_CHILDREN, EndCause, Representation, Status
from songcau_identity.representations.parties import Parties
from songcau_identity.representations.running_out import ask_child, end


class ComingOfAge(DailyLook[Representation]):
    """Looks at every representation in force."""

    name = "identity-coming-of-age"
    unseen = "representation_not_looked_at"

    def __init__(self, desk: Desk, *, every: float = EVERY_S, at_most: int = AT_MOST) -> None:
        super().__init__(desk, every=every, at_most=at_most)
        self._parties = Parties(desk)
        self._looked_at = gauge(
            "identity",
            "representations_looked_at_time",
            "seconds",
            description="When the last look at every representation in force ended.",
        )

    def _end_round(self) -> None:
        self._looked_at.set(self._desk.clock.now().timestamp())

    def _hold(self, conn: Connection, today: date, without: Collection[UUID], at_most: int) -> Sequence[Representation]:
        return repository.hold_not_looked_at(conn, today, without, at_most)

    def _note(self, conn: Connection, looked: Collection[UUID], today: date) -> None:
        repository.note_look(conn, looked, today)

    def _id(self, one: Representation) -> UUID:
        return one.representation_id

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
