"""Members of organisations: invited, joining by their own hand, in another role, gone."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import PageQuery
from songcau_gateway.routes.organisation_schemas import (
    InvitationAnswer,
    MemberRoleChange,
    NewOrganisationMember,
    OrganisationMember,
    OrganisationMemberPage,
)
from songcau_gateway.routes.organisations import OrganisationId

routes = Routes("Thành viên tổ chức · Members of organisations", "identity", activity="organisations")
MemberId = Annotated[UUID, Path(description="id of the membership")]
_OWN = allow("citizen", scope="identity:link")
_MOVE = ("CITIZEN_NOT_FOUND", "ORGANISATION_MEMBER_NOT_FOUND", "ORGANISATION_MEMBER_STATE_CONFLICT")
_JOINING = ("CITIZEN_NOT_ACTIVE", "CITIZEN_MERGED", "REPRESENTATIVE_NOT_ADULT", "BIRTH_DATE_UNKNOWN")


@routes.add(
    "GET",
    "/v1/organisations/{organisation_id}/members",
    allow("citizen", scope="identity:read"),
    title="Xem thành viên của tổ chức",
    summary="List the members of an organisation with their names, for who manages them",
    answer=OrganisationMemberPage,
    reasons=(
        "CITIZEN_NOT_FOUND",
        "CITIZEN_NOT_ACTIVE",
        "CURSOR_INVALID",
        "ORGANISATION_NOT_FOUND",
        "ORGANISATION_ROLE_TOO_LOW",
    ),
)
async def list_organisation_members(
    organisation_id: OrganisationId,
    page: Annotated[PageQuery, Query()],
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Return a page of members."""
    return reply(exchange, await services.organisations.members(exchange, organisation_id, page))


@routes.add(
    "POST",
    "/v1/organisation-members",
    _OWN,
    title="Mời thành viên vào tổ chức",
    summary="Invite a citizen by number and name into a role below one's own",
    answer=OrganisationMember,
    status=201,
    reasons=(
        "CITIZEN_NOT_FOUND",
        "CITIZEN_NOT_ACTIVE",
        "REPRESENTATIVE_NOT_FOUND",
        "ORGANISATION_INVALID",
        "ORGANISATION_NOT_FOUND",
        "ORGANISATION_ROLE_TOO_LOW",
        "ORGANISATION_MEMBER_EXISTS",
        "ORGANISATION_STATE_CONFLICT",
        "ORGANISATION_LIMIT_REACHED",
        "NAMING_LIMIT_REACHED",
    ),
    creates_or_moves=True,
    step_up=1,
)
async def invite_organisation_member(
    new: NewOrganisationMember, exchange: CurrentExchange, services: Services
) -> Response:
    """Invite somebody."""
    return reply(exchange, await services.organisations.invite(exchange, new), status=201)


@routes.add(
    "POST",
    "/v1/organisation-members/{member_id}/answer",
    _OWN,
    title="Trả lời lời mời vào tổ chức",
    summary="Accept or decline an invitation; acting for the organisation begins when it is accepted",
    answer=OrganisationMember,
    reasons=(*_MOVE, *_JOINING, "ORGANISATION_INVALID", "ORGANISATION_STATE_CONFLICT"),
    creates_or_moves=True,
    versioned="required",
    step_up=1,
)
async def answer_organisation_invitation(
    member_id: MemberId, given: InvitationAnswer, exchange: CurrentExchange, services: Services
) -> Response:
    """Take the answer of the invited."""
    return reply(exchange, await services.organisations.answer(exchange, member_id, given))


@routes.add(
    "POST",
    "/v1/organisation-members/{member_id}/change-role",
    _OWN,
    title="Đổi vai trò của thành viên",
    summary="Give a member another role; the answer is the membership that takes the place of the former",
    answer=OrganisationMember,
    reasons=(*_MOVE, *_JOINING, "ORGANISATION_INVALID", "ORGANISATION_ROLE_TOO_LOW"),
    creates_or_moves=True,
    versioned="required",
    step_up=1,
)
async def change_organisation_member_role(
    member_id: MemberId, change: MemberRoleChange, exchange: CurrentExchange, services: Services
) -> Response:
    """Give another role."""
    return reply(exchange, await services.organisations.change_role(exchange, member_id, change))


@routes.add(
    "POST",
    "/v1/organisation-members/{member_id}/remove",
    _OWN,
    title="Chấm dứt tư cách thành viên",
    summary="End a membership or take an invitation back; effective everywhere within a minute",
    answer=OrganisationMember,
    reasons=(*_MOVE, "CITIZEN_NOT_ACTIVE", "ORGANISATION_ROLE_TOO_LOW"),
    creates_or_moves=True,
    versioned="required",
    step_up=1,
)
async def remove_organisation_member(member_id: MemberId, exchange: CurrentExchange, services: Services) -> Response:
    """End a membership."""
    return reply(exchange, await services.organisations.remove(exchange, member_id))


@routes.add(
    "POST",
    "/v1/organisation-members/{member_id}/leave",
    _OWN,
    title="Rời tổ chức",
    summary="End one's own membership; a legal representative is replaced instead",
    answer=OrganisationMember,
    reasons=(*_MOVE, "ORGANISATION_NEEDS_REPRESENTATIVE"),
    creates_or_moves=True,
    versioned="required",
    step_up=1,
)
async def leave_organisation(member_id: MemberId, exchange: CurrentExchange, services: Services) -> Response:
    """Leave."""
    return reply(exchange, await services.organisations.leave(exchange, member_id))
