"""Ends consents given for a small child at 7 and those given with a child at 18; people are asked again."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.consent import repository
from songcau_identity.consent.consents import newest
from songcau_identity.consent.lapsing import lapse
from songcau_identity.consent.model import Consent
from songcau_identity.daily_look import DailyLook
from songcau_identity.officers import Desk
from songcau_identity.repositories import citizens
from songcau_identity.representations.ages import is_of_age
from songcau_identity.representations.parties import Parties


class ConsentAgeing(DailyLook[Consent]):
    """Looks at every such consent."""

    name = "identity-consent-ageing"
    unseen = "consent_not_looked_at"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._parties = Parties(desk)

    def _hold(self, conn: Connection, today: date, without: Collection[UUID], at_most: int) -> Sequence[Consent]:
        return repository.hold_lapsing_by_age(conn, today, without, at_most)

    def _note(self, conn: Connection, looked: Collection[UUID], today: date) -> None:
        repository.note_look(conn, looked, today)

    def _id(self, one: Consent) -> UUID:
        return one.consent_id

    def _look_at(self, conn: Connection, one: Consent, today: date) -> None:
        birth_date = self._parties.find_birth_date(conn, one.citizen_id)
        is_reached = bool(birth_date) and is_of_age(birth_date, one.lapses_at_age or 0, today)
        if is_reached and self._holds(conn, one):
            lapse(conn, self._desk.clock, one)

    def _holds(self, conn: Connection, one: Consent) -> bool:
        """Say whether no later decision under another id of the person stands above this one."""
        family = citizens.find_family(conn, one.citizen_id)
        held = [other for other in repository.list_consents(conn, family) if other.purpose == one.purpose]
        return newest(held) == one
