"""Files of a dossier: streamed in, streamed out, never buffered whole."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from songcau_gateway.answers import reply, reply_empty, reply_file
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.attachment_schemas import Attached, PaperWish, ReusablePapers
from songcau_gateway.uploads import Upload, upload_invalid

routes = Routes("Hồ sơ · Dossiers", "eservices", activity="dossier-processing")
DossierId = Annotated[UUID, Path(description="id of the dossier")]
AttachmentId = Annotated[UUID, Path(description="id of the file")]
_COMPONENT = re.compile(r"[A-Za-z0-9_.-]{0,100}")


@routes.add(
    "POST",
    "/v1/dossiers/{dossier_id}/attachments",
    allow("citizen", scope="dossier:write", on_behalf=True),
    title="Đính kèm một giấy tờ",
    summary="Attach one file; the part `file` comes after `component_key` and `valid_until`. If-Match is optional",
    answer=Attached,
    status=201,
    location="/v1/dossiers/{dossier_id}/attachments/{attachment_id}",
    reasons=(
        "DOSSIER_NOT_FOUND",
        "DOSSIER_STATE_CONFLICT",
        "COMPONENT_UNKNOWN",
        "UPLOAD_INVALID",
        "OBJECT_EMPTY",
        "OBJECT_TOO_LARGE",
        "MEDIA_TYPE_NOT_ALLOWED",
        "ATTACHMENT_LIMIT_REACHED",
    ),
    creates_or_moves=True,
    versioned="optional",
    upload=True,
    raw_body=True,
    media_types=("multipart/form-data",),
)
async def attach_file(
    dossier_id: DossierId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Attach a file that is sent on while it arrives."""
    upload = Upload(request, frozenset({"component_key", "valid_until"}))
    await upload.open()
    component = upload.fields.get("component_key", "")
    if not _COMPONENT.fullmatch(component):
        raise upload_invalid("/component_key", "not a key of a document component")
    attached = await services.attachments.attach(
        exchange,
        dossier_id,
        upload.pieces(),
        component=component,
        name=upload.file_name,
        valid_until=upload.fields.get("valid_until", ""),
    )
    location = f"/v1/dossiers/{dossier_id}/attachments/{attached.attachment.id}"
    return reply(exchange, attached, status=201, location=location)


@routes.add(
    "GET",
    "/v1/dossiers/{dossier_id}/attachments/{attachment_id}",
    allow("citizen", "officer", "leader", scope="dossier:read", on_behalf=True),
    title="Tải một giấy tờ đính kèm",
    summary="Get one file of a dossier",
    reasons=("DOSSIER_NOT_FOUND", "ATTACHMENT_NOT_FOUND"),
    purpose="required",
    produces=("application/octet-stream",),
)
async def get_attachment(
    dossier_id: DossierId, attachment_id: AttachmentId, exchange: CurrentExchange, services: Services
) -> Response:
    """Stream a file to the caller."""
    attachment, pieces = await services.attachments.get(exchange, dossier_id, attachment_id)
    return reply_file(pieces, media_type=attachment.media_type, name=attachment.file_name or str(attachment.id))


@routes.add(
    "GET",
    "/v1/dossiers/{dossier_id}/reusable-papers",
    allow("citizen", scope="dossier:read", on_behalf=True),
    activity="paper-reuse",
    title="Giấy tờ của hồ sơ trước có thể dùng lại",
    summary="List papers of own earlier dossiers that could stand for what this one lacks; needs consent REUSE_PAPERS",
    answer=ReusablePapers,
    reasons=("DOSSIER_NOT_FOUND", "CONSENT_REQUIRED", "CONSENT_WITHDRAWN", "ACTION_NOT_YOURS"),
)
async def list_reusable_papers(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Offer papers."""
    return reply(exchange, await services.attachments.reusable(exchange, dossier_id))


@routes.add(
    "POST",
    "/v1/dossiers/{dossier_id}/reused-papers",
    allow("citizen", scope="dossier:write", on_behalf=True),
    activity="paper-reuse",
    title="Dùng lại giấy tờ của hồ sơ trước",
    summary="Take a paper of an own earlier dossier into this one; needs consent REUSE_PAPERS. If-Match is optional",
    answer=Attached,
    status=201,
    location="/v1/dossiers/{dossier_id}/attachments/{attachment_id}",
    reasons=(
        "DOSSIER_NOT_FOUND",
        "DOSSIER_STATE_CONFLICT",
        "CONSENT_REQUIRED",
        "CONSENT_WITHDRAWN",
        "COMPONENT_UNKNOWN",
        "PAPER_NOT_LACKING",
        "PAPER_NOT_REUSABLE",
        "PAPER_EXPIRED",
        "ATTACHMENT_LIMIT_REACHED",
    ),
    creates_or_moves=True,
    versioned="optional",
)
async def reuse_paper(
    dossier_id: DossierId, wish: PaperWish, exchange: CurrentExchange, services: Services
) -> Response:
    """Take a paper over."""
    attached = await services.attachments.reuse(exchange, dossier_id, wish)
    location = f"/v1/dossiers/{dossier_id}/attachments/{attached.attachment.id}"
    return reply(exchange, attached, status=201, location=location)


@routes.add(
    "DELETE",
    "/v1/dossiers/{dossier_id}/attachments/{attachment_id}",
    allow("citizen", scope="dossier:write", on_behalf=True),
    title="Gỡ một giấy tờ đính kèm",
    summary="Remove a file that was not handed in yet; If-Match names the version of the dossier",
    status=204,
    reasons=("DOSSIER_NOT_FOUND", "ATTACHMENT_NOT_FOUND", "ATTACHMENT_FIXED", "DOSSIER_STATE_CONFLICT"),
    creates_or_moves=True,
    versioned="required",
)
async def remove_attachment(
    dossier_id: DossierId, attachment_id: AttachmentId, exchange: CurrentExchange, services: Services
) -> Response:
    """Take a file off the dossier."""
    return reply_empty(await services.attachments.remove(exchange, dossier_id, attachment_id))
