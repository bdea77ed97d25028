"""Requests of people about their data that came on paper: entered by officers, answered like all others."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.subject_request_schemas import PaperSubjectRequest, SubjectRequest

routes = Routes("Quyền đối với dữ liệu · Rights over data", "identity", activity="data-subject-requests")
CitizenId = Annotated[UUID, Path(description="whose request it is")]


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/subject-requests",
    allow("officer", "data-officer", scope="identity:lookup"),
    title="Ghi nhận yêu cầu bằng giấy về dữ liệu",
    summary="Enter a request a person made on paper, at a counter or by post; its clocks run from the day it came",
    answer=SubjectRequest,
    status=201,
    location="/v1/subject-requests/{subject_request_id}",
    reasons=(
        "OFFICER_WITHOUT_AGENCY",
        "OWN_RECORD",
        "CITIZEN_NOT_FOUND",
        "EVIDENCE_INVALID",
        "SUBJECT_REQUEST_INVALID",
        "PROCESSING_BOUND_BY_LAW",
        "SUBJECT_REQUEST_OPEN",
    ),
    creates_or_moves=True,
    purpose="required",
    step_up=2,
)
async def record_subject_request(
    citizen_id: CitizenId, new: PaperSubjectRequest, exchange: CurrentExchange, services: Services
) -> Response:
    """Enter a request on paper."""
    recorded = await services.subject_requests.record(exchange, citizen_id, new)
    return reply(exchange, recorded, status=201, location=f"/v1/subject-requests/{recorded.id}")
