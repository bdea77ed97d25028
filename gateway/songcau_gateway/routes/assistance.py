"""Assisted sessions: somebody helps, the citizen approves the session and confirms each act with the own factor."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import HELPERS, allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.assistance_schemas import (
    AssistedAct,
    AssistedSession,
    AssistedSessionPage,
    NewAssistedAct,
    NewAssistedSession,
)
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Phiên hỗ trợ · Assisted sessions", "identity", activity="assistance")
SessionId = Annotated[UUID, Path(description="id of the session")]
ActId = Annotated[UUID, Path(description="id of the act")]
_CITIZEN = allow("citizen", scope="assistance:act")
_EITHER = allow("citizen", *sorted(HELPERS.roles), scope="assistance:act")
_STATE = ("ASSISTED_SESSION_NOT_FOUND", "ASSISTED_SESSION_NOT_OPEN")
_ANSWER = (*_STATE, "ASSISTED_ACT_NOT_FOUND", "ASSISTED_ACT_STATE_CONFLICT")


@routes.add(
    "POST",
    "/v1/assisted-sessions",
    HELPERS,
    title="Bắt đầu phiên hỗ trợ công dân",
    summary="Ask a citizen, by the number they tell, to be helped with one matter; the same answer if nobody has it",
    answer=AssistedSession,
    status=201,
    location="/v1/assisted-sessions/{session_id}",
    reasons=("ASSISTANCE_INVALID", "OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "LOOK_UP_LIMIT_REACHED"),
    creates_or_moves=True,
)
async def start_assisted_session(new: NewAssistedSession, exchange: CurrentExchange, services: Services) -> Response:
    """Ask a citizen."""
    made = await services.assistance.start(exchange, new)
    return reply(exchange, made, status=201, location=f"/v1/assisted-sessions/{made.id}")


@routes.add(
    "GET",
    "/v1/assisted-sessions/{session_id}",
    _EITHER,
    title="Xem phiên hỗ trợ",
    summary="Get a session with its acts: the helper's own, or one of the citizen's",
    answer=AssistedSession,
    reasons=("ASSISTED_SESSION_NOT_FOUND",),
)
async def get_assisted_session(session_id: SessionId, exchange: CurrentExchange, services: Services) -> Response:
    """Return a session."""
    return reply(exchange, await services.assistance.get(exchange, session_id))


@routes.add(
    "POST",
    "/v1/assisted-sessions/{session_id}/end",
    _EITHER,
    title="Kết thúc hoặc từ chối phiên hỗ trợ",
    summary="End a session at once by either side; before it is open, the citizen's end is the no",
    answer=AssistedSession,
    reasons=_STATE,
    creates_or_moves=True,
)
async def end_assisted_session(session_id: SessionId, exchange: CurrentExchange, services: Services) -> Response:
    """End a session."""
    return reply(exchange, await services.assistance.end(exchange, session_id))


@routes.add(
    "POST",
    "/v1/assisted-sessions/{session_id}/acts",
    HELPERS,
    title="Đề nghị công dân xác nhận một việc",
    summary="Put one act before the citizen: exactly the request that is made afterwards with X-Assisted-Act",
    answer=AssistedAct,
    status=201,
    reasons=(*_STATE, "ASSISTANCE_INVALID", "ASSISTED_OPERATION_NOT_ALLOWED", "ASSISTED_ACT_PENDING"),
    creates_or_moves=True,
)
async def propose_assisted_act(
    session_id: SessionId, new: NewAssistedAct, exchange: CurrentExchange, services: Services
) -> Response:
    """Put an act before the citizen."""
    return reply(exchange, await services.assistance.propose(exchange, session_id, new), status=201)


@routes.add(
    "GET",
    "/v1/me/assisted-sessions",
    _CITIZEN,
    title="Xem các phiên hỗ trợ tôi",
    summary="List who helped or asks to help the signed-in citizen, with what each act says, newest first",
    answer=AssistedSessionPage,
    reasons=("CITIZEN_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_assisted_sessions(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of the citizen's."""
    return reply(exchange, await services.assistance.own(exchange, page))


@routes.add(
    "POST",
    "/v1/me/assisted-sessions/{session_id}/approve",
    _CITIZEN,
    title="Đồng ý phiên hỗ trợ",
    summary="Agree to be helped; the same as a yes in the electronic identity app",
    answer=AssistedSession,
    reasons=(*_STATE, "ASSISTED_SESSION_EXISTS"),
    creates_or_moves=True,
    step_up=1,
)
async def approve_assisted_session(session_id: SessionId, exchange: CurrentExchange, services: Services) -> Response:
    """Agree to a session."""
    return reply(exchange, await services.assistance.approve(exchange, session_id))


@routes.add(
    "POST",
    "/v1/me/assisted-sessions/{session_id}/acts/{act_id}/confirm",
    _CITIZEN,
    title="Xác nhận một việc",
    summary="Agree that exactly this act is carried out, once, while the session lasts",
    answer=AssistedAct,
    reasons=_ANSWER,
    creates_or_moves=True,
    step_up=1,
)
async def confirm_assisted_act(
    session_id: SessionId, act_id: ActId, exchange: CurrentExchange, services: Services
) -> Response:
    """Agree to an act."""
    return reply(exchange, await services.assistance.confirm(exchange, session_id, act_id))


@routes.add(
    "POST",
    "/v1/me/assisted-sessions/{session_id}/acts/{act_id}/decline",
    _CITIZEN,
    title="Từ chối một việc",
    summary="Do not agree to an act; the helper may propose another",
    answer=AssistedAct,
    reasons=_ANSWER,
    creates_or_moves=True,
)
async def decline_assisted_act(
    session_id: SessionId, act_id: ActId, exchange: CurrentExchange, services: Services
) -> Response:
    """Do not agree to an act."""
    return reply(exchange, await services.assistance.decline(exchange, session_id, act_id))
