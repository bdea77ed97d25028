"""Signed results: verified by anybody who holds the paper, revoked by a leader."""

from fastapi import Request
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC, allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.pages.verification import result_page, wants_page
from songcau_gateway.routes.dossier_answers import Dossier
from songcau_gateway.routes.dossier_schemas import Grounds
from songcau_gateway.routes.fields import VerificationCode
from songcau_gateway.routes.result_schemas import ResultVerdict
from songcau_gateway.uploads import read_file

routes = Routes("Xác minh kết quả · Verification", "eservices", activity="document-verification")
LARGEST_PDF = 3 << 20
LARGEST_FORM = LARGEST_PDF + 4096


@routes.add(
    "GET",
    "/v1/results/{code}",
    PUBLIC,
    title="Xác minh kết quả theo mã",
    summary="Say whether a result is genuine by its code; with `Accept: text/html` as a page for people",
    answer=ResultVerdict,
    produces=("application/json", "text/html"),
)
async def verify_result_code(
    code: VerificationCode, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the verdict on a code."""
    verdict = await services.results.verify(exchange, code)
    return result_page(verdict, exchange.language) if wants_page(request) else reply(exchange, verdict)


@routes.add(
    "POST",
    "/v1/results/{code}/verify",
    PUBLIC,
    title="Xác minh tệp kết quả",
    summary="Say whether the file at hand is the very file that was issued under the code; at most 3 MiB",
    answer=ResultVerdict,
    reasons=("PAYLOAD_TOO_LARGE",),
    raw_body=True,
    media_types=("application/pdf",),
    body_limit=LARGEST_PDF,
)
async def verify_result_file(
    code: VerificationCode, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the verdict on a file."""
    return reply(exchange, await services.results.verify(exchange, code, await request.body()))


@routes.add(
    "POST",
    "/v1/results/{code}/revoke",
    allow("leader", scope="dossier:process"),
    activity="dossier-processing",
    title="Thu hồi kết quả",
    summary="Revoke a result; If-Match names the version of its dossier",
    answer=Dossier,
    reasons=("RESULT_NOT_FOUND", "REASON_REQUIRED", "RESULT_ALREADY_REVOKED"),
    creates_or_moves=True,
    versioned="required",
    purpose="optional",
    step_up=2,
)
async def revoke_result(
    code: VerificationCode, grounds: Grounds, exchange: CurrentExchange, services: Services
) -> Response:
    """Revoke a result."""
    return reply(exchange, await services.results.revoke(exchange, code, grounds))


@routes.add(
    "GET",
    "/verify/{code}",
    PUBLIC,
    title="Trang xác minh kết quả",
    summary="The page behind the QR code of a result",
    produces=("text/html",),
    page=True,
)
async def show_result(code: VerificationCode, exchange: CurrentExchange, services: Services) -> Response:
    """Return the page."""
    return result_page(await services.results.verify(exchange, code), exchange.language)


@routes.add(
    "POST",
    "/verify/{code}",
    PUBLIC,
    title="Trang kiểm tra tệp",
    summary="The form of the page: checks the file at hand",
    reasons=("UPLOAD_INVALID", "PAYLOAD_TOO_LARGE"),
    raw_body=True,
    media_types=("multipart/form-data",),
    body_limit=LARGEST_FORM,
    produces=("text/html",),
    page=True,
)
async def check_result(
    code: VerificationCode, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the page with the verdict on the file."""
    return result_page(await services.results.verify(exchange, code, await read_file(request)), exchange.language)
