"""Look-ups that need an explanation: listed, asked about and decided by data officers, explained by the officer."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from starlette.responses import Response

from songcau_gateway.answers import in_pieces, reply, reply_file, reply_unless_known
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.anomaly_schemas import (
    Anomaly,
    AnomalyDecision,
    AnomalyDetails,
    AnomalyExplanation,
    AnomalyPage,
    AnomalyQuery,
    AnomalyQuestion,
    NewWatchedCitizen,
    OwnAnomalyDetails,
    WatchedCitizen,
    WatchedCitizenPage,
)
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Tra cứu cần giải trình · Anomalies", "identity", activity="look-up-supervision")
AnomalyId = Annotated[UUID, Path(description="id of the anomaly")]
WatchId = Annotated[UUID, Path(description="id of the place on the list of watched citizens")]
Month = Annotated[str, Path(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="YYYY-MM", examples=["2026-11"])]
_DATA_OFFICER = allow("data-officer", scope="breach:manage")
_OFFICER = allow("officer", "leader", "station-officer", "data-officer", scope="identity:lookup")
_ONE = ("OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "OWN_ACT", "ANOMALY_NOT_FOUND")
_STEP = (*_ONE, "ANOMALY_INVALID", "ANOMALY_STATE_INVALID")


@routes.add(
    "GET",
    "/v1/anomalies",
    _DATA_OFFICER,
    title="Danh sách tra cứu cần giải trình",
    summary="List look-ups of officers that need an explanation, the newest day first; never those about the reader",
    answer=AnomalyPage,
    reasons=("OFFICER_WITHOUT_AGENCY", "CURSOR_INVALID"),
    purpose="required",
)
async def list_anomalies(
    query: Annotated[AnomalyQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List anomalies."""
    return reply(exchange, await services.anomalies.list(exchange, query))


