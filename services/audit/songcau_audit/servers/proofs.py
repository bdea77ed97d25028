"""The gRPC door of ProofService: citizens and their own entries."""

from collections.abc import Iterable
from uuid import UUID

import grpc
from songcau.audit.v1 import proof_service_pb2 as pb
from songcau.audit.v1 import proof_service_pb2_grpc
from songcau_kit.errors import DomainError
from songcau_kit.rpc_server import Call, Rule, current_call

from songcau_audit.auditing import Auditor, own_citizen_id
from songcau_audit.errors import ENTRY_IDS_INVALID, ENTRY_NOT_FOUND
from songcau_audit.proofs import EntryProof, OwnProofReading

RULES = {
    "songcau.audit.v1.ProofService/ListOwnProofs": Rule(
        roles=frozenset({"citizen"}), scopes=frozenset({"access:read"}), activity="access-records"
    )
}


class ProofServer(proof_service_pb2_grpc.ProofServiceServicer):
    """Translates between messages and the use case."""

    def __init__(self, reading: OwnProofReading, auditor: Auditor) -> None:
        self._reading = reading
        self._auditor = auditor

    def ListOwnProofs(self, request: pb.ListOwnProofsRequest, _: grpc.ServicerContext) -> pb.ListOwnProofsResponse:  # noqa: N802
        """Prove entries about the caller."""
        call = current_call()
        citizen_id = own_citizen_id(call)
        if citizen_id is None:
            raise DomainError(ENTRY_NOT_FOUND)
        found = self._auditor.own_read(
            call,
            citizen_id,
            lambda: self._reading.prove(citizen_id, _read_ids(request.entry_ids), request.tree_size),
        )
        return pb.ListOwnProofsResponse(
            proofs=[_write(proof) for proof in found.proofs], tree_size=found.tree_size, checkpoint=found.checkpoint
        )

    def at_door(self, call: Call, method: str, request: object, error: DomainError) -> None:  # noqa: ARG002
        """Enter that a citizen was turned away for a missing role or scope."""
        citizen_id = own_citizen_id(call)
        if citizen_id is not None:
            self._auditor.refused(call, citizen_id, error.reason.code)


def _read_ids(entry_ids: Iterable[str]) -> list[UUID]:
    try:
        return [UUID(entry_id) for entry_id in entry_ids]
    except ValueError:
        raise DomainError(ENTRY_IDS_INVALID) from None


def _write(proof: EntryProof) -> pb.EntryProof:
    return pb.EntryProof(
        entry_id=str(proof.leaf.entry_id),
        leaf_index=proof.leaf.index,
        leaf=proof.leaf.leaf,
        inclusion=proof.inclusion,
        opening=proof.opening,
    )
