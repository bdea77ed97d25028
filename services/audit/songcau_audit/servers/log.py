"""The gRPC door of LogService: what anybody may read."""

import grpc
from songcau.audit.v1 import log_service_pb2 as pb
from songcau.audit.v1 import log_service_pb2_grpc
from songcau_kit.processing import NO_PERSONAL_DATA
from songcau_kit.rpc_server import Rule

from songcau_audit.proofs import LogReading

SERVICE = "songcau.audit.v1.LogService"
METHODS = ("GetCheckpoint", "GetTile", "GetEntryBundle", "GetConsistencyProof")
RULES = {f"{SERVICE}/{method}": Rule(anonymous=True, activity=NO_PERSONAL_DATA) for method in METHODS}


class LogServer(log_service_pb2_grpc.LogServiceServicer):
    """Translates between messages and the use case."""

    def __init__(self, reading: LogReading) -> None:
        self._reading = reading

    def GetCheckpoint(self, request: pb.GetCheckpointRequest, _: grpc.ServicerContext) -> pb.GetCheckpointResponse:  # noqa: ARG002, N802
        """Return the newest checkpoint."""
        found = self._reading.checkpoint()
        return pb.GetCheckpointResponse(note=found.note, tree_size=found.size)

    def GetTile(self, request: pb.GetTileRequest, _: grpc.ServicerContext) -> pb.GetTileResponse:  # noqa: N802
        """Return a tile."""
        return pb.GetTileResponse(hashes=self._reading.tile(request.level, request.index, request.width))

    def GetEntryBundle(self, request: pb.GetEntryBundleRequest, _: grpc.ServicerContext) -> pb.GetEntryBundleResponse:  # noqa: N802
        """Return the entries below a tile."""
        return pb.GetEntryBundleResponse(bundle=self._reading.entry_bundle(request.index, request.width))

    def GetConsistencyProof(  # noqa: N802
        self, request: pb.GetConsistencyProofRequest, _: grpc.ServicerContext
    ) -> pb.GetConsistencyProofResponse:
        """Return a proof that one tree begins another."""
        return pb.GetConsistencyProofResponse(hashes=self._reading.consistency(request.old_size, request.new_size))
