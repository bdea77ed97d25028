"""Requests of people about their data: made and followed by citizens, answered by data officers by their due days."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from starlette.responses import Response

from songcau_gateway.answers import in_pieces, reply, reply_file, reply_unless_known
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import PageQuery
from songcau_gateway.routes.subject_request_schemas import (
    NewSubjectRequest,
    SubjectRequest,
    SubjectRequestAcknowledgement,
    SubjectRequestCompletion,
    SubjectRequestDetails,
    SubjectRequestExtension,
    SubjectRequestPage,
    SubjectRequestQuery,
    SubjectRequestRefusal,
)

routes = Routes("Quyền đối với dữ liệu · Rights over data", "identity", activity="data-subject-requests")
SubjectRequestId = Annotated[UUID, Path(description="id of the request")]
_ASKING = allow("citizen", scope="identity:link")
_FOLLOWING = allow("citizen", scope="access:read")
_OFFICER = allow("data-officer", scope="identity:lookup")
_OWN = ("CITIZEN_NOT_FOUND", "SUBJECT_REQUEST_NOT_FOUND")
_READING = ("OFFICER_WITHOUT_AGENCY",)
_STEP = (
    *_READING,
    "OWN_RECORD",
    "SUBJECT_REQUEST_NOT_FOUND",
    "SUBJECT_REQUEST_STATE_INVALID",
    "SUBJECT_REQUEST_INVALID",
)
_COPY = {
    "format": "songcau.data-copy",
    "version": 1,
    "subject_request_id": "019ab6c2-7c1e-7000-8000-000000000010",
    "citizen_id": "019ab6c2-7c1e-7000-8000-000000000001",
    "made_at": "2026-11-27T02:00:00Z",
    "parts": [],
    "missing": [{"holder": "telehealth", "state": "ASKED", "cause": ""}],
}


@routes.add(
    "POST",
    "/v1/me/subject-requests",
    _ASKING,
    title="Gửi yêu cầu về dữ liệu của tôi",
    summary="Ask to view, correct, copy, restrict, object, withdraw a consent, delete or protect; on a fresh sign-in",
    answer=SubjectRequest,
    status=201,
    location="/v1/me/subject-requests/{subject_request_id}",
    reasons=("CITIZEN_NOT_FOUND", "SUBJECT_REQUEST_INVALID", "PROCESSING_BOUND_BY_LAW", "SUBJECT_REQUEST_OPEN"),
    creates_or_moves=True,
    step_up=1,
)
async def make_subject_request(new: NewSubjectRequest, exchange: CurrentExchange, services: Services) -> Response:
    """Make a request."""
    made = await services.subject_requests.make(exchange, new)
    return reply(exchange, made, status=201, location=f"/v1/me/subject-requests/{made.id}")


@routes.add(
    "GET",
    "/v1/me/subject-requests",
    _FOLLOWING,
    title="Xem các yêu cầu của tôi",
    summary="List the signed-in citizen's requests, newest first",
    answer=SubjectRequestPage,
    reasons=("CITIZEN_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_own_subject_requests(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List the caller's requests."""
    return reply(exchange, await services.subject_requests.list_own(exchange, page))


