"""What a membership lets do: the representation with the scopes of its role that all services keep a copy of."""

from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_FOUND
from songcau_identity.model import AccountKind, CitizenStatus, IdentityLevel
from songcau_identity.officers import Desk
from songcau_identity.organisation_errors import IDENTITY_LEVEL_TOO_LOW
from songcau_identity.organisations.frame import Place
from songcau_identity.organisations.model import ROLES
from songcau_identity.repositories import citizens
from songcau_identity.representations.frame import By, begin
from songcau_identity.representations.model import Kind, Period, Representation, Represented, RepresentedKind, Status
from songcau_identity.representations.parties import Parties
from songcau_identity.representations.repository import Proof

FOUNDER_LEVEL = IdentityLevel.LEVEL_2
"""Decree 69/2024: the legal representative who makes an organisation's account has an identity of level 2."""


class MemberRights:
    """Lets members act, inside the caller's transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._parties = Parties(desk)

    def hold(self, conn: Connection, citizen_id: UUID) -> None:
        """Hold the row of a person before the organisation's; what they may be is asked later."""
        citizens.hold_citizens(conn, [citizen_id])

    def require_representative(self, conn: Connection, citizen_id: UUID) -> None:
        """Raise what keeps somebody from representing an organisation by law.

        CITIZEN_NOT_FOUND for the account of an organisation, CITIZEN_NOT_ACTIVE, IDENTITY_LEVEL_TOO_LOW.
        """
        held = citizens.hold_citizens(conn, [citizen_id])
        if citizen_id not in held or held[citizen_id].account_kind is not AccountKind.CITIZEN:
            raise DomainError(CITIZEN_NOT_FOUND)
        citizen = held[citizen_id]
        if citizen.status is not CitizenStatus.ACTIVE:
            raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": citizen.status})
        if citizen.identity_level < FOUNDER_LEVEL:
            raise DomainError(IDENTITY_LEVEL_TOO_LOW, details={"minimum_ial": str(int(FOUNDER_LEVEL))})
        self._parties.require_adult(conn, citizen_id, local_date(self._desk.clock.now()))

    def grant(self, conn: Connection, place: Place, proof: Proof, by: By) -> UUID:
        """Let a member act and return the id of the representation.

        Raises CITIZEN_NOT_FOUND, CITIZEN_MERGED, CITIZEN_NOT_ACTIVE, REPRESENTATIVE_NOT_ADULT, BIRTH_DATE_UNKNOWN.
        """
        clock = self._desk.clock
        today = local_date(clock.now())
        wanted = Representation(
            clock.new_id(),
            Kind.ORGANISATION,
            Represented(RepresentedKind.ORGANISATION, place.organisation_id),
            place.citizen_id,
            ROLES[place.role].scopes,
            Status.ACTIVE,
            Period(today),
            1,
        )
        self._parties.hold(conn, wanted)
        first = self._parties.first_act(conn, wanted, today)
        return begin(conn, clock, wanted, (first, proof), by).representation_id
