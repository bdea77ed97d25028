"""What only time brings about: holds run out, requests expire, bookings nobody speaks of are closed."""

from collections.abc import Callable, Sequence
from uuid import UUID

from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop, Looping
from songcau_kit.metrics import counter

from songcau_telehealth.consultations import repository_bookings, repository_lists
from songcau_telehealth.consultations.booking import Booking
from songcau_telehealth.consultations.terms import Terms

BATCH = 100

_log = get_logger(__name__)


class Sweeper(Looping):
    """A component of `work`; several may run at once, each consultation is moved by whoever locks it first."""

    def __init__(self, database: Database, clock: Clock, booking: Booking, terms: Terms, *, pause: float) -> None:
        self._database = database
        self._clock = clock
        self._booking = booking
        self._terms = terms
        self._pause = pause
        self._loop = Loop("telehealth-sweeper", self._step)
        self._swept = counter(
            "telehealth", "consultations_swept", "Consultations moved by the passing of time.", labels=("step",)
        )

    def sweep(self) -> int:
        """Move everything that is due; return how many consultations that were."""
        now, terms = self._clock.now(), self._terms
        return (
            self._each(
                "release_hold", self._booking.release_expired, lambda c: repository_bookings.list_expired(c, BATCH)
            )
            + self._each(
                "expire",
                self._booking.expire,
                lambda c: repository_lists.list_waiting(c, since=now - terms.request_lifetime, limit=BATCH),
            )
            + self._each(
                "close_unheld",
                self._booking.close_unheld,
                lambda c: repository_lists.list_unheld(c, now=now, after=terms.unheld_after, limit=BATCH),
            )
        )

    def _each(self, step: str, move: Callable[[UUID], bool], find: Callable[[Connection], Sequence[UUID]]) -> int:
        with self._database.read() as connection:
            due = find(connection)
        moved = sum(self._move(step, move, consultation_id) for consultation_id in due)
        if moved:
            self._swept.labels(step).inc(moved)
            _log.info("consultations_swept", step=step, count=moved)
        return moved

    def _move(self, step: str, move: Callable[[UUID], bool], consultation_id: UUID) -> bool:
        try:
            return move(consultation_id)
        except DomainError as error:
            # One that cannot be moved must not keep the others waiting behind it.
            _log.warning("consultation_not_swept", step=step, consultation_id=str(consultation_id), exc_info=error)
            return False

    def _step(self) -> float:
        return 0.0 if self.sweep() >= BATCH else self._pause