@routes.add(
    "GET",
    "/v1/me/subject-requests/{subject_request_id}",
    _FOLLOWING,
    title="Xem một yêu cầu của tôi",
    summary="Get one request with its answer, its days and what each service answered",
    answer=SubjectRequestDetails,
    reasons=_OWN,
)
async def get_own_subject_request(
    subject_request_id: SubjectRequestId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one of the caller's requests."""
    return reply_unless_known(request, await services.subject_requests.get_own(exchange, subject_request_id))


@routes.add(
    "POST",
    "/v1/me/subject-requests/{subject_request_id}/withdraw",
    _ASKING,
    title="Rút yêu cầu của tôi",
    summary="Take a request back that is not being carried out yet",
    answer=SubjectRequest,
    reasons=(*_OWN, "SUBJECT_REQUEST_STATE_INVALID"),
    creates_or_moves=True,
    versioned="required",
)
async def withdraw_subject_request(
    subject_request_id: SubjectRequestId, exchange: CurrentExchange, services: Services
) -> Response:
    """Take a request back."""
    return reply(exchange, await services.subject_requests.withdraw(exchange, subject_request_id))


@routes.add(
    "GET",
    "/v1/me/subject-requests/{subject_request_id}/copy",
    _FOLLOWING,
    title="Tải bản sao dữ liệu của tôi (máy đọc được)",
    summary="Fetch the copy as JSON of the published schema; needs a fresh sign-in",
    reasons=(*_OWN, "DATA_COPY_NOT_READY", "DATA_COPY_EXPIRED"),
    produces=("application/json",),
    examples={"answer": _COPY},
    step_up=1,
)
async def get_data_copy(
    subject_request_id: SubjectRequestId, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the machine-readable copy."""
    content, file_name = await services.subject_requests.copy(exchange, subject_request_id, form="JSON")
    return reply_file(in_pieces(content), media_type="application/json", name=file_name)


@routes.add(
    "GET",
    "/v1/me/subject-requests/{subject_request_id}/copy-pdf",
    _FOLLOWING,
    title="Tải bản sao dữ liệu của tôi (PDF)",
    summary="Fetch the copy as a PDF in Vietnamese; needs a fresh sign-in",
    reasons=(*_OWN, "DATA_COPY_NOT_READY", "DATA_COPY_EXPIRED"),
    produces=("application/pdf",),
    step_up=1,
)
async def get_data_copy_pdf(
    subject_request_id: SubjectRequestId, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the readable copy."""
    content, file_name = await services.subject_requests.copy(exchange, subject_request_id, form="PDF")
    return reply_file(in_pieces(content), media_type="application/pdf", name=file_name)


@routes.add(
    "GET",
    "/v1/subject-requests",
    _OFFICER,
    title="Hàng đợi yêu cầu của chủ thể dữ liệu",
    summary="List open requests, those due first at the top; with `ended` those that ended, newest first",
    answer=SubjectRequestPage,
    reasons=(*_READING, "CURSOR_INVALID"),
    purpose="required",
)
async def list_subject_requests(
    query: Annotated[SubjectRequestQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List the queue."""
    return reply(exchange, await services.subject_requests.list(exchange, query))


@routes.add(
    "GET",
    "/v1/subject-requests/{subject_request_id}",
    _OFFICER,
    title="Xem một yêu cầu",
    summary="Get one request with what the citizen wrote and what each service answered",
    answer=SubjectRequestDetails,
    reasons=(*_READING, "OWN_RECORD", "SUBJECT_REQUEST_NOT_FOUND"),
    purpose="required",
)
async def get_subject_request(
    subject_request_id: SubjectRequestId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one request."""
    return reply_unless_known(request, await services.subject_requests.get(exchange, subject_request_id))


@routes.add(
    "POST",
    "/v1/subject-requests/{subject_request_id}/acknowledge",
    _OFFICER,
    title="Xác nhận đã nhận yêu cầu",
    summary="Tell the citizen that the request was received, within two working days",
    answer=SubjectRequest,
    reasons=_STEP,
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def acknowledge_subject_request(
    subject_request_id: SubjectRequestId,
    given: SubjectRequestAcknowledgement,
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Acknowledge a request."""
    return reply(exchange, await services.subject_requests.acknowledge(exchange, subject_request_id, given))


@routes.add(
    "POST",
    "/v1/subject-requests/{subject_request_id}/extend",
    _OFFICER,
    title="Gia hạn giải quyết",
    summary="Extend the time of a request, once, and say why",
    answer=SubjectRequest,
    reasons=(*_STEP, "SUBJECT_REQUEST_EXTENDED"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def extend_subject_request(
    subject_request_id: SubjectRequestId,
    given: SubjectRequestExtension,
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Extend the time of a request."""
    return reply(exchange, await services.subject_requests.extend(exchange, subject_request_id, given))


@routes.add(
    "POST",
    "/v1/subject-requests/{subject_request_id}/refuse",
    _OFFICER,
    title="Từ chối yêu cầu",
    summary="Refuse a request for a reason of the closed list, naming the law",
    answer=SubjectRequest,
    reasons=_STEP,
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def refuse_subject_request(
    subject_request_id: SubjectRequestId,
    given: SubjectRequestRefusal,
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Refuse a request."""
    return reply(exchange, await services.subject_requests.refuse(exchange, subject_request_id, given))


@routes.add(
    "POST",
    "/v1/subject-requests/{subject_request_id}/complete",
    _OFFICER,
    title="Thực hiện yêu cầu",
    summary="Carry a request out; an erasure waits for every service and is refused where law makes one keep",
    answer=SubjectRequest,
    reasons=(*_STEP, "CITIZEN_NOT_ACTIVE", "CITIZEN_MERGED", "OWN_ACT", "CORRECTION_NOT_NAMED"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def complete_subject_request(
    subject_request_id: SubjectRequestId,
    given: SubjectRequestCompletion,
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Carry a request out."""
    return reply(exchange, await services.subject_requests.complete(exchange, subject_request_id, given))
