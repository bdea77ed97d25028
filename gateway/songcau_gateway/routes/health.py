"""Faces for operators: alive, ready, measurements."""

import asyncio
from typing import Literal

from fastapi import Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from songcau_kit.processing import NO_PERSONAL_DATA
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import Answer

routes = Routes("Vận hành · Operations", activity=NO_PERSONAL_DATA)
measure_routes = Routes("Vận hành · Operations", activity=NO_PERSONAL_DATA)


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Answer):
    """Whether the gateway takes requests, and which services answer it."""

    status: Literal["ready", "draining", "cut off", "catching up"]
    services: dict[str, bool] = Field(
        examples=[{"identity": True, "eservices": True, "telehealth": True, "audit": True}]
    )


@routes.add(
    "GET", "/healthz", PUBLIC, title="Tiến trình còn sống", summary="Say that the process answers", answer=Alive
)
async def show_alive(exchange: CurrentExchange) -> Response:
    """Return that the process answers."""
    return reply(exchange, Alive())


@routes.add(
    "GET",
    "/readyz",
    PUBLIC,
    title="Sẵn sàng nhận yêu cầu",
    summary="Say whether to send requests here: not while draining or catching up, not without a service",
    answer=Ready,
    unready=Ready,
)
async def show_ready(request: Request, exchange: CurrentExchange, services: Services) -> Response:
    """Return 200 when requests are welcome, else 503."""
    channels = services.channels
    answers = await asyncio.gather(*(channel.check() for channel in channels.values()))
    found = dict(zip(channels, answers, strict=True))
    if request.app.state.draining:
        return reply(exchange, Ready(status="draining", services=found), status=503)
    if not request.app.state.ended.is_complete:
        return reply(exchange, Ready(status="catching up", services=found), status=503)
    if not any(found.values()):
        return reply(exchange, Ready(status="cut off", services=found), status=503)
    return reply(exchange, Ready(status="ready", services=found))


@measure_routes.add(
    "GET",
    "/metrics",
    PUBLIC,
    title="Số đo",
    summary="Measurements in the text form of Prometheus",
    produces=("text/plain",),
)
async def show_metrics() -> Response:
    """Return the measurements of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
