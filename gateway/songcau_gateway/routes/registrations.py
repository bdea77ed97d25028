"""People whom officers enter on papers: newborns until their number is issued, foreigners without e-identity."""

from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.citizens import CitizenId
from songcau_gateway.routes.registration_schemas import (
    Newborn,
    NewbornVoiding,
    NewForeigner,
    NewNewborn,
    NumberedNewborn,
    NumberIssue,
    OwnNewborns,
    RegisteredForeigner,
)

routes = Routes("Trẻ sơ sinh, người nước ngoài · Newborns, foreigners", "identity", activity="citizen-registration")
_ENTRY = ("OFFICER_WITHOUT_AGENCY", "EVIDENCE_INVALID")
_ACT = (*_ENTRY, "CITIZEN_NOT_FOUND", "OWN_RECORD", "CITIZEN_MERGED")
_CHILD = (*_ACT, "NEWBORN_NOT_FOUND", "NEWBORN_NOT_TEMPORARY")


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/newborns",
    allow("officer", "station-officer", "data-officer", scope="identity:lookup"),
    title="Ghi nhận trẻ sơ sinh chưa có số định danh",
    summary="Enter a child of this mother under a temporary key; If-Match names the mother's version",
    answer=Newborn,
    status=201,
    reasons=(*_ACT, "NEWBORN_INVALID", "NEWBORN_REGISTERED", "PERSON_REQUIRED", "CITIZEN_NOT_ACTIVE"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def register_newborn(
    citizen_id: CitizenId, new: NewNewborn, exchange: CurrentExchange, services: Services
) -> Response:
    """Enter a child."""
    return reply(exchange, await services.registrations.register_newborn(exchange, citizen_id, new), status=201)


@routes.add(
    "POST",
    "/v1/newborns/{citizen_id}/issue-number",
    allow("officer", "data-officer", scope="identity:lookup"),
    rpc="IssuePersonalNumber",
    title="Ghi nhận số định danh cấp cho trẻ",
    summary="Enter the personal number issued to a child; the id stays. If-Match names the child's version",
    answer=NumberedNewborn,
    reasons=(*_CHILD, "IDENTIFIER_INVALID", "NEWBORN_NUMBER_TAKEN"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def issue_number(
    citizen_id: CitizenId, issue: NumberIssue, exchange: CurrentExchange, services: Services
) -> Response:
    """Enter a child's number."""
    return reply(exchange, await services.registrations.issue_number(exchange, citizen_id, issue))


@routes.add(
    "POST",
    "/v1/newborns/{citizen_id}/void",
    allow("data-officer", scope="identity:lookup"),
    title="Hủy ghi nhận trẻ sơ sinh",
    summary="Let the entry of a child count no more; If-Match names the child's version",
    answer=Newborn,
    reasons=(*_CHILD, "NEWBORN_INVALID", "CITIZEN_NOT_ACTIVE"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def void_newborn(
    citizen_id: CitizenId, voiding: NewbornVoiding, exchange: CurrentExchange, services: Services
) -> Response:
    """Void a child's entry."""
    return reply(exchange, await services.registrations.void_newborn(exchange, citizen_id, voiding))


@routes.add(
    "GET",
    "/v1/me/newborns",
    allow("citizen", scope="identity:read"),
    activity="citizen-identification",
    title="Xem các con mới sinh của tôi",
    summary="List the signed-in citizen's children who were entered as newborns and have no electronic identity yet",
    answer=OwnNewborns,
    reasons=("CITIZEN_NOT_FOUND",),
)
async def list_own_newborns(exchange: CurrentExchange, services: Services) -> Response:
    """List the caller's children."""
    return reply(exchange, await services.registrations.own_newborns(exchange))


@routes.add(
    "POST",
    "/v1/foreigners",
    allow("officer", "data-officer", scope="identity:lookup"),
    title="Ghi nhận người nước ngoài chưa có tài khoản định danh",
    summary="Enter a foreigner who shows a passport and has no electronic identity: a citizen of level 0",
    answer=RegisteredForeigner,
    status=201,
    reasons=(*_ENTRY, "FOREIGNER_INVALID", "PAPER_INVALID", "PAPER_TAKEN"),
    creates_or_moves=True,
    purpose="required",
    step_up=2,
)
async def register_foreigner(new: NewForeigner, exchange: CurrentExchange, services: Services) -> Response:
    """Enter a foreigner."""
    return reply(exchange, await services.registrations.register_foreigner(exchange, new), status=201)
