"""Breaches of personal data: opened, assessed, told and closed by data officers, against a clock of 72 hours."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from songcau_gateway.answers import in_pieces, reply, reply_file
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.breach_schemas import (
    Breach,
    BreachEnd,
    BreachFacts,
    BreachFile,
    BreachNotice,
    BreachPage,
    BreachPersonPage,
    BreachWindow,
)
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Vi phạm dữ liệu cá nhân · Breaches", "identity", activity="breach-handling")
BreachId = Annotated[UUID, Path(description="id of the breach")]
_OFFICER = allow("data-officer", scope="breach:manage")
_READING = ("OFFICER_WITHOUT_AGENCY", "BREACH_NOT_FOUND")
_STEP = (*_READING, "BREACH_INVALID", "BREACH_STATE_INVALID")


@routes.add(
    "POST",
    "/v1/breaches",
    _OFFICER,
    title="Mở hồ sơ vụ việc vi phạm",
    summary="Open a breach of personal data; the clock runs from the moment it was detected",
    answer=Breach,
    status=201,
    location="/v1/breaches/{breach_id}",
    reasons=("OFFICER_WITHOUT_AGENCY", "BREACH_INVALID"),
    creates_or_moves=True,
    purpose="required",
    step_up=2,
)
async def open_breach(facts: BreachFacts, exchange: CurrentExchange, services: Services) -> Response:
    """Open a breach."""
    breach = await services.breaches.open(exchange, facts)
    return reply(exchange, breach, status=201, location=f"/v1/breaches/{breach.id}")


@routes.add(
    "GET",
    "/v1/breaches",
    _OFFICER,
    title="Xem sổ vụ việc vi phạm",
    summary="List breaches, the one detected first before the others",
    answer=BreachPage,
    reasons=("OFFICER_WITHOUT_AGENCY", "CURSOR_INVALID"),
    purpose="required",
)
async def list_breaches(page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services) -> Response:
    """Return a page of the register."""
    return reply(exchange, await services.breaches.page(exchange, page))


@routes.add(
    "GET",
    "/v1/breaches/{breach_id}",
    _OFFICER,
    title="Xem một vụ việc vi phạm",
    summary="Get a breach with its texts and steps",
    answer=BreachFile,
    reasons=_READING,
    purpose="required",
)
async def get_breach(breach_id: BreachId, exchange: CurrentExchange, services: Services) -> Response:
    """Return one breach."""
    return reply(exchange, await services.breaches.get(exchange, breach_id))


@routes.add(
    "POST",
    "/v1/breaches/{breach_id}/amend",
    _OFFICER,
    title="Cập nhật vụ việc vi phạm",
    summary="Replace what is known about a breach that is not closed",
    answer=Breach,
    reasons=_STEP,
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def amend_breach(
    breach_id: BreachId, facts: BreachFacts, exchange: CurrentExchange, services: Services
) -> Response:
    """Replace what is known."""
    return reply(exchange, await services.breaches.amend(exchange, breach_id, facts))


@routes.add(
    "POST",
    "/v1/breaches/{breach_id}/assess",
    _OFFICER,
    title="Xác định người bị ảnh hưởng",
    summary="Add everybody whose data an account or an application met in a window of time, at most 92 days",
    answer=Breach,
    reasons=_STEP,
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def assess_breach(
    breach_id: BreachId, window: BreachWindow, exchange: CurrentExchange, services: Services
) -> Response:
    """Find who was touched."""
    return reply(exchange, await services.breaches.assess(exchange, breach_id, window))


@routes.add(
    "POST",
    "/v1/breaches/{breach_id}/record-notice",
    _OFFICER,
    title="Ghi nhận đã thông báo",
    summary="Record that the authority (A05) or the persons were told",
    answer=Breach,
    reasons=_STEP,
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def record_breach_notice(
    breach_id: BreachId, notice: BreachNotice, exchange: CurrentExchange, services: Services
) -> Response:
    """Record a notice."""
    return reply(exchange, await services.breaches.record_notice(exchange, breach_id, notice))


@routes.add(
    "POST",
    "/v1/breaches/{breach_id}/close",
    _OFFICER,
    title="Kết thúc vụ việc vi phạm",
    summary="Close a breach once everybody was told, or dismiss one that turned out to be none",
    answer=Breach,
    reasons=(*_STEP, "BREACH_NOTICE_MISSING"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def close_breach(breach_id: BreachId, end: BreachEnd, exchange: CurrentExchange, services: Services) -> Response:
    """Close a breach."""
    return reply(exchange, await services.breaches.close(exchange, breach_id, end))


@routes.add(
    "GET",
    "/v1/breaches/{breach_id}/persons",
    _OFFICER,
    title="Xem người bị ảnh hưởng",
    summary="List who was touched, by internal id; each of them sees it in their access list",
    answer=BreachPersonPage,
    reasons=(*_READING, "CURSOR_INVALID"),
    purpose="required",
    step_up=2,
)
async def list_breach_persons(
    breach_id: BreachId, page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of who was touched."""
    return reply(exchange, await services.breaches.persons(exchange, breach_id, page))


@routes.add(
    "GET",
    "/v1/breaches/{breach_id}/form",
    _OFFICER,
    title="Tải thông báo vi phạm (mẫu số 08)",
    summary="Get the notice to the authority as PDF/A, filled with what is known now",
    reasons=_READING,
    purpose="required",
    step_up=2,
    produces=("application/pdf",),
)
async def get_breach_form(breach_id: BreachId, exchange: CurrentExchange, services: Services) -> Response:
    """Stream the notice."""
    pdf = await services.breaches.form(exchange, breach_id)
    return reply_file(in_pieces(pdf), media_type="application/pdf", name=f"thong-bao-vi-pham-{breach_id}.pdf")
