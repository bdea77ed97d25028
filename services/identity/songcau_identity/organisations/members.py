"""Members join, change their role and go; nobody gives, changes or takes a role that is not theirs to manage."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.identifiers import IdentifierInvalidError
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.officers import Desk, check_version
from songcau_identity.organisation_errors import (
    ORGANISATION_MEMBER_EXISTS,
    ORGANISATION_MEMBER_NOT_FOUND,
    ORGANISATION_NEEDS_REPRESENTATIVE,
    ORGANISATION_NOT_FOUND,
    ORGANISATION_ROLE_TOO_LOW,
    ORGANISATION_STATE_CONFLICT,
)
from songcau_identity.organisations import repository_members
from songcau_identity.organisations.frame import (
    ANSWER,
    Answer,
    Place,
    add_member,
    end_member,
    hold_organisation,
    invalid,
    member_state_conflict,
    move_member,
    new_member,
    own_family,
)
from songcau_identity.organisations.limits import OrganisationLimits
from songcau_identity.organisations.model import (
    ROLES,
    Member,
    MemberAct,
    MemberEnd,
    MemberState,
    Organisation,
    OrganisationState,
    Role,
)
from songcau_identity.organisations.rights import MemberRights
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.representations.covering import require_active
from songcau_identity.representations.granting import by_of, proof_of
from songcau_identity.representations.parties import Parties


@dataclass(frozen=True)
class Invitation:
    """Who is invited into what, as which member; None is an id or word that is none."""

    organisation_id: UUID | None
    number: Personal
    full_name: Personal
    role: Role | None


@dataclass(frozen=True)
class Seen:
    """A membership and the version of it somebody saw; None is an id that is none."""

    member_id: UUID | None
    version: int


@dataclass(frozen=True)
class Scene:
    """What an act on a membership has before it: everything is held."""

    conn: Connection
    asker: Asker
    organisation: Organisation
    member: Member
    own: Member | None
    own_ids: tuple[UUID, ...]

    @property
    def is_own(self) -> bool:
        """Say whether the membership is the asker's."""
        return self.member.citizen_id in self.own_ids


