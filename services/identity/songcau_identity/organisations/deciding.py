"""Officers decide on documents: whether an organisation is one, who represents it by law, that it is no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Operation
from songcau_identity.model import CitizenStatus
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, check_version
from songcau_identity.organisation_errors import (
    ORGANISATION_MEMBER_EXISTS,
    ORGANISATION_NEEDS_REPRESENTATIVE,
    ORGANISATION_NOT_FOUND,
    ORGANISATION_PROPOSAL_NOT_FOUND,
)
from songcau_identity.organisations import repository_members, repository_proposals
from songcau_identity.organisations.following import close_organisation
from songcau_identity.organisations.frame import (
    ANSWER,
    Answer,
    Place,
    add_member,
    end_member,
    hold_organisation,
    invalid,
    move_member,
    move_organisation,
    move_proposal,
    new_member,
    refuse_own_organisation,
)
from songcau_identity.organisations.model import (
    Member,
    MemberAct,
    MemberEnd,
    Organisation,
    OrganisationAct,
    Proposal,
    ProposalAct,
    Role,
)
from songcau_identity.organisations.rights import MemberRights
from songcau_identity.repositories import citizens
from songcau_identity.representations.granting import by_of
from songcau_identity.representations.repository import Proof


class Decision(StrEnum):
    """What an officer decides about an organisation."""

    CONFIRM = "CONFIRM"
    REFUSE = "REFUSE"
    DISSOLVE = "DISSOLVE"


ENDS: Mapping[Decision, tuple[OrganisationAct, MemberEnd]] = {
    Decision.REFUSE: (OrganisationAct.REFUSE, MemberEnd.ORGANISATION_REFUSED),
    Decision.DISSOLVE: (OrganisationAct.DISSOLVE, MemberEnd.ORGANISATION_DISSOLVED),
}


@dataclass(frozen=True)
class Seen:
    """An organisation or a proposal and the version of it the officer saw; None is an id that is none."""

    id: UUID | None
    version: int


class OrganisationDeciding:
    """The use cases DecideOrganisation and DecideOrganisationRepresentative."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)
        self._rights = MemberRights(desk)

    def decide(self, order: Order, seen: Seen, decision: Decision | None) -> Answer:
        """Confirm, refuse or dissolve; raises what the contract names."""
        if decision is None:
            raise invalid("/decision", "REQUIRED")

        def act(conn: Connection) -> Answer:
            latest = _find_on_record(conn, seen)
            self._rights.hold(conn, latest.citizen_id)
            organisation = hold_organisation(conn, seen.id)
            order.access.subjects.append(latest.citizen_id)
            order.access.meet_organisation(organisation.organisation_id)
            check_version(organisation, seen.version)
            refuse_own_organisation(conn, order.asker, organisation.organisation_id)
            if decision is Decision.CONFIRM:
                return self._confirm(conn, order, organisation)
            after, met = close_organisation(conn, self._desk.clock, organisation, ENDS[decision], by_of(order.asker))
            self._acts.finish(conn, order, Entry(latest.citizen_id))
            return Answer(after, others=(*met, latest.citizen_id))

        asked = f"{seen} {decision}".encode()
        return self._acts.run(order, Operation.DECIDE_ORGANISATION, asked, act=act, form=ANSWER)

    def _confirm(self, conn: Connection, order: Order, before: Organisation) -> Answer:
        clock, by = self._desk.clock, by_of(order.asker)
        after = move_organisation(conn, clock, before, OrganisationAct.CONFIRM)
        founder = repository_members.find_representative(conn, before.organisation_id)
        if founder is None:
            raise AssertionError("an organisation that waits for confirmation has its founder")
        self._rights.require_representative(conn, founder.citizen_id)
        act_id = self._acts.finish(conn, order, Entry(founder.citizen_id))
        place = Place(before.organisation_id, founder.citizen_id, Role.LEGAL_REPRESENTATIVE)
        granted = self._rights.grant(conn, place, Proof(act_id), by)
        member = move_member(conn, clock, founder, MemberAct.CONFIRM, representation_id=granted)
        return Answer(after, member)

    def decide_representative(self, order: Order, seen: Seen, act: ProposalAct | None) -> Answer:
        """Accept or refuse who claims to be the legal representative; raises what the contract names."""
        if act is None:
            raise invalid("/decision", "REQUIRED")

        def decide(conn: Connection) -> Answer:
            found = repository_proposals.find(conn, seen.id) if seen.id else None
            if found is None:
                raise DomainError(ORGANISATION_PROPOSAL_NOT_FOUND)
            former = repository_members.find_representative(conn, found.organisation_id)
            citizens.hold_citizens(conn, {found.citizen_id} | ({former.citizen_id} if former else set()))
            organisation = hold_organisation(conn, found.organisation_id)
            proposal = repository_proposals.find(conn, found.proposal_id) or found
            order.access.subjects.append(proposal.citizen_id)
            order.access.meet_organisation(organisation.organisation_id)
            check_version(proposal, seen.version)
            refuse_own_organisation(conn, order.asker, organisation.organisation_id)
            if act is ProposalAct.ACCEPT:
                return self._accept(conn, order, organisation, proposal)
            after = move_proposal(conn, self._desk.clock, proposal, act)
            self._acts.finish(conn, order, Entry(proposal.citizen_id))
            return Answer(organisation, proposal=after)

        operation = Operation.DECIDE_ORGANISATION_REPRESENTATIVE
        return self._acts.run(order, operation, f"{seen} {act}".encode(), act=decide, form=ANSWER)

    def _accept(self, conn: Connection, order: Order, before: Organisation, proposal: Proposal) -> Answer:
        clock, by = self._desk.clock, by_of(order.asker)
        decided = move_proposal(conn, clock, proposal, ProposalAct.ACCEPT)
        after = move_organisation(conn, clock, before, OrganisationAct.CHANGE_REPRESENTATIVE)
        self._rights.require_representative(conn, proposal.citizen_id)
        former = repository_members.find_representative(conn, before.organisation_id)
        if former is not None:
            end_member(conn, clock, former, (MemberAct.END, MemberEnd.REPRESENTATIVE_CHANGED), by)
            self._lapse_proposals(conn, before.organisation_id, former.citizen_id)
        family = citizens.find_family(conn, proposal.citizen_id)
        self._lapse_proposals(conn, before.organisation_id, proposal.citizen_id)
        if former is not None and former.citizen_id in family:
            raise DomainError(ORGANISATION_MEMBER_EXISTS, details={"member_id": str(former.member_id)})
        while (own := repository_members.find_open(conn, before.organisation_id, family)) is not None:
            end_member(conn, clock, own, (MemberAct.END, MemberEnd.ROLE_CHANGED), by)
        former_id = former.citizen_id if former else None
        act_id = self._acts.finish(conn, order, Entry(proposal.citizen_id, former_id))
        place = Place(before.organisation_id, proposal.citizen_id, Role.LEGAL_REPRESENTATIVE)
        granted = self._rights.grant(conn, place, Proof(act_id), by)
        member = add_member(conn, new_member(clock, place, MemberAct.BEGIN, representation_id=granted))
        return Answer(after, member, decided, others=(former_id,) if former_id else ())

    def _lapse_proposals(self, conn: Connection, organisation_id: UUID, citizen_id: UUID) -> None:
        """Let lapse what one person proposed earlier, perhaps in a record that was merged: it says nothing of today."""
        family = citizens.find_family(conn, citizen_id)
        while (stale := repository_proposals.find_pending(conn, organisation_id, family)) is not None:
            move_proposal(conn, self._desk.clock, stale, ProposalAct.LAPSE)


def _find_on_record(conn: Connection, seen: Seen) -> Member:
    """Return on whose record an act on an organisation is put: who represents it, or did last, or a member.

    Raises ORGANISATION_NOT_FOUND, and ORGANISATION_NEEDS_REPRESENTATIVE where all of them were erased.
    """
    organisation_id = seen.id
    latest = repository_members.find_representative(conn, organisation_id, past=True) if organisation_id else None
    if organisation_id is None or latest is None:
        raise DomainError(ORGANISATION_NOT_FOUND)
    for member in (latest, *repository_members.list_open(conn, organisation_id)):
        citizen = citizens.find_citizen(conn, member.citizen_id)
        if citizen is not None and citizen.status is not CitizenStatus.ERASED:
            return member
    raise DomainError(ORGANISATION_NEEDS_REPRESENTATIVE)
