"""The gateway's own rooms around an echo: edge, gates, token, rates, log line, measurement; no service behind it."""

import sys

import uvicorn
from fastapi import FastAPI, Request
from songcau_gateway.answers import reply
from songcau_gateway.app import Gateway
from songcau_gateway.auth import allow
from songcau_gateway.edge import Edge
from songcau_gateway.ended_sessions import EndedSessions
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.messages import Messages
from songcau_gateway.operations import Routes
from songcau_gateway.problem_handlers import install_handlers
from songcau_gateway.problems import Problems
from songcau_gateway.rates import RateLimiter
from songcau_gateway.routes.dossier_schemas import NewDossier
from songcau_gateway.routing import Gatehouse, Refused, install
from songcau_gateway.serving import http_config
from songcau_gateway.settings import Settings
from songcau_kit.clock import SystemClock
from songcau_kit.logs import configure_logs
from songcau_kit.tokens import TokenVerifier
from starlette.responses import Response

routes = Routes("Echo", "eservices", activity="dossier-processing")


@routes.add(
    "POST",
    "/v1/echo",
    allow("citizen", scope="dossier:write"),
    title="Echo",
    summary="Answer with the body",
    answer=NewDossier,
    creates_or_moves=True,
    purpose="optional",
)
async def echo(body: NewDossier, exchange: CurrentExchange) -> Response:
    """Answer with the body."""
    return reply(exchange, body)


async def refuse_nobody(_: Request, refused: Refused) -> None:
    """Stand for the services that enter refusals; a measurement that is refused has failed."""
    raise AssertionError(refused)


def create_app(settings: Settings) -> FastAPI:
    """Return the application, composed as the gateway is."""
    clock = SystemClock()
    verifier = TokenVerifier(
        issuer=settings.token_issuer, audience=settings.token_audience, jwks_url=settings.jwks_url, clock=clock
    )
    app = Gateway(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    install(
        app, routes, Gatehouse(settings, verifier, RateLimiter(settings), EndedSessions(clock), refuse_nobody, clock)
    )
    problems = Problems(Messages())
    install_handlers(app, problems)
    app.add_middleware(Edge, settings=settings, problems=problems, clock=clock)
    return app


def main() -> None:
    """Serve on a port of loopback: `python -m load.echo_gateway PORT`; everything else comes from the environment."""
    settings = Settings(address=f"127.0.0.1:{sys.argv[1]}")
    configure_logs("gateway", settings.log_format, settings.log_level)
    uvicorn.Server(http_config(create_app(settings), settings)).run()


if __name__ == "__main__":
    main()
