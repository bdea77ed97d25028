"""What all acts on organisations share: rows held in one order, steps of the tables, memberships and what they let do.

Locks are taken in one order: citizens, then the organisation; whoever holds an organisation owns its members.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit import audit
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError, Violation
from songcau_kit.events import Actor

from songcau_identity.auditing import Asker, Operation
from songcau_identity.errors import CITIZEN_NOT_FOUND, OWN_RECORD
from songcau_identity.organisation_errors import (
    ORGANISATION_INVALID,
    ORGANISATION_MEMBER_EXISTS,
    ORGANISATION_MEMBER_STATE_CONFLICT,
    ORGANISATION_NOT_FOUND,
    ORGANISATION_PROPOSAL_STATE_CONFLICT,
    ORGANISATION_STATE_CONFLICT,
)
from songcau_identity.organisations import repository, repository_members, repository_proposals
from songcau_identity.organisations.model import (
    INVITATION_ENDS,
    MEMBER_LIFECYCLE,
    ORGANISATION_LIFECYCLE,
    PROPOSAL_LIFECYCLE,
    REPRESENTATION_ENDS,
    ROLES,
    Member,
    MemberAct,
    MemberEnd,
    MemberState,
    Organisation,
    OrganisationAct,
    Proposal,
    ProposalAct,
    Role,
    find_step,
)
from songcau_identity.repositories import citizens
from songcau_identity.representations import repository as representations
from songcau_identity.representations.frame import By, move
from songcau_identity.representations.model import Act as RepresentationAct
from songcau_identity.representations.running_out import SYSTEM, system_entry


@dataclass(frozen=True)
class Answer:
    """What an act on an organisation leaves; nothing personal, so that a repetition may get it from the register."""

    organisation: Organisation
    member: Member | None = None
    proposal: Proposal | None = None
    others: tuple[UUID, ...] = ()

    @property
    def organisation_id(self) -> UUID:
        """Return which of the subjects is no citizen."""
        return self.organisation.organisation_id

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return on whose access lists the act stands: the organisation's and those of the people it is about."""
        people = (one.citizen_id for one in (self.member, self.proposal) if one is not None)
        return list(dict.fromkeys((*self.others, *people, self.organisation_id)))


ANSWER = TypeAdapter(Answer)


def own_family(conn: Connection, asker: Asker) -> tuple[UUID, ...]:
    """Return every id of the asker, the one that is meant first; raises CITIZEN_NOT_FOUND."""
    own_id = asker.own_citizen_id
    family = citizens.find_family(conn, own_id) if own_id else ()
    if not family:
        raise DomainError(CITIZEN_NOT_FOUND)
    return family


def is_own_organisation(conn: Connection, asker: Asker, organisation_id: UUID) -> bool:
    """Say whether the officer is a member of the organisation, or claims to represent it by law."""
    own_id = asker.own_citizen_id
    family = citizens.find_family(conn, own_id) if own_id else ()
    is_member = repository_members.find_open(conn, organisation_id, family) is not None
    return is_member or repository_proposals.find_pending(conn, organisation_id, family) is not None


def refuse_own_organisation(conn: Connection, asker: Asker, organisation_id: UUID) -> None:
    """Raise OWN_RECORD where the organisation is the officer's own."""
    if is_own_organisation(conn, asker, organisation_id):
        raise DomainError(OWN_RECORD)


def hold_organisation(conn: Connection, organisation_id: UUID | None) -> Organisation:
    """Return an organisation, held; raises ORGANISATION_NOT_FOUND."""
    held = repository.hold(conn, [organisation_id]) if organisation_id else {}
    if organisation_id is None or organisation_id not in held:
        raise DomainError(ORGANISATION_NOT_FOUND)
    return held[organisation_id]


def move_organisation(conn: Connection, clock: Clock, before: Organisation, act: OrganisationAct) -> Organisation:
    """Take a step of the table; raises ORGANISATION_STATE_CONFLICT."""
    step = find_step(ORGANISATION_LIFECYCLE, before.state, act)
    if step is None:
        raise DomainError(ORGANISATION_STATE_CONFLICT, details={"state": before.state})
    after = replace(before, state=step.after, version=before.version + 1)
    repository.save(conn, after, clock.now())
    return after


