"""Whoever is the legal representative of an organisation that others entered says so, on a document."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.documents import DocumentEvidence, verify_document
from songcau_identity.identifiers import IdentifierInvalidError, parse_tax_code
from songcau_identity.officers import Desk
from songcau_identity.organisation_errors import (
    ORGANISATION_MEMBER_EXISTS,
    ORGANISATION_NOT_FOUND,
    ORGANISATION_OF_ITS_OWNER,
    ORGANISATION_PROPOSAL_EXISTS,
)
from songcau_identity.organisations import repository, repository_members, repository_proposals
from songcau_identity.organisations.frame import ANSWER, Answer, hold_organisation, invalid, own_family
from songcau_identity.organisations.identifiers import is_owner_number
from songcau_identity.organisations.limits import OrganisationLimits
from songcau_identity.organisations.model import Proposal, ProposalState
from songcau_identity.organisations.rights import MemberRights
from songcau_identity.organisations.sealing import PROPOSALS, seal_evidence
from songcau_identity.repeatable import Request


@dataclass(frozen=True)
class Claim:
    """Of which organisation somebody claims to be the legal representative, on which document."""

    identifier: Personal
    evidence: DocumentEvidence


class RepresentativeProposing:
    """The use case ProposeOrganisationRepresentative."""

    def __init__(self, desk: Desk, limits: OrganisationLimits) -> None:
        self._desk = desk
        self._limits = limits
        self._rights = MemberRights(desk)

    def propose(self, asker: Asker, request_id: str, claim: Claim, access: Access) -> Answer:
        """Put a claim before an officer; raises what the contract names."""
        verify_document(claim.evidence, today=local_date(self._desk.clock.now()))
        digest = self._desk.vault.organisation_digest(_read(claim.identifier))

        def act(conn: Connection) -> Answer:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            self._rights.require_representative(conn, family[0])
            found = repository.find_open(conn, digest)
            if found is None:
                raise DomainError(ORGANISATION_NOT_FOUND)
            organisation = hold_organisation(conn, found.organisation.organisation_id)
            access.meet_organisation(organisation.organisation_id)
            former = repository_members.find_representative(conn, organisation.organisation_id)
            if former is not None and former.citizen_id in family:
                raise DomainError(ORGANISATION_MEMBER_EXISTS, details={"member_id": str(former.member_id)})
            made = Proposal(
                self._desk.clock.new_id(),
                organisation.organisation_id,
                family[0],
                ProposalState.PENDING,
                1,
                self._desk.clock.now(),
            )
            self._insert(conn, made, claim.evidence, family)
            return Answer(organisation, proposal=made)

        words = "\x00".join(claim.evidence.words().values())
        request = Request(
            "PROPOSE_ORGANISATION_REPRESENTATIVE", request_id, digest + self._desk.vault.exact_name_digest(words)
        )
        operation = Operation.PROPOSE_ORGANISATION_REPRESENTATIVE
        return self._desk.writes.run(asker, operation, request, access, act=act, form=ANSWER)

    def _insert(self, conn: Connection, made: Proposal, evidence: DocumentEvidence, family: tuple[UUID, ...]) -> None:
        waiting = repository_proposals.find_pending(conn, made.organisation_id, family)
        if waiting is not None:
            raise DomainError(ORGANISATION_PROPOSAL_EXISTS, details={"proposal_id": str(waiting.proposal_id)})
        self._limits.require_room_for_case(conn, family)
        key = self._desk.data_keys.get(conn, made.citizen_id)
        try:
            repository_proposals.insert(conn, made, seal_evidence(key, PROPOSALS, made.proposal_id, evidence))
        except UniqueViolation:
            raise DomainError(ORGANISATION_PROPOSAL_EXISTS) from None


def _read(given: Personal) -> str:
    """Return a tax code; an owner's number is refused unseen, so that nobody learns whose business is here."""
    try:
        identifier = parse_tax_code(given.reveal())
    except IdentifierInvalidError as error:
        raise invalid("/identifier", error.code) from None
    if is_owner_number(identifier):
        raise DomainError(ORGANISATION_OF_ITS_OWNER)
    return identifier
