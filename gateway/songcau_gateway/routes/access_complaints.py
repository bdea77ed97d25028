"""Complaints about accesses: made and followed by citizens, looked into by data officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from starlette.responses import Response

from songcau_gateway.answers import reply, reply_unless_known
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.access_complaint_schemas import (
    AccessComplaint,
    AccessComplaintAnswer,
    AccessComplaintCase,
    AccessComplaintDetails,
    AccessComplaintPage,
    AccessComplaintQuery,
    NewAccessComplaint,
)
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Khiếu nại về truy cập dữ liệu · Complaints about accesses", "identity", activity="access-complaints")
AccessId = Annotated[UUID, Path(description="id of an entry of the access list")]
ComplaintId = Annotated[UUID, Path(description="id of the complaint")]
_COMPLAINING = allow("citizen", scope="identity:link")
_FOLLOWING = allow("citizen", scope="access:read")
_OFFICER = allow("data-officer", scope="identity:lookup")
_ONE = ("OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "OWN_ACT", "ACCESS_COMPLAINT_NOT_FOUND")
_STEP = (*_ONE, "ACCESS_COMPLAINT_STATE_INVALID")


@routes.add(
    "POST",
    "/v1/me/accesses/{access_id}/complaints",
    _COMPLAINING,
    title="Khiếu nại về một lượt truy cập",
    summary="Complain about an entry of the own access list; a data officer looks into it and answers",
    answer=AccessComplaint,
    status=201,
    location="/v1/me/access-complaints/{access_complaint_id}",
    reasons=("CITIZEN_NOT_FOUND", "ACCESS_NOT_FOUND", "ACCESS_COMPLAINT_INVALID", "ACCESS_COMPLAINT_OPEN"),
    creates_or_moves=True,
)
async def make_access_complaint(
    access_id: AccessId, new: NewAccessComplaint, exchange: CurrentExchange, services: Services
) -> Response:
    """Make a complaint."""
    made = await services.access_complaints.make(exchange, access_id, new)
    return reply(exchange, made, status=201, location=f"/v1/me/access-complaints/{made.id}")


@routes.add(
    "GET",
    "/v1/me/access-complaints",
    _FOLLOWING,
    title="Xem các khiếu nại của tôi",
    summary="List the signed-in citizen's complaints about accesses, newest first",
    answer=AccessComplaintPage,
    reasons=("CITIZEN_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_own_access_complaints(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List the caller's complaints."""
    return reply(exchange, await services.access_complaints.list_own(exchange, page))


@routes.add(
    "GET",
    "/v1/me/access-complaints/{access_complaint_id}",
    _FOLLOWING,
    title="Xem một khiếu nại của tôi",
    summary="Get one complaint with what was found and answered",
    answer=AccessComplaintDetails,
    reasons=("CITIZEN_NOT_FOUND", "ACCESS_COMPLAINT_NOT_FOUND"),
)
async def get_own_access_complaint(
    access_complaint_id: ComplaintId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one of the caller's complaints."""
    return reply_unless_known(request, await services.access_complaints.get_own(exchange, access_complaint_id))


@routes.add(
    "POST",
    "/v1/me/access-complaints/{access_complaint_id}/withdraw",
    _COMPLAINING,
    title="Rút khiếu nại của tôi",
    summary="Take a complaint back that was not answered; what was written in it goes",
    answer=AccessComplaint,
    reasons=("CITIZEN_NOT_FOUND", "ACCESS_COMPLAINT_NOT_FOUND", "ACCESS_COMPLAINT_STATE_INVALID"),
    creates_or_moves=True,
    versioned="required",
)
async def withdraw_access_complaint(
    access_complaint_id: ComplaintId, exchange: CurrentExchange, services: Services
) -> Response:
    """Take a complaint back."""
    return reply(exchange, await services.access_complaints.withdraw(exchange, access_complaint_id))


@routes.add(
    "GET",
    "/v1/access-complaints",
    _OFFICER,
    title="Hàng đợi khiếu nại về truy cập dữ liệu",
    summary="List open complaints, those to be acknowledged first at the top; with `answered` those answered",
    answer=AccessComplaintPage,
    reasons=("OFFICER_WITHOUT_AGENCY", "CURSOR_INVALID"),
    purpose="required",
)
async def list_access_complaints(
    query: Annotated[AccessComplaintQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List the queue."""
    return reply(exchange, await services.access_complaints.list(exchange, query))


@routes.add(
    "GET",
    "/v1/access-complaints/{access_complaint_id}",
    _OFFICER,
    title="Xem một khiếu nại",
    summary="Get one complaint with the entry it is about, what the citizen wrote and anomalies of the same entry",
    answer=AccessComplaintCase,
    reasons=_ONE,
    purpose="required",
)
async def get_access_complaint(
    access_complaint_id: ComplaintId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one complaint."""
    return reply_unless_known(request, await services.access_complaints.get(exchange, access_complaint_id))


@routes.add(
    "POST",
    "/v1/access-complaints/{access_complaint_id}/acknowledge",
    _OFFICER,
    title="Xác nhận đã nhận khiếu nại",
    summary="Tell the citizen that the complaint was received, within two working days",
    answer=AccessComplaint,
    reasons=_STEP,
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def acknowledge_access_complaint(
    access_complaint_id: ComplaintId, exchange: CurrentExchange, services: Services
) -> Response:
    """Acknowledge a complaint."""
    return reply(exchange, await services.access_complaints.acknowledge(exchange, access_complaint_id))


@routes.add(
    "POST",
    "/v1/access-complaints/{access_complaint_id}/answer",
    _OFFICER,
    title="Trả lời khiếu nại",
    summary="End a complaint with a finding and an answer for the citizen",
    answer=AccessComplaint,
    reasons=(*_STEP, "ACCESS_COMPLAINT_INVALID"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def answer_access_complaint(
    access_complaint_id: ComplaintId, given: AccessComplaintAnswer, exchange: CurrentExchange, services: Services
) -> Response:
    """Answer a complaint."""
    return reply(exchange, await services.access_complaints.answer(exchange, access_complaint_id, given))