@routes.add(
    "GET",
    "/v1/anomalies/{anomaly_id}",
    _DATA_OFFICER,
    title="Xem một dấu hiệu bất thường",
    summary="Get one anomaly with its entries in plain words, what was asked and answered, and complaints about it",
    answer=AnomalyDetails,
    reasons=_ONE,
    purpose="required",
)
async def get_anomaly(
    anomaly_id: AnomalyId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one anomaly."""
    return reply_unless_known(request, await services.anomalies.get(exchange, anomaly_id))


@routes.add(
    "POST",
    "/v1/anomalies/{anomaly_id}/ask",
    _DATA_OFFICER,
    title="Yêu cầu cán bộ giải trình",
    summary="Ask the officer for an explanation, once",
    answer=Anomaly,
    reasons=_STEP,
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def ask_about_anomaly(
    anomaly_id: AnomalyId, asked: AnomalyQuestion, exchange: CurrentExchange, services: Services
) -> Response:
    """Ask the officer."""
    return reply(exchange, await services.anomalies.ask(exchange, anomaly_id, asked))


@routes.add(
    "POST",
    "/v1/anomalies/{anomaly_id}/decide",
    _DATA_OFFICER,
    title="Kết luận một dấu hiệu bất thường",
    summary="End an anomaly: explained, dismissed, or escalated to a breach, to which everybody met is added",
    answer=Anomaly,
    reasons=(*_STEP, "BREACH_NOT_FOUND", "BREACH_STATE_INVALID"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def decide_anomaly(
    anomaly_id: AnomalyId, decision: AnomalyDecision, exchange: CurrentExchange, services: Services
) -> Response:
    """End an anomaly."""
    return reply(exchange, await services.anomalies.decide(exchange, anomaly_id, decision))


@routes.add(
    "GET",
    "/v1/anomaly-reports/{month}",
    _DATA_OFFICER,
    title="Tải báo cáo tháng về tra cứu bất thường",
    summary="Get the report of a month as PDF/A: numbers by kind, day and agency; no officer and no citizen is named",
    reasons=("OFFICER_WITHOUT_AGENCY", "ANOMALY_INVALID"),
    purpose="required",
    step_up=2,
    produces=("application/pdf",),
)
async def get_anomaly_report(month: Month, exchange: CurrentExchange, services: Services) -> Response:
    """Stream the report."""
    pdf = await services.anomalies.report(exchange, month)
    return reply_file(in_pieces(pdf), media_type="application/pdf", name=f"tra-cuu-bat-thuong-{month}.pdf")


@routes.add(
    "GET",
    "/v1/me/anomalies",
    _OFFICER,
    title="Xem các yêu cầu giải trình gửi cho tôi",
    summary="List what the signed-in officer was asked about, the newest day first",
    answer=AnomalyPage,
    reasons=("CURSOR_INVALID",),
)
async def list_own_anomalies(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List what the caller was asked about."""
    return reply(exchange, await services.anomalies.list_own(exchange, page))


@routes.add(
    "GET",
    "/v1/me/anomalies/{anomaly_id}",
    _OFFICER,
    title="Xem một yêu cầu giải trình",
    summary="Get one of them with the question and the entries in plain words",
    answer=OwnAnomalyDetails,
    reasons=("ANOMALY_NOT_FOUND",),
)
async def get_own_anomaly(
    anomaly_id: AnomalyId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one of them."""
    return reply_unless_known(request, await services.anomalies.get_own(exchange, anomaly_id))


@routes.add(
    "POST",
    "/v1/me/anomalies/{anomaly_id}/explain",
    _OFFICER,
    title="Giải trình",
    summary="Answer the question, once",
    answer=Anomaly,
    reasons=("ANOMALY_NOT_FOUND", "ANOMALY_INVALID", "ANOMALY_STATE_INVALID"),
    creates_or_moves=True,
    versioned="required",
    step_up=2,
)
async def explain_anomaly(
    anomaly_id: AnomalyId, given: AnomalyExplanation, exchange: CurrentExchange, services: Services
) -> Response:
    """Answer the question."""
    return reply(exchange, await services.anomalies.explain(exchange, anomaly_id, given))


@routes.add(
    "GET",
    "/v1/watched-citizens",
    _DATA_OFFICER,
    title="Xem danh sách người được theo dõi tra cứu",
    summary="List the citizens whose look-ups without a case are always told, with the reason",
    answer=WatchedCitizenPage,
    reasons=("OFFICER_WITHOUT_AGENCY", "CURSOR_INVALID"),
    purpose="required",
)
async def list_watched_citizens(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List watched citizens."""
    return reply(exchange, await services.anomalies.list_watched(exchange, page))


@routes.add(
    "POST",
    "/v1/watched-citizens",
    _DATA_OFFICER,
    title="Đưa một người vào danh sách theo dõi tra cứu",
    summary="Put a citizen on the list; the reason is kept sealed, the citizen sees it on their access list",
    answer=WatchedCitizen,
    status=201,
    reasons=("OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "CITIZEN_NOT_FOUND", "CITIZEN_WATCHED", "ANOMALY_INVALID"),
    creates_or_moves=True,
    purpose="required",
    step_up=2,
)
async def watch_citizen(new: NewWatchedCitizen, exchange: CurrentExchange, services: Services) -> Response:
    """Put a citizen on the list."""
    return reply(exchange, await services.anomalies.watch(exchange, new), status=201)


@routes.add(
    "POST",
    "/v1/watched-citizens/{watch_id}/end",
    _DATA_OFFICER,
    title="Đưa một người ra khỏi danh sách theo dõi tra cứu",
    summary="Take a citizen off the list; another data officer does than who put them there",
    answer=WatchedCitizen,
    reasons=("OFFICER_WITHOUT_AGENCY", "OWN_ACT", "OWN_RECORD", "WATCH_NOT_FOUND"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def unwatch_citizen(watch_id: WatchId, exchange: CurrentExchange, services: Services) -> Response:
    """Take a citizen off it."""
    return reply(exchange, await services.anomalies.unwatch(exchange, watch_id))
