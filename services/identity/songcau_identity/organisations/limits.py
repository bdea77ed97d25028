"""How much may wait at once: before officers for one citizen, for an answer to one organisation."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.organisation_errors import ORGANISATION_LIMIT_REACHED
from songcau_identity.organisations import repository_members, repository_proposals


@dataclass(frozen=True)
class OrganisationLimits:
    """The most of each; whoever asks holds the citizen or the organisation, so that two at once are counted."""

    cases_of_citizen: int
    invitations_of_organisation: int

    def require_room_for_case(self, conn: Connection, citizen_ids: Collection[UUID]) -> None:
        """Raise ORGANISATION_LIMIT_REACHED where foundings and proposals of a citizen fill the limit."""
        if repository_proposals.count_waiting(conn, citizen_ids) >= self.cases_of_citizen:
            raise _reached("CASES_OF_CITIZEN", self.cases_of_citizen)

    def require_room_for_invitation(self, conn: Connection, organisation_id: UUID) -> None:
        """Raise ORGANISATION_LIMIT_REACHED where unanswered invitations of an organisation fill the limit."""
        if repository_members.count_invited(conn, organisation_id) >= self.invitations_of_organisation:
            raise _reached("INVITATIONS_OF_ORGANISATION", self.invitations_of_organisation)


def _reached(of: str, limit: int) -> DomainError:
    return DomainError(ORGANISATION_LIMIT_REACHED, details={"of": of, "limit": str(limit)})
