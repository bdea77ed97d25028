"""The gRPC door of OrganisationService."""

from collections.abc import Mapping
from dataclasses import dataclass

import grpc
from songcau.identity.v1 import organisation_pb2, organisation_service_pb2_grpc
from songcau.identity.v1 import organisation_service_pb2 as pb
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.organisations.deciding import Decision, OrganisationDeciding, Seen
from songcau_identity.organisations.founding import Founding, OrganisationFounding
from songcau_identity.organisations.listing import OrganisationList
from songcau_identity.organisations.members import Invitation, Members
from songcau_identity.organisations.members import Seen as SeenMember
from songcau_identity.organisations.model import MemberAct, OrganisationKind, ProposalAct, Role
from songcau_identity.organisations.proposing import Claim, RepresentativeProposing
from songcau_identity.record_act import RecordAct
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.orders import ordered, read_document
from songcau_identity.servers.organisation_messages import (
    write_case,
    write_claim,
    write_member,
    write_named_member,
    write_organisation,
    write_own,
    write_proposal,
)
from songcau_identity.servers.representations import find_value

ANSWERS: Mapping[int, MemberAct] = {
    pb.INVITATION_ANSWER_ACCEPTED: MemberAct.ACCEPT,
    pb.INVITATION_ANSWER_DECLINED: MemberAct.DECLINE,
}
DECISIONS: Mapping[int, ProposalAct] = {
    pb.REPRESENTATIVE_DECISION_ACCEPT: ProposalAct.ACCEPT,
    pb.REPRESENTATIVE_DECISION_REFUSE: ProposalAct.REFUSE,
}


@dataclass(frozen=True)
class OrganisationUseCases:
    """What stands behind the door."""

    founding: OrganisationFounding
    deciding: OrganisationDeciding
    members: Members
    proposing: RepresentativeProposing
    listing: OrganisationList


