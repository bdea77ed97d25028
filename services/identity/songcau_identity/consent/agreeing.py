"""Whose yes it takes: a person's own, a representative's for a small child, both from 7 until 18.

Law 91/2025 on children, read strictly (domain reference 6.1). Nobody is taken for older than they may be; a person
whose birth date nobody knows decides alone, as no representation of a child can be entered for them either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.consent.model import Decider, Proof
from songcau_identity.errors import CITIZEN_NOT_ACTIVE, NOT_REPRESENTED, REPRESENTATIVE_CONSENT_REQUIRED
from songcau_identity.officers import Desk
from songcau_identity.representations.ages import ADULT_FROM, HEARD_FROM, is_of_age
from songcau_identity.representations.covering import Covering
from songcau_identity.representations.model import OF_CHILDREN, Representation, Scope
from songcau_identity.representations.parties import Parties


@dataclass(frozen=True)
class Agreement:
    """How a yes takes effect: whether the other side must agree too, and the age in years at which it lapses."""

    is_joint: bool = False
    lapses_at_age: int | None = None


class Agreeing:
    """Asks birth dates and representations in the transaction of a decision."""

    def __init__(self, desk: Desk) -> None:
        self._clock = desk.clock
        self._parties = Parties(desk)
        self._covering = Covering(desk.clock)

    def hold_standing(self, conn: Connection, proof: Proof, family: Sequence[UUID]) -> list[Representation]:
        """Keep the representations a decision rests on until the transaction ends; none where people decide themselves.

        Raises NOT_REPRESENTED, and CITIZEN_NOT_ACTIVE for a representative who is blocked or unlinked.
        """
        if proof.decided_as is not Decider.REPRESENTATIVE or proof.decided_by is None:
            return []
        held = self._covering.hold(conn, proof.decided_by, family, scopes=(Scope.CONSENT_WRITE,))
        if not self._is_child(conn, family[0]):
            # A parent's right ends with childhood, whether the job of that day has come by already or not.
            held = [one for one in held if one.kind not in OF_CHILDREN]
        if not held:
            raise DomainError(NOT_REPRESENTED)
        return held

    def stands(self, conn: Connection, proof: Proof, family: Sequence[UUID]) -> bool:
        """Say whether who decided once may decide still: a representative's yes that waits ends with their right."""
        try:
            self.hold_standing(conn, proof, family)
        except DomainError as error:
            if error.reason not in (NOT_REPRESENTED, CITIZEN_NOT_ACTIVE):
                raise
            return False
        return True

    def agreement(self, conn: Connection, proof: Proof, citizen_id: UUID) -> Agreement:
        """Return how a yes takes effect today; raise REPRESENTATIVE_CONSENT_REQUIRED for a small child's own."""
        birth_date, today = self._parties.find_birth_date(conn, citizen_id), self._today()
        if not birth_date or is_of_age(birth_date, ADULT_FROM, today):
            return Agreement()
        if is_of_age(birth_date, HEARD_FROM, today):
            return Agreement(is_joint=True, lapses_at_age=ADULT_FROM)
        if proof.decided_as is not Decider.REPRESENTATIVE:
            raise DomainError(REPRESENTATIVE_CONSENT_REQUIRED)
        return Agreement(lapses_at_age=HEARD_FROM)

    def _is_child(self, conn: Connection, citizen_id: UUID) -> bool:
        birth_date = self._parties.find_birth_date(conn, citizen_id)
        return bool(birth_date) and not is_of_age(birth_date, ADULT_FROM, self._today())

    def _today(self) -> date:
        return local_date(self._clock.now())
