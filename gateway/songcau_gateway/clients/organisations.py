"""Calls to identity's OrganisationService, in the words of the API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from songcau.identity.v1 import organisation_service_pb2 as pb
from songcau.identity.v1.organisation_service_pb2_grpc import OrganisationServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import document
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.fields import PageQuery
from songcau_gateway.routes.organisation_schemas import (
    InvitationAnswer,
    MemberRoleChange,
    NewOrganisation,
    NewOrganisationMember,
    NewRepresentativeProposal,
    Organisation,
    OrganisationCasePage,
    OrganisationDecision,
    OrganisationFounded,
    OrganisationMember,
    OrganisationMemberPage,
    OrganisationRead,
    OwnOrganisationPage,
    RepresentativeDecision,
    RepresentativeProposal,
    RepresentativeSettled,
)


class OrganisationClient:
    """Organisations, members, legal representatives."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = OrganisationServiceStub(channel.channel)

    async def create(self, exchange: Exchange, new: NewOrganisation) -> OrganisationFounded:
        """Enter an organisation of the caller's."""
        request = pb.CreateOrganisationRequest(
            request_id=exchange.request_id,
            kind=f"ORGANISATION_KIND_{new.kind}",
            identifier=new.identifier,
            name=new.name,
            unit_code=new.unit_code,
            evidence=document(new.evidence),
        )
        plain = to_plain(await self._channel.call(exchange, self._stub.CreateOrganisation, request))
        founded = _organisation(plain["organisation"])
        return OrganisationFounded.model_validate({**founded, "member": _member(plain["member"])})

    async def decide(self, exchange: Exchange, organisation_id: UUID, decision: OrganisationDecision) -> Organisation:
        """Decide about an organisation as an officer."""
        request = pb.DecideOrganisationRequest(
            request_id=exchange.request_id,
            organisation_id=str(organisation_id),
            expected_version=exchange.expected_version,
            decision=f"ORGANISATION_DECISION_{decision.decision}",
            evidence=document(decision.evidence),
        )
        plain = to_plain(await self._channel.call(exchange, self._stub.DecideOrganisation, request))
        return Organisation.model_validate(_organisation(plain["organisation"]))

    async def get(self, exchange: Exchange, organisation_id: UUID) -> OrganisationRead:
        """Return an organisation of the caller's."""
        request = pb.GetOrganisationRequest(organisation_id=str(organisation_id))
        plain = to_plain(await self._channel.call(exchange, self._stub.GetOrganisation, request))
        shown = {"name": plain["name"], "identifier": plain["identifier"], "member": _member(plain["member"])}
        return OrganisationRead.model_validate({**_organisation(plain["organisation"]), **shown})

    async def own(self, exchange: Exchange, page: PageQuery) -> OwnOrganisationPage:
        """Return a page of the caller's memberships."""
        request = pb.ListOwnOrganisationsRequest(page_size=page.limit, page_token=page.cursor or "")
        plain = to_plain(await self._channel.call(exchange, self._stub.ListOwnOrganisations, request))
        items = [
            {**one, "organisation": _organisation(one["organisation"]), "member": _member(one["member"])}
            for one in plain["organisations"]
        ]
        proposals = [_proposal(one) for one in plain["proposals"]]
        return OwnOrganisationPage.model_validate(
            {"items": items, "next_cursor": plain["next_page_token"], "proposals": proposals}
        )

    async def members(self, exchange: Exchange, organisation_id: UUID, page: PageQuery) -> OrganisationMemberPage:
        """Return a page of members."""
        request = pb.ListOrganisationMembersRequest(
            organisation_id=str(organisation_id), page_size=page.limit, page_token=page.cursor or ""
        )
        plain = to_plain(await self._channel.call(exchange, self._stub.ListOrganisationMembers, request))
        items = [{**_member(one["member"]), "full_name": one["full_name"]} for one in plain["members"]]
        return OrganisationMemberPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def invite(self, exchange: Exchange, new: NewOrganisationMember) -> OrganisationMember:
        """Invite a citizen."""
        request = pb.InviteOrganisationMemberRequest(
            request_id=exchange.request_id,
            organisation_id=str(new.organisation_id),
            member_number=new.member_number,
            member_name=new.member_name,
            role=f"ORGANISATION_ROLE_{new.role}",
        )
        return _moved(await self._channel.call(exchange, self._stub.InviteOrganisationMember, request))

    async def answer(self, exchange: Exchange, member_id: UUID, given: InvitationAnswer) -> OrganisationMember:
        """Take the answer of the invited."""
        request = pb.AnswerOrganisationInvitationRequest(
            **_moving(exchange, member_id), answer=f"INVITATION_ANSWER_{given.answer}"
        )
        return _moved(await self._channel.call(exchange, self._stub.AnswerOrganisationInvitation, request))

    async def change_role(self, exchange: Exchange, member_id: UUID, change: MemberRoleChange) -> OrganisationMember:
        """Give a member another role."""
        request = pb.ChangeOrganisationMemberRoleRequest(
            **_moving(exchange, member_id), role=f"ORGANISATION_ROLE_{change.role}"
        )
        return _moved(await self._channel.call(exchange, self._stub.ChangeOrganisationMemberRole, request))

    async def remove(self, exchange: Exchange, member_id: UUID) -> OrganisationMember:
        """End a membership."""
        request = pb.RemoveOrganisationMemberRequest(**_moving(exchange, member_id))
        return _moved(await self._channel.call(exchange, self._stub.RemoveOrganisationMember, request))

    async def leave(self, exchange: Exchange, member_id: UUID) -> OrganisationMember:
        """End the caller's own membership."""
        request = pb.LeaveOrganisationRequest(**_moving(exchange, member_id))
        return _moved(await self._channel.call(exchange, self._stub.LeaveOrganisation, request))

    async def propose(self, exchange: Exchange, new: NewRepresentativeProposal) -> RepresentativeProposal:
        """Put a claim to be the legal representative before an officer."""
        request = pb.ProposeOrganisationRepresentativeRequest(
            request_id=exchange.request_id, identifier=new.identifier, evidence=document(new.evidence)
        )
        plain = to_plain(await self._channel.call(exchange, self._stub.ProposeOrganisationRepresentative, request))
        return RepresentativeProposal.model_validate(_proposal(plain["proposal"]))

    async def decide_proposal(
        self, exchange: Exchange, proposal_id: UUID, decision: RepresentativeDecision
    ) -> RepresentativeSettled:
        """Decide about a claim as an officer."""
        request = pb.DecideOrganisationRepresentativeRequest(
            request_id=exchange.request_id,
            proposal_id=str(proposal_id),
            expected_version=exchange.expected_version,
            decision=f"REPRESENTATIVE_DECISION_{decision.decision}",
            evidence=document(decision.evidence),
        )
        plain = to_plain(await self._channel.call(exchange, self._stub.DecideOrganisationRepresentative, request))
        settled = _proposal(plain["proposal"])
        return RepresentativeSettled.model_validate({**settled, "organisation": _organisation(plain["organisation"])})

    async def cases(self, exchange: Exchange, page: PageQuery) -> OrganisationCasePage:
        """Return a page of what waits for officers."""
        request = pb.ListOrganisationCasesRequest(page_size=page.limit, page_token=page.cursor or "")
        plain = to_plain(await self._channel.call(exchange, self._stub.ListOrganisationCases, request))
        items = [
            {
                **one,
                "organisation": _organisation(one["organisation"]),
                "proposal": _proposal(one["proposal"]) if one["proposal"] else None,
            }
            for one in plain["cases"]
        ]
        return OrganisationCasePage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})


def _moving(exchange: Exchange, member_id: UUID) -> dict[str, Any]:
    return {
        "request_id": exchange.request_id,
        "member_id": str(member_id),
        "expected_version": exchange.expected_version,
    }


def _moved(answer: Any) -> OrganisationMember:
    return OrganisationMember.model_validate(_member(to_plain(answer)["member"]))


def _organisation(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "id": plain["organisation_id"]}


def _member(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "id": plain["member_id"]}


def _proposal(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "id": plain["proposal_id"]}