class OrganisationServer(organisation_service_pb2_grpc.OrganisationServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, cases: OrganisationUseCases) -> None:
        self._admission = admission
        self._cases = cases

    def CreateOrganisation(  # noqa: N802
        self, request: pb.CreateOrganisationRequest, _: grpc.ServicerContext
    ) -> pb.CreateOrganisationResponse:
        """Enter an organisation."""
        given = Founding(
            find_value(organisation_pb2.OrganisationKind, request.kind, OrganisationKind),
            Personal(request.identifier),
            Personal(request.name),
            request.unit_code,
            read_document(request.evidence),
        )
        with self._admission.admitted(Operation.CREATE_ORGANISATION) as (asker, access):
            answer = self._cases.founding.found(asker, read_request_id(request.request_id), given, access)
        return pb.CreateOrganisationResponse(
            organisation=write_organisation(answer.organisation), member=write_member(answer.member)
        )

    def DecideOrganisation(  # noqa: N802
        self, request: pb.DecideOrganisationRequest, _: grpc.ServicerContext
    ) -> pb.DecideOrganisationResponse:
        """Decide about an organisation."""
        seen = Seen(find_uuid(request.organisation_id), request.expected_version)
        decision = find_value(pb.OrganisationDecision, request.decision, Decision)
        with ordered(self._admission, request, RecordAct.DECIDE_ORGANISATION, Operation.DECIDE_ORGANISATION) as order:
            answer = self._cases.deciding.decide(order, seen, decision)
        return pb.DecideOrganisationResponse(organisation=write_organisation(answer.organisation))

    def GetOrganisation(  # noqa: N802
        self, request: pb.GetOrganisationRequest, _: grpc.ServicerContext
    ) -> pb.GetOrganisationResponse:
        """Return an organisation."""
        with self._admission.admitted(Operation.GET_ORGANISATION) as (asker, access):
            return write_own(self._cases.listing.get(asker, find_uuid(request.organisation_id), access))

    def ListOwnOrganisations(  # noqa: N802
        self, request: pb.ListOwnOrganisationsRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnOrganisationsResponse:
        """List the caller's."""
        with self._admission.admitted(Operation.LIST_OWN_ORGANISATIONS) as (asker, access):
            own, token, proposals = self._cases.listing.list_own(
                asker, access, page_size=request.page_size, cursor=request.page_token
            )
        return pb.ListOwnOrganisationsResponse(
            organisations=[
                pb.OwnOrganisation(
                    organisation=write_organisation(one.organisation),
                    name=one.names.name.reveal(),
                    member=write_member(one.member),
                )
                for one in own
            ],
            next_page_token=token,
            proposals=[write_proposal(one) for one in proposals],
        )

    def ListOrganisationMembers(  # noqa: N802
        self, request: pb.ListOrganisationMembersRequest, _: grpc.ServicerContext
    ) -> pb.ListOrganisationMembersResponse:
        """List members."""
        organisation_id = find_uuid(request.organisation_id)
        with self._admission.admitted(Operation.LIST_ORGANISATION_MEMBERS) as (asker, access):
            members, token = self._cases.listing.list_members(
                asker, organisation_id, access, page_size=request.page_size, cursor=request.page_token
            )
        return pb.ListOrganisationMembersResponse(
            members=[write_named_member(one) for one in members], next_page_token=token
        )

    def InviteOrganisationMember(  # noqa: N802
        self, request: pb.InviteOrganisationMemberRequest, _: grpc.ServicerContext
    ) -> pb.InviteOrganisationMemberResponse:
        """Invite somebody."""
        wanted = Invitation(
            find_uuid(request.organisation_id),
            Personal(request.member_number),
            Personal(request.member_name),
            read_role(request.role),
        )
        with self._admission.admitted(Operation.INVITE_ORGANISATION_MEMBER) as (asker, access):
            answer = self._cases.members.invite(asker, read_request_id(request.request_id), wanted, access)
        return pb.InviteOrganisationMemberResponse(member=write_member(answer.member))

    def AnswerOrganisationInvitation(  # noqa: N802
        self, request: pb.AnswerOrganisationInvitationRequest, _: grpc.ServicerContext
    ) -> pb.AnswerOrganisationInvitationResponse:
        """Take the answer of the invited."""
        with self._admission.admitted(Operation.ANSWER_ORGANISATION_INVITATION) as (asker, access):
            request_id, act = read_request_id(request.request_id), ANSWERS.get(request.answer)
            answer = self._cases.members.answer(asker, request_id, read_seen(request), act, access)
        return pb.AnswerOrganisationInvitationResponse(member=write_member(answer.member))

    def ChangeOrganisationMemberRole(  # noqa: N802
        self, request: pb.ChangeOrganisationMemberRoleRequest, _: grpc.ServicerContext
    ) -> pb.ChangeOrganisationMemberRoleResponse:
        """Give another role."""
        with self._admission.admitted(Operation.CHANGE_ORGANISATION_MEMBER_ROLE) as (asker, access):
            request_id, role = read_request_id(request.request_id), read_role(request.role)
            answer = self._cases.members.change_role(asker, request_id, read_seen(request), role, access)
        return pb.ChangeOrganisationMemberRoleResponse(member=write_member(answer.member))

    def RemoveOrganisationMember(  # noqa: N802
        self, request: pb.RemoveOrganisationMemberRequest, _: grpc.ServicerContext
    ) -> pb.RemoveOrganisationMemberResponse:
        """End a membership."""
        with self._admission.admitted(Operation.REMOVE_ORGANISATION_MEMBER) as (asker, access):
            request_id = read_request_id(request.request_id)
            answer = self._cases.members.remove(asker, request_id, read_seen(request), access)
        return pb.RemoveOrganisationMemberResponse(member=write_member(answer.member))

    def LeaveOrganisation(  # noqa: N802
        self, request: pb.LeaveOrganisationRequest, _: grpc.ServicerContext
    ) -> pb.LeaveOrganisationResponse:
        """Leave."""
        with self._admission.admitted(Operation.LEAVE_ORGANISATION) as (asker, access):
            request_id = read_request_id(request.request_id)
            answer = self._cases.members.leave(asker, request_id, read_seen(request), access)
        return pb.LeaveOrganisationResponse(member=write_member(answer.member))

    def ProposeOrganisationRepresentative(  # noqa: N802
        self, request: pb.ProposeOrganisationRepresentativeRequest, _: grpc.ServicerContext
    ) -> pb.ProposeOrganisationRepresentativeResponse:
        """Put a claim before an officer."""
        claim = Claim(Personal(request.identifier), read_document(request.evidence))
        with self._admission.admitted(Operation.PROPOSE_ORGANISATION_REPRESENTATIVE) as (asker, access):
            answer = self._cases.proposing.propose(asker, read_request_id(request.request_id), claim, access)
        return pb.ProposeOrganisationRepresentativeResponse(proposal=write_claim(answer))

    def DecideOrganisationRepresentative(  # noqa: N802
        self, request: pb.DecideOrganisationRepresentativeRequest, _: grpc.ServicerContext
    ) -> pb.DecideOrganisationRepresentativeResponse:
        """Decide about a claim."""
        seen = Seen(find_uuid(request.proposal_id), request.expected_version)
        act, operation = RecordAct.DECIDE_ORGANISATION_REPRESENTATIVE, Operation.DECIDE_ORGANISATION_REPRESENTATIVE
        with ordered(self._admission, request, act, operation) as order:
            answer = self._cases.deciding.decide_representative(order, seen, DECISIONS.get(request.decision))
        return pb.DecideOrganisationRepresentativeResponse(
            proposal=write_claim(answer), organisation=write_organisation(answer.organisation)
        )

    def ListOrganisationCases(  # noqa: N802
        self, request: pb.ListOrganisationCasesRequest, _: grpc.ServicerContext
    ) -> pb.ListOrganisationCasesResponse:
        """List what waits for officers."""
        with self._admission.admitted(Operation.LIST_ORGANISATION_CASES) as (asker, access):
            cases, token = self._cases.listing.list_cases(
                asker, access, page_size=request.page_size, cursor=request.page_token
            )
        return pb.ListOrganisationCasesResponse(cases=[write_case(one) for one in cases], next_page_token=token)


MemberMove = (
    pb.AnswerOrganisationInvitationRequest
    | pb.ChangeOrganisationMemberRoleRequest
    | pb.RemoveOrganisationMemberRequest
    | pb.LeaveOrganisationRequest
)


def read_seen(request: MemberMove) -> SeenMember:
    """Return the membership and version a request names."""
    return SeenMember(find_uuid(request.member_id), request.expected_version)


def read_role(role: organisation_pb2.OrganisationRole) -> Role | None:
    """Return a role as it was named."""
    return find_value(organisation_pb2.OrganisationRole, role, Role)
