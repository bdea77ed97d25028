"""The end of a session, told by the token issuer or by a peer: nobody with that session's tokens is let in any more."""

import asyncio
from urllib.parse import parse_qs

from fastapi import Request
from songcau_kit.errors import TOKEN_INVALID, DomainError
from starlette.responses import PlainTextResponse, Response

from songcau_gateway import catch_up
from songcau_gateway.auth import PUBLIC
from songcau_gateway.errors import ROUTE_NOT_FOUND
from songcau_gateway.operations import Routes
from songcau_gateway.peers import PASSED_ON

PATH = "/backchannel-logout"
FORM = "application/x-www-form-urlencoded"
routes = Routes("Vận hành · Operations", activity="account-administration")


@routes.add(
    "POST",
    PATH,
    PUBLIC,
    title="Nhận thông báo kết thúc phiên",
    summary="Take the issuer's signed logout token (OpenID Connect Back-Channel Logout 1.0), which is its own proof",
    media_types=(FORM,),
    raw_body=True,
    body_limit=16_384,
    page=True,
)
async def end_session(request: Request) -> Response:
    """Forget a session here and tell the other processes; a token that is not the issuer's changes nothing."""
    body = await request.body()
    given = parse_qs(body.decode("ascii", "replace")).get("logout_token", [])
    if len(given) != 1:
        raise DomainError(TOKEN_INVALID)
    # The first token after a rotation of keys asks the issuer, which must not stop the others.
    end = await asyncio.to_thread(request.app.state.logout_verifier.verify, given[0])
    if request.app.state.ended.add(end, given[0]) and PASSED_ON not in request.headers:
        request.app.state.peers.pass_on(PATH, body, FORM)
    return Response(status_code=200)


@routes.add(
    "GET",
    catch_up.PATH,
    PUBLIC,
    title="Cho tiến trình mới biết các phiên đã kết thúc",
    summary="Tell a starting process of the gateway which sessions ended: the issuer's logout tokens, one a line",
    produces=("text/plain",),
    page=True,
)
async def list_session_ends(request: Request) -> Response:
    """Answer the gateway's own processes; for everybody else, and through any proxy, there is no such page."""
    host = request.client.host if request.client else ""
    if not await request.app.state.peers.are_at(host):
        raise DomainError(ROUTE_NOT_FOUND)
    return PlainTextResponse("\n".join(request.app.state.ended.logout_tokens()))
