"""Composition root of the gateway: settings → verifier, limiter, clients, routes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI, Request
from songcau_kit.clock import Clock, SystemClock
from songcau_kit.logout_tokens import LogoutTokenVerifier
from songcau_kit.tls import open_tls
from songcau_kit.tokens import TokenVerifier
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from songcau_gateway.account_issuer import open_accounts
from songcau_gateway.auth import Verifier
from songcau_gateway.catch_up import catch_up
from songcau_gateway.clients.registry import Clients, clients_of
from songcau_gateway.edge import Edge
from songcau_gateway.ended_sessions import EndedSessions
from songcau_gateway.exchange import exchange_of
from songcau_gateway.messages import Messages
from songcau_gateway.peers import Peers
from songcau_gateway.problem_handlers import install_handlers
from songcau_gateway.problems import Problems
from songcau_gateway.rates import RateLimiter
from songcau_gateway.routes import (
    access_complaints,
    accesses,
    accounts,
    addresses,
    anomalies,
    assistance,
    attachments,
    audit_log,
    breaches,
    citizen_records,
    citizens,
    consents,
    consultation_consents,
    consultation_steps,
    consultations,
    documents,
    dossier_moves,
    dossiers,
    facilities,
    health,
    organisation_members,
    organisations,
    paper_subject_requests,
    papers,
    payments,
    procedures,
    processing_activities,
    registrations,
    representations,
    results,
    sessions,
    subject_requests,
    summaries,
    units,
)
from songcau_gateway.routing import Gatehouse, Refused, check_every_route, install
from songcau_gateway.settings import Settings, split_list

NOUNS = (
    citizens,
    citizen_records,
    accesses,
    access_complaints,
    anomalies,
    paper_subject_requests,
    subject_requests,
    papers,
    addresses,
    consents,
    registrations,
    audit_log,
    breaches,
    accounts,
    processing_activities,
    organisation_members,
    organisations,
    representations,
    assistance,
    procedures,
    units,
    dossiers,
    dossier_moves,
    attachments,
    payments,
    results,
    facilities,
    consultations,
    consultation_consents,
    consultation_steps,
    summaries,
    sessions,
    health,
)
EXPOSED = (
    "ETag",
    "Location",
    "Idempotent-Replayed",
    "X-Request-Id",
    "Traceparent",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Content-Disposition",
    "WWW-Authenticate",
)


class Gateway(FastAPI):
    """FastAPI without what the edge and the gates do themselves: errors of the server, limits of bodies, telemetry."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await Starlette.__call__(self, scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Return the rooms a request passes before its route, the last added outermost."""
        handlers = cast(Mapping[Any, ExceptionHandler], self.exception_handlers)
        app: ASGIApp = ExceptionMiddleware(self.router, handlers=handlers)
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app


def create_app(settings: Settings, *, clock: Clock | None = None, verifier: Verifier | None = None) -> FastAPI:
    """Build the application; connections are opened when it starts."""
    clock = clock or SystemClock()
    verifier = verifier or TokenVerifier(
        issuer=settings.token_issuer, audience=settings.token_audience, jwks_url=settings.jwks_url, clock=clock
    )
    tls = open_tls(settings, "gateway")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.clients = Clients.connect(settings, tls)
        # Beside the first requests, since ends that are passed on meanwhile must find an open door.
        learning = asyncio.create_task(catch_up(app.state.peers, app.state.logout_verifier, app.state.ended))
        yield
        learning.cancel()
        await app.state.clients.close()

    app = Gateway(
        title="Sông Cầu",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.settings, app.state.draining = settings, False
    app.state.accounts = open_accounts(settings, clock)
    _hear_of_ends(app, settings, clock)
    gatehouse = Gatehouse(settings, verifier, RateLimiter(settings), app.state.ended, _record_refusal, clock)
    for noun in NOUNS:
        install(app, noun.routes, gatehouse)
    if settings.metrics_enabled:
        install(app, health.measure_routes, gatehouse)
    if settings.docs_enabled:
        install(app, documents.routes, gatehouse)
    check_every_route(app)
    _add_edges(app, settings, clock)
    return app


def _add_edges(app: FastAPI, settings: Settings, clock: Clock) -> None:
    problems = Problems(Messages())
    install_handlers(app, problems)
    _add_cors(app, settings)
    app.add_middleware(Edge, settings=settings, problems=problems, clock=clock)


async def _record_refusal(request: Request, refused: Refused) -> None:
    clients = await clients_of(request)
    await clients.refusals.record(exchange_of(request), refused)


def _hear_of_ends(app: FastAPI, settings: Settings, clock: Clock) -> None:
    """Give the application its memory of ended sessions and what fills it."""
    peers = split_list(settings.peers)
    app.state.ended = EndedSessions(clock, is_complete=not peers)
    app.state.peers = Peers(peers)
    app.state.logout_verifier = LogoutTokenVerifier(
        issuer=settings.token_issuer,
        clients=frozenset(split_list(settings.logout_clients)),
        jwks_url=settings.jwks_url,
        clock=clock,
    )


def _add_cors(app: FastAPI, settings: Settings) -> None:
    origins = split_list(settings.cors_origins)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "If-None-Match",
                "X-Access-Purpose",
                "X-On-Behalf-Of",
                "X-Request-Id",
                "Traceparent",
            ],
            expose_headers=list(EXPOSED),
            max_age=600,
        )
