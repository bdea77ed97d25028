"""Whether somebody may act for another now: asked on this service's own rows, before anything is shown."""

from collections.abc import Collection
from uuid import UUID

from songcau_kit.clock import Clock, local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_FOUND, NOT_REPRESENTED
from songcau_identity.model import CitizenStatus
from songcau_identity.repositories import citizens
from songcau_identity.representations import repository
from songcau_identity.representations.model import Representation, Scope


class Covering:
    """Finds whom a call means: the asker, or the citizen the asker stands for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def meant(self, conn: Connection, asker: Asker, access: Access, *, scopes: Collection[Scope]) -> UUID:
        """Return the citizen id a call means; any one of `scopes` lets a representative in.

        Raises CITIZEN_NOT_FOUND where the token names nobody, NOT_REPRESENTED, CITIZEN_NOT_ACTIVE where whoever stands
        for another is blocked or unlinked.
        """
        own_id, represented_id = asker.own_citizen_id, asker.on_behalf_of
        if own_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        if represented_id is None:
            return own_id
        # An organisation is no citizen; its id means itself. Only what is known to be somebody's id gets an entry of
        # its own: whoever makes ids up fills no list.
        family = citizens.find_family(conn, represented_id)
        access.subjects.extend(family[:1])
        represented = family or (represented_id,)
        self._covered(conn, own_id, represented, scopes, lock=False)
        access.subjects.extend(() if family else represented)
        return represented[0]

    def hold(
        self, conn: Connection, representative_id: UUID, represented: Collection[UUID], *, scopes: Collection[Scope]
    ) -> list[Representation]:
        """Return the representations that let one citizen act for another, kept so until the transaction ends.

        Raises NOT_REPRESENTED, CITIZEN_NOT_ACTIVE as `meant` does.
        """
        return self._covered(conn, representative_id, represented, scopes, lock=True)

    def _covered(
        self,
        conn: Connection,
        own_id: UUID,
        represented: Collection[UUID],
        scopes: Collection[Scope],
        *,
        lock: bool,
    ) -> list[Representation]:
        today, own = local_date(self._clock.now()), citizens.find_family(conn, own_id)
        held = repository.list_between(conn, own, represented, today, lock=lock)
        covering = [one for one in held if any(scope in one.scopes for scope in scopes)]
        if not covering:
            raise DomainError(NOT_REPRESENTED)
        require_active(conn, own_id)
        return covering


def require_active(conn: Connection, own_id: UUID) -> None:
    """Raise CITIZEN_NOT_ACTIVE where whoever acts for another is blocked or unlinked."""
    own = citizens.find_record(conn, citizens.find_family(conn, own_id)[0])
    if own is None or own.citizen.status is not CitizenStatus.ACTIVE:
        raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": own.citizen.status} if own else {})
