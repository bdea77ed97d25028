"""The papers citizens have or had beside their personal number: recorded and withdrawn by officers, shown masked."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.citizens import CitizenId
from songcau_gateway.routes.paper_schemas import HeldPapers, NewPaper, PaperHolder, PaperWithdrawal

routes = Routes("Giấy tờ · Papers", "identity", activity="paper-recording")
PaperId = Annotated[UUID, Path(description="id of the paper")]
_ACT = ("CITIZEN_NOT_FOUND", "OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "EVIDENCE_INVALID", "CITIZEN_MERGED")


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/papers",
    allow("officer", "data-officer", scope="identity:lookup"),
    title="Ghi nhận giấy tờ công dân xuất trình",
    summary="Record a paper the citizen showed; If-Match names the citizen's version",
    answer=PaperHolder,
    status=201,
    reasons=(*_ACT, "PAPER_INVALID", "PAPER_TAKEN", "PERSON_REQUIRED", "NOTHING_TO_CHANGE", "CITIZEN_NOT_ACTIVE"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def record_paper(citizen_id: CitizenId, new: NewPaper, exchange: CurrentExchange, services: Services) -> Response:
    """Record a paper."""
    return reply(exchange, await services.papers.record(exchange, citizen_id, new), status=201)


@routes.add(
    "GET",
    "/v1/citizens/{citizen_id}/papers",
    allow("officer", "data-officer", scope="identity:lookup"),
    title="Xem giấy tờ của công dân",
    summary="List every paper a citizen has or had, masked, those of merged records among them",
    answer=HeldPapers,
    reasons=("OFFICER_WITHOUT_AGENCY", "CITIZEN_NOT_FOUND"),
    purpose="required",
)
async def list_papers(citizen_id: CitizenId, exchange: CurrentExchange, services: Services) -> Response:
    """List a citizen's papers."""
    return reply(exchange, await services.papers.of_citizen(exchange, citizen_id))


@routes.add(
    "POST",
    "/v1/papers/{paper_id}/withdraw",
    allow("data-officer", scope="identity:lookup"),
    title="Hủy ghi nhận giấy tờ",
    summary="Let a paper count no more; the history keeps it. If-Match names the citizen's version",
    answer=PaperHolder,
    reasons=(*_ACT, "PAPER_INVALID", "PAPER_NOT_FOUND", "PAPER_ALREADY_WITHDRAWN"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def withdraw_paper(
    paper_id: PaperId, act: PaperWithdrawal, exchange: CurrentExchange, services: Services
) -> Response:
    """Withdraw a paper."""
    return reply(exchange, await services.papers.withdraw(exchange, paper_id, act))


@routes.add(
    "GET",
    "/v1/me/papers",
    allow("citizen", scope="identity:read"),
    activity="citizen-identification",
    title="Xem giấy tờ của tôi",
    summary="List every paper the signed-in citizen has or had, who told it and what became of it",
    answer=HeldPapers,
    reasons=("CITIZEN_NOT_FOUND",),
)
async def list_own_papers(exchange: CurrentExchange, services: Services) -> Response:
    """List the caller's papers."""
    return reply(exchange, await services.papers.own(exchange))
