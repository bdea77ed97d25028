"""What goes back when all went well: JSON with its ETag, a 304, or a file that is streamed."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from songcau_gateway.exchange import Exchange, exchange_of
from songcau_gateway.gates import etag


def reply(exchange: Exchange, body: BaseModel, *, status: int = 200, location: str | None = None) -> Response:
    """Return the body as JSON; its `version`, where it has one, becomes the ETag."""
    version = getattr(body, "version", None)
    headers = {"content-language": exchange.language}
    if isinstance(version, int) and version > 0:
        headers["etag"] = etag(version)
    if location:
        headers["location"] = location
    return Response(body.model_dump_json(), status, headers, "application/json")


def reply_unless_known(request: Request, body: BaseModel) -> Response:
    """Return the body, or 304 when If-None-Match already names its version."""
    answer = reply(exchange_of(request), body)
    known = re.findall(r'(?:W/)?("[^"]*")', request.headers.get("if-none-match", ""))
    tag = answer.headers.get("etag")
    if tag and (tag in known or request.headers.get("if-none-match", "").strip() == "*"):
        return Response(status_code=304, headers={"etag": tag, "content-language": exchange_of(request).language})
    return answer


def reply_empty(version: int) -> Response:
    """Return 204 with the new version of the object that lost a part."""
    return Response(status_code=204, headers={"etag": etag(version)} if version else {})


def reply_file(parts: AsyncIterator[bytes], *, media_type: str, name: str, inline: bool = False) -> Response:
    """Stream a file; the browser shows only what is harmless, everything else it saves."""
    kind = "inline" if inline and media_type == "application/pdf" else "attachment"
    disposition = f"{kind}; filename*=UTF-8''{quote(name, safe='')}"
    return StreamingResponse(parts, media_type=media_type, headers={"content-disposition": disposition})


async def in_pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """Yield a file in pieces that fit a socket buffer."""
    for start in range(0, len(content), size):
        yield content[start : start + size]