def add_member(conn: Connection, new: Member) -> Member:
    """Add a membership; raises ORGANISATION_MEMBER_EXISTS where the citizen has one, or the place is taken."""
    try:
        repository_members.insert(conn, new)
    except UniqueViolation:
        raise DomainError(ORGANISATION_MEMBER_EXISTS) from None
    return new


@dataclass(frozen=True)
class Place:
    """Whose membership in what, and in which role."""

    organisation_id: UUID
    citizen_id: UUID
    role: Role


def new_member(
    clock: Clock,
    place: Place,
    act: MemberAct,
    *,
    representation_id: UUID | None = None,
    invited_in: UUID | None = None,
) -> Member:
    """Return a membership as it begins."""
    step = find_step(MEMBER_LIFECYCLE, None, act)
    if step is None:
        raise AssertionError("the table lets every membership begin")
    return Member(
        member_id=clock.new_id(),
        organisation_id=place.organisation_id,
        citizen_id=place.citizen_id,
        role=place.role,
        state=step.after,
        version=1,
        created_at=clock.now(),
        representation_id=representation_id,
        invited_in=invited_in,
    )


def move_member(
    conn: Connection,
    clock: Clock,
    before: Member,
    act: MemberAct,
    *,
    cause: MemberEnd | None = None,
    representation_id: UUID | None = None,
) -> Member:
    """Take a step of the table; raises ORGANISATION_MEMBER_STATE_CONFLICT.

    The unanswered invitations that were made in a membership end with it.
    """
    step = find_step(MEMBER_LIFECYCLE, before.state, act)
    if step is None:
        raise member_state_conflict(before)
    now = clock.now()
    after = replace(
        before,
        state=step.after,
        version=before.version + 1,
        representation_id=representation_id or before.representation_id,
        end=cause,
        ended_at=now if cause else None,
    )
    repository_members.save(conn, after, now)
    if after.state is MemberState.ENDED and ROLES[after.role].manages:
        _end_invitations(conn, clock, after)
    return after


def _end_invitations(conn: Connection, clock: Clock, inviter: Member) -> None:
    cause = inviter.end if inviter.end in INVITATION_ENDS else MemberEnd.REMOVED
    by = By(Actor(SYSTEM, "SYSTEM"), str(clock.new_id()))
    for invited in repository_members.list_invited_in(conn, inviter):
        move_member(conn, clock, invited, MemberAct.END, cause=cause)
        told = (Operation.END_ORGANISATION_MEMBERSHIP, "organisation-member", invited.member_id)
        audit.record(conn, system_entry(invited.citizen_id, told, by), clock=clock)


def member_state_conflict(member: Member) -> DomainError:
    """Return the refusal of a step a membership's state does not allow; of what is over it says why that is."""
    details = {"state": str(member.state)} | ({"end_cause": str(member.end)} if member.end else {})
    return DomainError(ORGANISATION_MEMBER_STATE_CONFLICT, details=details)


def move_proposal(conn: Connection, clock: Clock, before: Proposal, act: ProposalAct) -> Proposal:
    """Take a step of the table; raises ORGANISATION_PROPOSAL_STATE_CONFLICT."""
    step = find_step(PROPOSAL_LIFECYCLE, before.state, act)
    if step is None:
        raise DomainError(ORGANISATION_PROPOSAL_STATE_CONFLICT, details={"state": before.state})
    after = replace(before, state=step.after, version=before.version + 1)
    repository_proposals.save(conn, after, clock.now())
    return after


def end_member(conn: Connection, clock: Clock, before: Member, what: tuple[MemberAct, MemberEnd], by: By) -> Member:
    """End a membership and what the services know of it; raises ORGANISATION_MEMBER_STATE_CONFLICT."""
    act, cause = what
    after = move_member(conn, clock, before, act, cause=cause)
    if before.state is MemberState.ACTIVE and before.representation_id is not None:
        held = representations.hold(conn, before.representation_id)
        if held is None:
            raise AssertionError("a membership in force is a representation")
        revoked = cause in (MemberEnd.LEFT, MemberEnd.REMOVED, MemberEnd.ROLE_CHANGED)
        step = RepresentationAct.REVOKE if revoked else RepresentationAct.END
        move(conn, clock, held, step, by, cause=REPRESENTATION_ENDS[cause])
    return after


def invalid(pointer: str, code: str) -> DomainError:
    """Return the refusal of one field."""
    return DomainError(ORGANISATION_INVALID, violations=[Violation(pointer, code)])
