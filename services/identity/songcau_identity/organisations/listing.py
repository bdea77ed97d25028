"""Shows organisations to their members, and to officers what waits for them."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import CURSOR_INVALID, DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, require_agency, require_purpose
from songcau_identity.documents import DocumentEvidence
from songcau_identity.officers import Desk
from songcau_identity.organisation_errors import ORGANISATION_NOT_FOUND, ORGANISATION_ROLE_TOO_LOW
from songcau_identity.organisations import repository, repository_members, repository_proposals
from songcau_identity.organisations.frame import is_own_organisation, own_family
from songcau_identity.organisations.model import ROLES, Member, MemberState, Organisation, Proposal
from songcau_identity.organisations.naming import OrganisationNames
from songcau_identity.organisations.repository import SealedOrganisation
from songcau_identity.organisations.repository_proposals import SealedCase
from songcau_identity.organisations.sealing import Names
from songcau_identity.positions import page_size_of, read_position, write_position
from songcau_identity.representations.covering import require_active

CASES = "organisation-cases"
MOST_PROPOSALS = 50


@dataclass(frozen=True)
class NamedOrganisation:
    """An organisation with its names and the membership of whoever asks."""

    organisation: Organisation
    names: Names
    member: Member


@dataclass(frozen=True)
class NamedMember:
    """A member with the name of the person, empty where that person was erased."""

    member: Member
    full_name: Personal


@dataclass(frozen=True)
class Case:
    """What waits for an officer: an organisation to confirm, or a proposal; who asks, on which document."""

    organisation: Organisation
    names: Names
    proposal: Proposal | None
    citizen_id: UUID
    full_name: Personal
    evidence: DocumentEvidence | None


class OrganisationList:
    """The use cases that read organisations."""

    def __init__(self, desk: Desk, cursors: CursorSigner) -> None:
        self._desk = desk
        self._cursors = cursors
        self._names = OrganisationNames(desk.data_keys, desk.vault)

    def get(self, asker: Asker, organisation_id: UUID | None, access: Access) -> NamedOrganisation:
        """Return an organisation to somebody who has a membership there; raises ORGANISATION_NOT_FOUND."""
        with self._desk.database.read() as conn:
            sealed, own = self._own_membership(conn, asker, organisation_id, access)
            return NamedOrganisation(sealed.organisation, self._names.open(conn, sealed), own)

    def list_own(
        self, asker: Asker, access: Access, *, page_size: int, cursor: str
    ) -> tuple[list[NamedOrganisation], str, list[Proposal]]:
        """Return a page of the asker's memberships, the next cursor, and with the first page the asker's proposals."""
        size = page_size_of(page_size)
        with self._desk.database.read() as conn:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            before = self._before(cursor, str(family[0]))
            found = repository_members.list_of_citizen(conn, family, before=before, limit=size + 1)
            own = [
                NamedOrganisation(sealed.organisation, self._names.open(conn, sealed), member)
                for member, sealed in found[:size]
            ]
            proposals = [] if cursor else repository_proposals.list_of_citizen(conn, family, limit=MOST_PROPOSALS)
        members = [one.member for one in own]
        return own, self._next(members, str(family[0]), more=len(found) > size), proposals

    def list_members(
        self, asker: Asker, organisation_id: UUID | None, access: Access, *, page_size: int, cursor: str
    ) -> tuple[list[NamedMember], str]:
        """Return a page of members to who manages them.

        Raises ORGANISATION_NOT_FOUND, ORGANISATION_ROLE_TOO_LOW and CITIZEN_NOT_ACTIVE.
        """
        size = page_size_of(page_size)
        with self._desk.database.read() as conn:
            sealed, own = self._own_membership(conn, asker, organisation_id, access)
            if own.state is not MemberState.ACTIVE or not ROLES[own.role].manages:
                raise DomainError(ORGANISATION_ROLE_TOO_LOW, details={"role": own.role})
            require_active(conn, own.citizen_id)
            place = f"members/{sealed.organisation.organisation_id}"
            before = self._before(cursor, place)
            found = repository_members.list_page(
                conn, sealed.organisation.organisation_id, before=before, limit=size + 1
            )
            members = found[:size]
            named = [NamedMember(one, self._names.person(conn, one.citizen_id)) for one in members]
        access.subjects[:] = dict.fromkeys((*access.subjects, *(one.citizen_id for one in members)))
        return named, self._next(members, place, more=len(found) > size)

    def list_cases(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> tuple[list[Case], str]:
        """Return a page of what waits, oldest first; what is about an organisation of the officer's own is left out.

        Raises OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, PURPOSE_UNKNOWN and CURSOR_INVALID.
        """
        require_agency(asker)
        require_purpose(asker)
        size, after = page_size_of(page_size), read_position(self._cursors, cursor, of=CASES)
        with self._desk.database.read() as conn:
            found = repository_proposals.list_cases(conn, after=after, limit=size + 1)
            others = [one for one in found[:size] if not is_own_organisation(conn, asker, one.organisation_id)]
            cases = [self._case(conn, one) for one in others]
        for organisation_id in {one.organisation.organisation_id for one in cases}:
            access.meet_organisation(organisation_id)
        access.subjects.extend({one.citizen_id for one in cases})
        if len(found) <= size:
            return cases, ""
        return cases, write_position(self._cursors, found[size - 1].position, of=CASES)

    def _case(self, conn: Connection, sealed: SealedCase) -> Case:
        return Case(
            sealed.organisation.organisation,
            self._names.open(conn, sealed.organisation),
            sealed.proposal,
            sealed.citizen_id,
            self._names.person(conn, sealed.citizen_id),
            self._names.evidence(conn, sealed),
        )

    def _own_membership(
        self, conn: Connection, asker: Asker, organisation_id: UUID | None, access: Access
    ) -> tuple[SealedOrganisation, Member]:
        family = own_family(conn, asker)
        access.subjects.append(family[0])
        sealed = repository.find(conn, organisation_id) if organisation_id else None
        own = repository_members.find_open(conn, organisation_id, family) if organisation_id else None
        if sealed is None or own is None:
            raise DomainError(ORGANISATION_NOT_FOUND)
        access.meet_organisation(sealed.organisation.organisation_id)
        return sealed, own

    def _before(self, cursor: str, of: str) -> UUID | None:
        if not cursor:
            return None
        place = self._cursors.decode(cursor)
        if place.get("of") != of or "member" not in place:
            raise DomainError(CURSOR_INVALID)
        return UUID(str(place["member"]))

    def _next(self, members: list[Member], of: str, *, more: bool) -> str:
        return self._cursors.encode({"member": str(members[-1].member_id), "of": of}) if more else ""
