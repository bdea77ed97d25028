"""What becomes of memberships and organisations when something else ends: a representation, a person, the whole."""

from collections.abc import Collection
from uuid import UUID

from songcau_kit import audit
from songcau_kit.clock import Clock
from songcau_kit.database import Connection
from songcau_kit.events import Actor

from songcau_identity.auditing import Asker, Operation
from songcau_identity.organisations import repository, repository_members, repository_proposals
from songcau_identity.organisations.frame import (
    end_member,
    move_member,
    move_organisation,
    move_proposal,
    refuse_own_organisation,
)
from songcau_identity.organisations.model import (
    Member,
    MemberAct,
    MemberEnd,
    Organisation,
    OrganisationAct,
    OrganisationState,
    ProposalAct,
    Role,
)
from songcau_identity.representations.frame import By
from songcau_identity.representations.model import Representation
from songcau_identity.representations.running_out import SYSTEM, system_entry


class FollowingMemberships:
    """Ends the membership whose representation an officer ended, unless the organisation is the officer's own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def hold(self, conn: Connection, representation_id: UUID) -> None:
        """Hold the organisation a representation is of, if it is of one, before the representation is held."""
        member = repository_members.find_of_representation(conn, representation_id)
        if member is not None:
            repository.hold(conn, [member.organisation_id])

    def refuse_own(self, conn: Connection, asker: Asker, representation_id: UUID) -> None:
        """Raise OWN_RECORD where the representation is of an organisation of the officer's."""
        member = repository_members.find_of_representation(conn, representation_id)
        if member is not None:
            refuse_own_organisation(conn, asker, member.organisation_id)

    def follow(self, conn: Connection, ended: Representation, by: By) -> None:
        """End the membership, and what cannot be without it where it was the legal representative's."""
        member = repository_members.find_of_representation(conn, ended.representation_id)
        if member is None:
            return
        move_member(conn, self._clock, member, MemberAct.END, cause=MemberEnd.REPRESENTATION_ENDED)
        if member.role is Role.LEGAL_REPRESENTATIVE:
            organisation = repository.hold(conn, [member.organisation_id])[member.organisation_id]
            _lose_representative(conn, self._clock, organisation, by)


def close_organisation(
    conn: Connection, clock: Clock, before: Organisation, what: tuple[OrganisationAct, MemberEnd], by: By
) -> tuple[Organisation, tuple[UUID, ...]]:
    """Take the step that ends an organisation, its memberships and what was proposed; return it and whom it met."""
    act, cause = what
    after = move_organisation(conn, clock, before, act)
    members = repository_members.list_open(conn, before.organisation_id)
    for member in members:
        end_member(conn, clock, member, (MemberAct.END, cause), by)
    proposals = repository_proposals.list_pending(conn, organisation_id=before.organisation_id)
    for proposal in proposals:
        move_proposal(conn, clock, proposal, ProposalAct.LAPSE)
    met = [member.citizen_id for member in members]
    return after, (*met, *(proposal.citizen_id for proposal in proposals))


def end_all_of(conn: Connection, clock: Clock, citizen_ids: Collection[UUID], cause: MemberEnd) -> None:
    """End what people who died or are being erased were in organisations.

    An organisation whose legal representative is gone waits for another; one that is known by its owner's number ends.
    """
    repository.hold(conn, {member.organisation_id for member in repository_members.list_open_of(conn, citizen_ids)})
    by = By(Actor(SYSTEM, "SYSTEM"), str(clock.new_id()))
    # One at a time: an organisation that ends takes other memberships of the same person with it.
    while open_ones := repository_members.list_open_of(conn, citizen_ids):
        _end(conn, clock, open_ones[0], cause, by)
    for proposal in repository_proposals.list_pending_of(conn, citizen_ids):
        move_proposal(conn, clock, proposal, ProposalAct.LAPSE)


def _end(conn: Connection, clock: Clock, member: Member, cause: MemberEnd, by: By) -> None:
    end_member(conn, clock, member, (MemberAct.END, cause), by)
    met = [member.citizen_id, member.organisation_id]
    if member.role is Role.LEGAL_REPRESENTATIVE:
        organisation = repository.hold(conn, [member.organisation_id])[member.organisation_id]
        met += _lose_representative(conn, clock, organisation, by)
    told = (Operation.END_ORGANISATION_MEMBERSHIP, "organisation-member", member.member_id)
    audit.record(conn, *(system_entry(one, told, by) for one in dict.fromkeys(met)), clock=clock)


def _lose_representative(conn: Connection, clock: Clock, before: Organisation, by: By) -> tuple[UUID, ...]:
    """Let an organisation wait for another representative, or end where there can be none; return whom that met."""
    if before.state is OrganisationState.AWAITING_CONFIRMATION:
        what = (OrganisationAct.LOSE_REPRESENTATIVE, MemberEnd.ORGANISATION_REFUSED)
    elif before.is_owner_s:
        what = (OrganisationAct.DISSOLVE, MemberEnd.ORGANISATION_DISSOLVED)
    else:
        move_organisation(conn, clock, before, OrganisationAct.LOSE_REPRESENTATIVE)
        return ()
    return close_organisation(conn, clock, before, what, by)[1]
