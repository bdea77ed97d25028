"""Organisations as messages show them."""

from songcau.identity.v1 import citizen_record_service_pb2 as records
from songcau.identity.v1 import organisation_pb2
from songcau.identity.v1 import organisation_service_pb2 as pb

from songcau_identity.documents import DocumentEvidence
from songcau_identity.organisations.frame import Answer
from songcau_identity.organisations.identifiers import show_identifier
from songcau_identity.organisations.listing import Case, NamedMember, NamedOrganisation
from songcau_identity.organisations.model import Member, Organisation, Proposal


def write_organisation(one: Organisation) -> organisation_pb2.Organisation:
    """Return an organisation without its names."""
    message = organisation_pb2.Organisation(
        organisation_id=str(one.organisation_id),
        kind=f"ORGANISATION_KIND_{one.kind}",
        unit_code=one.unit_code,
        state=f"ORGANISATION_STATE_{one.state}",
        register_finding=f"REGISTER_FINDING_{one.finding}",
        version=one.version,
    )
    message.created_at.FromDatetime(one.created_at)
    return message


def write_member(one: Member | None) -> organisation_pb2.OrganisationMember | None:
    """Return a membership."""
    if one is None:
        return None
    message = organisation_pb2.OrganisationMember(
        member_id=str(one.member_id),
        organisation_id=str(one.organisation_id),
        citizen_id=str(one.citizen_id),
        role=f"ORGANISATION_ROLE_{one.role}",
        state=f"ORGANISATION_MEMBER_STATE_{one.state}",
        version=one.version,
        representation_id=str(one.representation_id or ""),
    )
    if one.end is not None:
        message.MergeFrom(organisation_pb2.OrganisationMember(end_cause=f"ORGANISATION_MEMBER_END_CAUSE_{one.end}"))
    message.created_at.FromDatetime(one.created_at)
    if one.ended_at is not None:
        message.ended_at.FromDatetime(one.ended_at)
    return message


def write_proposal(one: Proposal) -> organisation_pb2.RepresentativeProposal:
    """Return a claim."""
    message = organisation_pb2.RepresentativeProposal(
        proposal_id=str(one.proposal_id),
        organisation_id=str(one.organisation_id),
        citizen_id=str(one.citizen_id),
        state=f"REPRESENTATIVE_PROPOSAL_STATE_{one.state}",
        version=one.version,
    )
    message.created_at.FromDatetime(one.created_at)
    return message


def write_claim(answer: Answer) -> organisation_pb2.RepresentativeProposal | None:
    """Return the claim an act was about."""
    return write_proposal(answer.proposal) if answer.proposal else None


def write_own(one: NamedOrganisation) -> pb.GetOrganisationResponse:
    """Return an organisation as a member sees it."""
    return pb.GetOrganisationResponse(
        organisation=write_organisation(one.organisation),
        name=one.names.name.reveal(),
        identifier=show_identifier(one.names.identifier.reveal()),
        member=write_member(one.member),
    )


def write_named_member(one: NamedMember) -> pb.NamedOrganisationMember:
    """Return a member with the name."""
    return pb.NamedOrganisationMember(member=write_member(one.member), full_name=one.full_name.reveal())


def write_case(one: Case) -> pb.OrganisationCase:
    """Return what waits for an officer."""
    message = pb.OrganisationCase(
        organisation=write_organisation(one.organisation),
        name=one.names.name.reveal(),
        identifier=show_identifier(one.names.identifier.reveal()),
        proposal=write_proposal(one.proposal) if one.proposal else None,
        citizen_id=str(one.citizen_id),
        full_name=one.full_name.reveal(),
        evidence=_write_document(one.evidence) if one.evidence else None,
    )
    message.waiting_since.FromDatetime((one.proposal or one.organisation).created_at)
    return message


def _write_document(evidence: DocumentEvidence) -> records.DocumentEvidence:
    return records.DocumentEvidence(
        kind=f"EVIDENCE_KIND_{evidence.kind}",
        document_number=evidence.document_number.reveal(),
        issuer=evidence.issuer,
        issued_on=evidence.issued_on,
    )
