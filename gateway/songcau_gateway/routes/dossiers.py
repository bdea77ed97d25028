"""Dossiers: open, read, edit, and what comes with them."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from starlette.responses import Response

from songcau_gateway.answers import in_pieces, reply, reply_file, reply_unless_known
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.fresh import fresh_on_conflict
from songcau_gateway.operations import Routes
from songcau_gateway.routes.dossier_answers import Checklist, Dossier, DossierPage, HistoryPage
from songcau_gateway.routes.dossier_schemas import DossierEdit, DossierQuery, NewDossier
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Hồ sơ · Dossiers", "eservices", activity="dossier-processing")
DossierId = Annotated[UUID, Path(description="id of the dossier")]
READERS = allow("citizen", "officer", "leader", scope="dossier:read", on_behalf=True)
CITIZEN = allow("citizen", scope="dossier:write", on_behalf=True)
ASSISTED = replace(CITIZEN, assisted=True)


@routes.add(
    "POST",
    "/v1/dossiers",
    ASSISTED,
    title="Tạo hồ sơ nháp",
    summary="Open a draft for the signed-in citizen",
    answer=Dossier,
    status=201,
    location="/v1/dossiers/{dossier_id}",
    reasons=(
        "PROCEDURE_NOT_FOUND",
        "PROCEDURE_NOT_VALID",
        "PROCEDURE_NOT_DETAILED",
        "SUB_CASE_NOT_FOUND",
        "AGENCY_NOT_FOUND",
        "AGENCY_CANNOT_RECEIVE",
        "CHANNEL_NOT_OFFERED",
        "ANSWERS_INVALID",
        "CITIZEN_NOT_LINKED",
        "CITIZEN_BLOCKED",
        "CITIZEN_DECEASED",
        "PROCEDURE_NOT_FOR_HEIRS",
        "IDENTITY_LEVEL_TOO_LOW",
    ),
    creates_or_moves=True,
)
async def create_dossier(new: NewDossier, exchange: CurrentExchange, services: Services) -> Response:
    """Open a draft."""
    dossier = await services.dossiers.create(exchange, new)
    return reply(exchange, dossier, status=201, location=f"/v1/dossiers/{dossier.id}")


@routes.add(
    "GET",
    "/v1/dossiers",
    READERS,
    title="Danh sách hồ sơ",
    summary="List the citizen's own dossiers, or the queue of the officer's agencies; newest first",
    answer=DossierPage,
    reasons=("CURSOR_INVALID", "INVALID_REQUEST"),
    purpose="optional",
)
async def list_dossiers(
    query: Annotated[DossierQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of dossiers."""
    return reply(exchange, await services.dossiers.page(exchange, query))


@routes.add(
    "GET",
    "/v1/dossiers/{dossier_id}",
    READERS,
    title="Xem một hồ sơ",
    summary="Get one dossier: its state, deadline with each step of the computation, papers, fee, next actions",
    answer=Dossier,
    reasons=("DOSSIER_NOT_FOUND",),
    purpose="required",
)
async def get_dossier(
    dossier_id: DossierId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one dossier."""
    return reply_unless_known(request, await services.dossiers.get(exchange, dossier_id))


@routes.add(
    "PATCH",
    "/v1/dossiers/{dossier_id}",
    ASSISTED,
    title="Sửa hồ sơ",
    summary="Replace the answers of a draft, or of a dossier that must be supplemented",
    answer=Dossier,
    reasons=("DOSSIER_NOT_FOUND", "DOSSIER_STATE_CONFLICT", "ANSWERS_INVALID"),
    creates_or_moves=True,
    versioned="required",
)
async def update_dossier(
    dossier_id: DossierId, edit: DossierEdit, exchange: CurrentExchange, services: Services
) -> Response:
    """Replace the answers."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.update(exchange, dossier_id, edit))


@routes.add(
    "GET",
    "/v1/dossiers/{dossier_id}/checklist",
    READERS,
    title="Kiểm tra thành phần hồ sơ",
    summary="Say which papers the answers make necessary, and which of them are there",
    answer=Checklist,
    reasons=("DOSSIER_NOT_FOUND",),
    purpose="required",
)
async def get_checklist(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Return the checklist."""
    return reply(exchange, await services.dossiers.checklist(exchange, dossier_id))


@routes.add(
    "GET",
    "/v1/dossiers/{dossier_id}/history",
    READERS,
    title="Lịch sử xử lý hồ sơ",
    summary="List every step of one dossier, oldest first",
    answer=HistoryPage,
    reasons=("DOSSIER_NOT_FOUND", "CURSOR_INVALID"),
    purpose="required",
)
async def list_dossier_history(
    dossier_id: DossierId, page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of steps."""
    return reply(exchange, await services.dossiers.history(exchange, dossier_id, page))


@routes.add(
    "GET",
    "/v1/dossiers/{dossier_id}/receipt",
    READERS,
    title="Tải giấy tiếp nhận và hẹn trả kết quả",
    summary="Get the signed receipt and appointment slip (form 01) as PDF/A",
    reasons=("DOSSIER_NOT_FOUND", "RECEIPT_NOT_FOUND"),
    purpose="required",
    produces=("application/pdf",),
)
async def get_receipt(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Stream the receipt."""
    pdf, name = await services.dossiers.receipt(exchange, dossier_id)
    return reply_file(in_pieces(pdf), media_type="application/pdf", name=name, inline=True)


@routes.add(
    "GET",
    "/v1/dossiers/{dossier_id}/result",
    READERS,
    title="Tải kết quả giải quyết",
    summary="Get the signed result as PDF/A",
    reasons=("DOSSIER_NOT_FOUND", "RESULT_NOT_FOUND"),
    purpose="required",
    produces=("application/pdf",),
)
async def get_result_file(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Stream the result."""
    pdf, name = await services.results.file(exchange, dossier_id)
    return reply_file(in_pieces(pdf), media_type="application/pdf", name=name, inline=True)
