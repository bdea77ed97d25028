"""Ends consents given for a small child at 7 and those given with a child at 18; people are asked again.

A component of `work`. Birth dates are sealed, so no index knows whose birthday it is: each legal day opens those of
children with a consent, a portion a transaction.
"""

from datetime import date
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.errors import Status as ErrorStatus
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop

from songcau_identity.consent import repository
from songcau_identity.consent.consents import newest
from songcau_identity.consent.lapsing import lapse
from songcau_identity.consent.model import Consent
from songcau_identity.officers import Desk
from songcau_identity.repositories import citizens
from songcau_identity.representations.ages import is_of_age
from songcau_identity.representations.parties import Parties

EVERY_S = 60.0
AT_MOST = 200

_log = get_logger(__name__)


class ConsentAgeing:
    """Looks at every such consent once a legal day; several at once do no harm."""

    def __init__(self, desk: Desk, *, every: float = EVERY_S, at_most: int = AT_MOST) -> None:
        self._desk = desk
        self._parties = Parties(desk)
        self._every = every
        self._at_most = at_most
        # What could not be looked at is left out until the round is over.
        self._failed: set[UUID] = set()
        self._loop = Loop("identity-consent-ageing", self._step, longest_pause=every)
        self.start, self.stop, self.check = self._loop.start, self._loop.stop, self._loop.check

    def look(self) -> int:
        """Look at one portion and return how many it had; none is the end of a round."""
        today = local_date(self._desk.clock.now())
        with self._desk.database.transaction() as conn:
            portion = repository.hold_lapsing_by_age(conn, today, self._failed, self._at_most)
            looked = {one.consent_id for one in portion if self._is_looked_at(conn, one, today)}
            repository.note_look(conn, looked, today)
        self._failed = self._failed | {one.consent_id for one in portion} - looked if portion else set()
        return len(portion)

    def _step(self) -> float:
        return 0.0 if self.look() else self._every

    def _is_looked_at(self, conn: Connection, one: Consent, today: date) -> bool:
        try:
            birth_date = self._parties.find_birth_date(conn, one.citizen_id)
        except DomainError as error:
            if error.reason.status is ErrorStatus.UNAVAILABLE:
                raise
            # A record that cannot be opened must not keep all others from being asked; the next round tries again.
            _log.error("consent_not_looked_at", id=str(one.consent_id), reason=error.reason.code)
            return False
        is_reached = bool(birth_date) and is_of_age(birth_date, one.lapses_at_age or 0, today)
        if is_reached and self._holds(conn, one):
            lapse(conn, self._desk.clock, one)
        return True

    def _holds(self, conn: Connection, one: Consent) -> bool:
        """Say whether no later decision under another id of the person stands above this one."""
        family = citizens.find_family(conn, one.citizen_id)
        held = [other for other in repository.list_consents(conn, family) if other.purpose == one.purpose]
        return newest(held) == one
