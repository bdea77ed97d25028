"""The API document and its page for people."""

from fastapi import Request
from songcau_kit.processing import NO_PERSONAL_DATA
from starlette.responses import JSONResponse, Response

from songcau_gateway.auth import PUBLIC
from songcau_gateway.openapi import build_document
from songcau_gateway.operations import Routes
from songcau_gateway.pages.documentation import documentation_page

routes = Routes("Vận hành · Operations", activity=NO_PERSONAL_DATA)


@routes.add(
    "GET",
    "/openapi.json",
    PUBLIC,
    title="Tài liệu OpenAPI",
    summary="The API document (OpenAPI 3.1)",
    page=True,
    cached=True,
)
async def show_document(request: Request) -> Response:
    """Return the document."""
    return JSONResponse(_document(request), headers={"cache-control": "public, max-age=300"})


@routes.add(
    "GET",
    "/docs",
    PUBLIC,
    title="Tài liệu cho người đọc",
    summary="The API document as a page",
    produces=("text/html",),
    page=True,
    cached=True,
)
async def show_documentation(request: Request) -> Response:
    """Return the page."""
    return documentation_page(_document(request))


def _document(request: Request) -> dict[str, object]:
    """Return the document, built at the first call."""
    state = request.app.state
    if not hasattr(state, "document"):
        state.document = build_document(request.app)
    built: dict[str, object] = state.document
    return built