class Members:
    """The use cases on memberships."""

    def __init__(self, desk: Desk, limits: OrganisationLimits, namings: LookUpLimits) -> None:
        self._desk = desk
        self._namings = namings
        self._limits = limits
        self._rights = MemberRights(desk)
        self._parties = Parties(desk)

    def invite(self, asker: Asker, request_id: str, wanted: Invitation, access: Access) -> Answer:
        """Ask a citizen to join in a role below the asker's own; raises what the contract names."""
        try:
            named = self._parties.named(wanted.number, wanted.full_name)
        except IdentifierInvalidError as error:
            raise invalid("/member_number", error.code) from None
        if wanted.role is None:
            raise invalid("/role", "REQUIRED")
        role = wanted.role
        self._namings.take(asker.caller.subject)

        def act(conn: Connection) -> Answer:
            own_ids = own_family(conn, asker)
            access.subjects.append(own_ids[0])
            organisation = hold_organisation(conn, wanted.organisation_id)
            own = repository_members.find_open(conn, organisation.organisation_id, own_ids)
            if own is None:
                raise DomainError(ORGANISATION_NOT_FOUND)
            access.meet_organisation(organisation.organisation_id)
            _require_manager(conn, own, role)
            if organisation.state is not OrganisationState.ACTIVE:
                raise DomainError(ORGANISATION_STATE_CONFLICT, details={"state": organisation.state})
            citizen_id = self._parties.find_named(conn, named)
            _refuse_second(conn, organisation.organisation_id, citizen_id)
            self._limits.require_room_for_invitation(conn, organisation.organisation_id)
            place = Place(organisation.organisation_id, citizen_id, role)
            invited = new_member(self._desk.clock, place, MemberAct.INVITE, invited_in=own.member_id)
            added = add_member(conn, invited)
            return Answer(organisation, added, others=own_ids[:1])

        asked = b"\x00".join((f"{wanted.organisation_id} {role}".encode(), named.number_digest, named.name_digest))
        request = Request("INVITE_ORGANISATION_MEMBER", request_id, asked)
        operation = Operation.INVITE_ORGANISATION_MEMBER
        return self._desk.writes.run(asker, operation, request, access, act=act, form=ANSWER)

    def answer(self, asker: Asker, request_id: str, seen: Seen, act: MemberAct | None, access: Access) -> Answer:
        """Take the answer of the invited, ACCEPT or DECLINE."""
        if act is None:
            raise invalid("/answer", "REQUIRED")

        def take(scene: Scene) -> Member:
            if not scene.is_own:
                raise DomainError(ORGANISATION_MEMBER_NOT_FOUND)
            clock, conn, member = self._desk.clock, scene.conn, scene.member
            if act is MemberAct.DECLINE:
                return move_member(conn, clock, member, act, cause=MemberEnd.DECLINED)
            if scene.organisation.state not in (OrganisationState.ACTIVE, OrganisationState.AWAITING_REPRESENTATIVE):
                raise DomainError(ORGANISATION_STATE_CONFLICT, details={"state": scene.organisation.state})
            return move_member(conn, clock, member, act, representation_id=self._grant(scene, member.role))

        operation = Operation.ANSWER_ORGANISATION_INVITATION
        return self._run(asker, (operation, request_id, str(act)), seen, access, take)

    def change_role(self, asker: Asker, request_id: str, seen: Seen, role: Role | None, access: Access) -> Answer:
        """Give a member another role; the answer is the membership that takes the place of the former."""
        if role is None:
            raise invalid("/role", "REQUIRED")

        def take(scene: Scene) -> Member:
            own = _require_managed(scene, scene.member.role, role)
            member, clock = scene.member, self._desk.clock
            if role is member.role:
                raise invalid("/role", "UNCHANGED")
            end_member(scene.conn, clock, member, (MemberAct.END, MemberEnd.ROLE_CHANGED), by_of(asker))
            place = Place(member.organisation_id, _survivor(scene.conn, member), role)
            if member.state is not MemberState.ACTIVE:
                return add_member(scene.conn, new_member(clock, place, MemberAct.INVITE, invited_in=own.member_id))
            granted = self._grant(scene, role)
            return add_member(scene.conn, new_member(clock, place, MemberAct.BEGIN, representation_id=granted))

        operation = Operation.CHANGE_ORGANISATION_MEMBER_ROLE
        return self._run(asker, (operation, request_id, str(role)), seen, access, take)

    def remove(self, asker: Asker, request_id: str, seen: Seen, access: Access) -> Answer:
        """End a membership the asker manages, or take the invitation back."""

        def take(scene: Scene) -> Member:
            _require_managed(scene, scene.member.role)
            what = (MemberAct.REMOVE, MemberEnd.REMOVED)
            return end_member(scene.conn, self._desk.clock, scene.member, what, by_of(asker))

        return self._run(asker, (Operation.REMOVE_ORGANISATION_MEMBER, request_id, ""), seen, access, take)

    def leave(self, asker: Asker, request_id: str, seen: Seen, access: Access) -> Answer:
        """End the asker's own membership; raises ORGANISATION_NEEDS_REPRESENTATIVE for who represents it by law."""

        def take(scene: Scene) -> Member:
            if not scene.is_own:
                raise DomainError(ORGANISATION_MEMBER_NOT_FOUND)
            if scene.member.role is Role.LEGAL_REPRESENTATIVE:
                raise DomainError(ORGANISATION_NEEDS_REPRESENTATIVE)
            what = (MemberAct.LEAVE, MemberEnd.LEFT)
            return end_member(scene.conn, self._desk.clock, scene.member, what, by_of(asker))

        return self._run(asker, (Operation.LEAVE_ORGANISATION, request_id, ""), seen, access, take)

    def _grant(self, scene: Scene, role: Role) -> UUID:
        place = Place(scene.member.organisation_id, _survivor(scene.conn, scene.member), role)
        return self._rights.grant(scene.conn, place, proof_of(scene.asker), by_of(scene.asker))

    def _run(
        self,
        asker: Asker,
        what: tuple[Operation, str, str],
        seen: Seen,
        access: Access,
        take: Callable[[Scene], Member],
    ) -> Answer:
        operation, request_id, asked = what

        def act(conn: Connection) -> Answer:
            scene = self._set(conn, asker, seen, access)
            member = take(scene)
            return Answer(scene.organisation, member, others=scene.own_ids[:1])

        request = Request(str(operation), request_id, f"{seen} {asked}".encode())
        return self._desk.writes.run(asker, operation, request, access, act=act, form=ANSWER)

    def _set(self, conn: Connection, asker: Asker, seen: Seen, access: Access) -> Scene:
        """Hold person, organisation and membership, in this order; a stranger learns of no membership."""
        own_ids = own_family(conn, asker)
        access.subjects.append(own_ids[0])
        found = repository_members.find(conn, seen.member_id) if seen.member_id else None
        if found is None:
            raise DomainError(ORGANISATION_MEMBER_NOT_FOUND)
        self._rights.hold(conn, _survivor(conn, found))
        organisation = hold_organisation(conn, found.organisation_id)
        member = repository_members.find(conn, found.member_id) or found
        own = repository_members.find_open(conn, organisation.organisation_id, own_ids)
        if own is None and member.citizen_id not in own_ids:
            raise DomainError(ORGANISATION_MEMBER_NOT_FOUND)
        access.subjects.append(member.citizen_id)
        access.meet_organisation(organisation.organisation_id)
        # What is over stays so, whichever version of it somebody saw; why it is over says more than the version.
        if member.state is MemberState.ENDED:
            raise member_state_conflict(member)
        check_version(member, seen.version)
        return Scene(conn, asker, organisation, member, own, own_ids)


def _require_managed(scene: Scene, *roles: Role) -> Member:
    """Return the asker's own membership, which manages these roles."""
    if scene.own is None:
        raise DomainError(ORGANISATION_MEMBER_NOT_FOUND)
    _require_manager(scene.conn, scene.own, *roles)
    return scene.own


def _require_manager(conn: Connection, own: Member, *roles: Role) -> None:
    """Raise ORGANISATION_ROLE_TOO_LOW unless an active member manages all of these roles, CITIZEN_NOT_ACTIVE."""
    if own.state is not MemberState.ACTIVE or not ROLES[own.role].manages >= set(roles):
        raise DomainError(ORGANISATION_ROLE_TOO_LOW, details={"role": own.role})
    require_active(conn, own.citizen_id)


def _refuse_second(conn: Connection, organisation_id: UUID, citizen_id: UUID) -> None:
    """Raise ORGANISATION_MEMBER_EXISTS for a member; two invitations at once are the unique index's to settle."""
    family = citizens.find_family(conn, citizen_id)
    if (found := repository_members.find_open(conn, organisation_id, family)) is not None:
        raise DomainError(ORGANISATION_MEMBER_EXISTS, details={"member_id": str(found.member_id)})


def _survivor(conn: Connection, member: Member) -> UUID:
    """Return the record that stands for a member today."""
    return (citizens.find_family(conn, member.citizen_id) or (member.citizen_id,))[0]
