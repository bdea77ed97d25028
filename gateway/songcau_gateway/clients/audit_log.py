"""Client of the audit log: checkpoints, tiles and proofs."""

import base64
from collections.abc import Sequence

from songcau.audit.v1 import log_service_pb2 as pb
from songcau.audit.v1 import proof_service_pb2 as proof_pb
from songcau.audit.v1.log_service_pb2_grpc import LogServiceStub
from songcau.audit.v1.proof_service_pb2_grpc import ProofServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.audit_log_schemas import AccessProof, ConsistencyProof, TileNumber


class AuditLogClient:
    """The log as anybody reads it, and citizens' proofs of their own entries."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._log = LogServiceStub(channel.channel)
        self._proofs = ProofServiceStub(channel.channel)

    async def checkpoint(self, exchange: Exchange) -> str:
        """Return the newest checkpoint as a signed note."""
        answer = await self._channel.call(exchange, self._log.GetCheckpoint, pb.GetCheckpointRequest())
        return str(answer.note)

    async def tile(self, exchange: Exchange, level: int, tile: TileNumber) -> bytes:
        """Return the hashes of a tile."""
        request = pb.GetTileRequest(level=level, index=tile.index, width=tile.width)
        return bytes((await self._channel.call(exchange, self._log.GetTile, request)).hashes)

    async def entry_bundle(self, exchange: Exchange, tile: TileNumber) -> bytes:
        """Return the entries below a tile of level 0."""
        request = pb.GetEntryBundleRequest(index=tile.index, width=tile.width)
        return bytes((await self._channel.call(exchange, self._log.GetEntryBundle, request)).bundle)

    async def consistency(self, exchange: Exchange, old_size: int, new_size: int) -> ConsistencyProof:
        """Return the proof that one tree is the beginning of another."""
        request = pb.GetConsistencyProofRequest(old_size=old_size, new_size=new_size)
        answer = await self._channel.call(exchange, self._log.GetConsistencyProof, request)
        return ConsistencyProof(old_size=old_size, new_size=new_size, hashes=[_text(part) for part in answer.hashes])

    async def own_proofs(self, exchange: Exchange, entry_ids: Sequence[str], tree_size: int) -> list[AccessProof]:
        """Return the proofs of entries about the caller."""
        request = proof_pb.ListOwnProofsRequest(entry_ids=entry_ids, tree_size=tree_size)
        answer = await self._channel.call(exchange, self._proofs.ListOwnProofs, request)
        return [
            AccessProof(
                id=proof.entry_id,
                leaf_index=proof.leaf_index,
                leaf=proof.leaf.decode(),
                opening=proof.opening.decode(),
                inclusion=[_text(part) for part in proof.inclusion],
                tree_size=answer.tree_size,
                checkpoint=answer.checkpoint,
            )
            for proof in answer.proofs
        ]


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
