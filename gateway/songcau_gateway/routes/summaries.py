"""Signed summaries of consultations, verified by anybody who holds the paper."""

from fastapi import Request
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.pages.verification import summary_page, wants_page
from songcau_gateway.routes.fields import VerificationCode
from songcau_gateway.routes.result_schemas import SummaryVerdict
from songcau_gateway.routes.results import LARGEST_FORM, LARGEST_PDF
from songcau_gateway.uploads import read_file

routes = Routes("Xác minh kết quả · Verification", "telehealth", activity="document-verification")


@routes.add(
    "GET",
    "/v1/summaries/{code}",
    PUBLIC,
    title="Xác minh phiếu khám từ xa theo mã",
    summary="Say whether a consultation summary was issued under the code; with `Accept: text/html` as a page",
    answer=SummaryVerdict,
    reasons=("SUMMARY_NOT_FOUND",),
    produces=("application/json", "text/html"),
)
async def verify_summary_code(
    code: VerificationCode, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the verdict on a code."""
    verdict = await services.consultations.verify_summary(exchange, code)
    return summary_page(verdict, exchange.language) if wants_page(request) else reply(exchange, verdict)


@routes.add(
    "POST",
    "/v1/summaries/{code}/verify",
    PUBLIC,
    title="Xác minh tệp phiếu khám từ xa",
    summary="Say whether the file at hand is byte for byte the signed one; at most 3 MiB",
    answer=SummaryVerdict,
    reasons=("SUMMARY_NOT_FOUND", "PAYLOAD_TOO_LARGE"),
    raw_body=True,
    media_types=("application/pdf",),
    body_limit=LARGEST_PDF,
)
async def verify_summary_file(
    code: VerificationCode, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the verdict on a file."""
    return reply(exchange, await services.consultations.verify_summary(exchange, code, await request.body()))


@routes.add(
    "GET",
    "/verify/summaries/{code}",
    PUBLIC,
    title="Trang xác minh phiếu khám từ xa",
    summary="The page behind the QR code of a summary",
    reasons=("SUMMARY_NOT_FOUND",),
    produces=("text/html",),
    page=True,
)
async def show_summary(code: VerificationCode, exchange: CurrentExchange, services: Services) -> Response:
    """Return the page."""
    return summary_page(await services.consultations.verify_summary(exchange, code), exchange.language)


@routes.add(
    "POST",
    "/verify/summaries/{code}",
    PUBLIC,
    title="Trang kiểm tra tệp",
    summary="The form of the page: checks the file at hand",
    reasons=("SUMMARY_NOT_FOUND", "UPLOAD_INVALID", "PAYLOAD_TOO_LARGE"),
    raw_body=True,
    media_types=("multipart/form-data",),
    body_limit=LARGEST_FORM,
    produces=("text/html",),
    page=True,
)
async def check_summary(
    code: VerificationCode, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return the page with the verdict on the file."""
    return summary_page(
        await services.consultations.verify_summary(exchange, code, await read_file(request)), exchange.language
    )
