"""The audit log for anybody (checkpoints, tiles, proofs of consistency), and citizens' proofs of their own entries."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from songcau_kit.processing import NO_PERSONAL_DATA
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC, allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.audit_log_schemas import (
    IDS_PATTERN,
    TILE_PATTERN,
    AccessProof,
    AccessProofs,
    ConsistencyProof,
    TileNumber,
)
from songcau_gateway.routes.fields import EXAMPLE_ID, Body

routes = Routes("Nhật ký kiểm chứng được · Audit log", "audit", activity=NO_PERSONAL_DATA)
Tile = Annotated[
    str,
    Path(
        max_length=40,
        pattern=TILE_PATTERN,
        description="number of the tile, with `.p/<width>` for one that is not full yet",
        examples=["000.p/3"],
    ),
]
TreeSize = Annotated[int, Field(ge=0, le=2**53, strict=False)]
_TILE = ("TILE_NOT_FOUND", "TILE_INVALID", "CHECKPOINT_MISSING")
_BYTES = ("application/octet-stream",)
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_FOR_NOW = {"cache-control": "public, max-age=60"}


class ProofQuery(Body):
    """In which tree an entry is to be proved."""

    tree_size: TreeSize = Field(default=0, description="a signed size; 0: that of the newest checkpoint")


class ProofsQuery(ProofQuery):
    """Which entries are to be proved."""

    ids: str = Field(
        pattern=IDS_PATTERN, max_length=4000, description="ids of accesses, comma between", examples=[EXAMPLE_ID]
    )


class ConsistencyQuery(Body):
    """Which two trees are to be compared."""

    old_size: TreeSize
    new_size: TreeSize


@routes.add(
    "GET",
    "/v1/audit/checkpoint",
    PUBLIC,
    title="Điểm xác nhận mới nhất của nhật ký",
    summary="Get the newest signed checkpoint of the audit log (C2SP tlog-checkpoint)",
    produces=("text/plain",),
    reasons=("CHECKPOINT_MISSING",),
)
async def get_checkpoint(exchange: CurrentExchange, services: Services) -> Response:
    """Return the newest checkpoint."""
    note = await services.audit_log.checkpoint(exchange)
    return Response(note, headers={"cache-control": "no-store"}, media_type="text/plain; charset=utf-8")


@routes.add(
    "GET",
    "/v1/audit/tile/entries/{tile:path}",
    PUBLIC,
    title="Các mục của nhật ký",
    summary="Get the entries below a tile (C2SP tlog-tiles); what is personal in them is sealed",
    produces=_BYTES,
    reasons=_TILE,
)
async def get_entry_bundle(tile: Tile, exchange: CurrentExchange, services: Services) -> Response:
    """Return an entry bundle."""
    number = TileNumber.parse(tile)
    return _reply_bytes(await services.audit_log.entry_bundle(exchange, number), number)


@routes.add(
    "GET",
    "/v1/audit/tile/{level}/{tile:path}",
    PUBLIC,
    title="Mảnh cây băm của nhật ký",
    summary="Get a tile of hashes of the audit log (C2SP tlog-tiles)",
    produces=_BYTES,
    reasons=_TILE,
)
async def get_tile(
    level: Annotated[int, Path(ge=0, le=5)], tile: Tile, exchange: CurrentExchange, services: Services
) -> Response:
    """Return a tile."""
    number = TileNumber.parse(tile)
    return _reply_bytes(await services.audit_log.tile(exchange, level, number), number)


@routes.add(
    "GET",
    "/v1/audit/consistency-proof",
    PUBLIC,
    title="Chứng minh nhật ký chỉ được nối thêm",
    summary="Prove that the log of one checkpoint is the beginning of that of a later one",
    answer=ConsistencyProof,
    reasons=("TREE_SIZE_INVALID", "CHECKPOINT_MISSING"),
)
async def get_consistency_proof(
    query: Annotated[ConsistencyQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a proof of consistency."""
    return reply(exchange, await services.audit_log.consistency(exchange, query.old_size, query.new_size))


@routes.add(
    "GET",
    "/v1/me/accesses/{access_id}/proof",
    allow("citizen", scope="access:read"),
    activity="access-records",
    title="Chứng minh một lần truy cập nằm trong nhật ký",
    summary="Prove that an entry of the signed-in citizen's access list stands unchanged in the audit log",
    answer=AccessProof,
    reasons=("ENTRY_NOT_FOUND", "TREE_SIZE_INVALID", "CHECKPOINT_MISSING"),
)
async def get_own_proof(
    access_id: UUID, query: Annotated[ProofQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return the proof of one entry."""
    (proof,) = await services.audit_log.own_proofs(exchange, [str(access_id)], query.tree_size)
    return reply(exchange, proof)


@routes.add(
    "GET",
    "/v1/me/accesses/proofs",
    allow("citizen", scope="access:read"),
    activity="access-records",
    title="Chứng minh nhiều lần truy cập nằm trong nhật ký",
    summary="Prove up to 100 entries of the signed-in citizen's access list at once, all or none",
    answer=AccessProofs,
    reasons=("ENTRY_NOT_FOUND", "ENTRY_IDS_INVALID", "TREE_SIZE_INVALID", "CHECKPOINT_MISSING"),
)
async def list_own_proofs(
    query: Annotated[ProofsQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return the proofs of several entries."""
    proofs = await services.audit_log.own_proofs(exchange, query.ids.split(","), query.tree_size)
    return reply(exchange, AccessProofs(items=proofs))


def _reply_bytes(content: bytes, tile: TileNumber) -> Response:
    headers = _FOR_EVER if tile.is_full else _FOR_NOW
    return Response(content, headers=headers, media_type="application/octet-stream")
