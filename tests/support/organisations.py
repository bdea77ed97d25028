"""Organisations as a test makes them: invented businesses, their members, the officers who decide."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from songcau.identity.v1 import citizen_record_service_pb2 as records
from songcau.identity.v1 import organisation_pb2 as shapes
from songcau.identity.v1 import organisation_service_pb2 as pb
from support.identity_service import Identity, Person
from support.record_acts import document
from support.representations import FATHER, MOTHER

# What tests/support/business_register.json says of them: it names MOTHER, it names FATHER, it ended, it has none.
REGISTERED, OF_ANOTHER, ENDED, UNREGISTERED = "4600123000", "4600123018", "4600123025", "4600123032"
CLERK = Person(number="019295000033", full_name="Triệu Văn Thử Kế")
NAME = "Công ty TNHH Ví Dụ Sông Cầu"
UNIT = "05443"
CERTIFICATE = document(kind=records.EVIDENCE_KIND_OFFICE_RECORD, document_number="4600123000", issuer="Sở Tài chính")


@dataclass(frozen=True)
class Company:
    """An organisation that is in force, its representative, who may take that place, and somebody to invite."""

    organisation: Any
    head: str
    other: str
    clerk: str


def people(identity: Identity) -> tuple[str, str, str]:
    """Return MOTHER, whom the register names, FATHER and CLERK, all on the platform."""
    head, other, clerk = (identity.link(person).citizen.citizen_id for person in (MOTHER, FATHER, CLERK))
    return head, other, clerk


def company_of(identity: Identity) -> Company:
    """Return an organisation in force and its people."""
    head, other, clerk = people(identity)
    return Company(found(identity, head).organisation, head, other, clerk)


def role(name: str) -> Any:
    return shapes.OrganisationRole.Value(f"ORGANISATION_ROLE_{name}")


def role_of(member: Any) -> str:
    return shapes.OrganisationRole.Name(member.role).removeprefix("ORGANISATION_ROLE_")


def state_of(one: Any) -> str:
    if isinstance(one, shapes.OrganisationMember):
        return shapes.OrganisationMemberState.Name(one.state).removeprefix("ORGANISATION_MEMBER_STATE_")
    if isinstance(one, shapes.RepresentativeProposal):
        return shapes.RepresentativeProposalState.Name(one.state).removeprefix("REPRESENTATIVE_PROPOSAL_STATE_")
    return shapes.OrganisationState.Name(one.state).removeprefix("ORGANISATION_STATE_")


def end_of(member: Any) -> str:
    return shapes.OrganisationMemberEndCause.Name(member.end_cause).removeprefix("ORGANISATION_MEMBER_END_CAUSE_")


def found(
    identity: Identity, citizen_id: str, identifier: str = REGISTERED, *, metadata: Any = None, **changes: Any
) -> Any:
    given = {
        "request_id": str(uuid4()),
        "kind": shapes.ORGANISATION_KIND_ENTERPRISE,
        "identifier": identifier,
        "name": NAME,
        "unit_code": UNIT,
        "evidence": CERTIFICATE,
    } | changes
    caller = metadata or identity.as_citizen(citizen_id)
    return identity.organisations.CreateOrganisation(pb.CreateOrganisationRequest(**given), metadata=caller)


def decide(identity: Identity, organisation: Any, decision: str, *, metadata: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "organisation_id": organisation.organisation_id,
        "expected_version": organisation.version,
        "decision": pb.OrganisationDecision.Value(f"ORGANISATION_DECISION_{decision}"),
        "evidence": CERTIFICATE,
    } | changes
    request = pb.DecideOrganisationRequest(**given)
    officer = metadata or identity.as_officer(acr="aal2")
    return identity.organisations.DecideOrganisation(request, metadata=officer).organisation


def invite(identity: Identity, organisation: Any, by: str, person: Person, name: str, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "organisation_id": organisation.organisation_id,
        "member_number": person.number,
        "member_name": person.full_name,
        "role": role(name),
    } | changes
    request = pb.InviteOrganisationMemberRequest(**given)
    return identity.organisations.InviteOrganisationMember(request, metadata=identity.as_citizen(by)).member


def answer(identity: Identity, member: Any, by: str, said: int = pb.INVITATION_ANSWER_ACCEPTED, **changes: Any) -> Any:
    request = pb.AnswerOrganisationInvitationRequest(**(_moving(member) | {"answer": said} | changes))
    return identity.organisations.AnswerOrganisationInvitation(request, metadata=identity.as_citizen(by)).member


def join(identity: Identity, organisation: Any, by: str, joining: tuple[Person, str], name: str) -> Any:
    person, citizen_id = joining
    return answer(identity, invite(identity, organisation, by, person, name), citizen_id)


def change_role(identity: Identity, member: Any, by: str, name: str, **changes: Any) -> Any:
    request = pb.ChangeOrganisationMemberRoleRequest(**(_moving(member) | {"role": role(name)} | changes))
    return identity.organisations.ChangeOrganisationMemberRole(request, metadata=identity.as_citizen(by)).member


def remove(identity: Identity, member: Any, by: str, **changes: Any) -> Any:
    request = pb.RemoveOrganisationMemberRequest(**(_moving(member) | changes))
    return identity.organisations.RemoveOrganisationMember(request, metadata=identity.as_citizen(by)).member


def leave(identity: Identity, member: Any, by: str, **changes: Any) -> Any:
    request = pb.LeaveOrganisationRequest(**(_moving(member) | changes))
    return identity.organisations.LeaveOrganisation(request, metadata=identity.as_citizen(by)).member


def propose(identity: Identity, by: str, identifier: str = REGISTERED, **changes: Any) -> Any:
    given = {"request_id": str(uuid4()), "identifier": identifier, "evidence": CERTIFICATE} | changes
    request = pb.ProposeOrganisationRepresentativeRequest(**given)
    return identity.organisations.ProposeOrganisationRepresentative(request, metadata=identity.as_citizen(by)).proposal


def settle(identity: Identity, proposal: Any, decision: str = "ACCEPT", *, metadata: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "proposal_id": proposal.proposal_id,
        "expected_version": proposal.version,
        "decision": pb.RepresentativeDecision.Value(f"REPRESENTATIVE_DECISION_{decision}"),
        "evidence": CERTIFICATE,
    } | changes
    request = pb.DecideOrganisationRepresentativeRequest(**given)
    officer = metadata or identity.as_officer(acr="aal2")
    return identity.organisations.DecideOrganisationRepresentative(request, metadata=officer)


def own(identity: Identity, citizen_id: str) -> Any:
    request = pb.ListOwnOrganisationsRequest()
    return identity.organisations.ListOwnOrganisations(request, metadata=identity.as_citizen(citizen_id))


def read(identity: Identity, organisation: Any, by: str) -> Any:
    request = pb.GetOrganisationRequest(organisation_id=organisation.organisation_id)
    return identity.organisations.GetOrganisation(request, metadata=identity.as_citizen(by))


def members(identity: Identity, organisation: Any, by: str) -> Any:
    request = pb.ListOrganisationMembersRequest(organisation_id=organisation.organisation_id)
    return identity.organisations.ListOrganisationMembers(request, metadata=identity.as_citizen(by)).members


def cases(identity: Identity, **changes: Any) -> Any:
    request = pb.ListOrganisationCasesRequest(**changes)
    return identity.organisations.ListOrganisationCases(request, metadata=identity.as_officer())


def _moving(member: Any) -> dict[str, Any]:
    return {"request_id": str(uuid4()), "member_id": member.member_id, "expected_version": member.version}
