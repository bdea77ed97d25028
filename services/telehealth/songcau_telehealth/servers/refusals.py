"""The door to refusals that the gateway met before it came here."""

# ruff: noqa: ARG002, N802 -- gRPC names the methods and hands each a context

from typing import Any

import grpc
from songcau.telehealth.v1 import refusal_service_pb2 as pb
from songcau.telehealth.v1.refusal_service_pb2_grpc import RefusalServiceServicer
from songcau_kit.audit import Outcome
from songcau_kit.errors import INVALID_REQUEST, DomainError, Status, Violation
from songcau_kit.rpc_server import Call, current_call

from songcau_telehealth.consultations.refusals import OPERATIONS, Refusals
from songcau_telehealth.servers.reading import read_target

CAUSES = {pb.REFUSAL_CAUSE_ROLE_MISSING: "ROLE_MISSING", pb.REFUSAL_CAUSE_SCOPE_MISSING: "SCOPE_MISSING"}

# Who asked may not, or not with this sign-in; anything else could not be done.
_DENIALS = (Status.PERMISSION_DENIED, Status.UNAUTHENTICATED)


class RefusalServer(RefusalServiceServicer):
    """Serves RefusalService."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def RecordRefusal(self, request: pb.RecordRefusalRequest, context: grpc.ServicerContext) -> Any:
        """Enter a refusal of the gateway."""
        operation, cause = OPERATIONS.get(request.rpc), CAUSES.get(request.cause)
        if operation is None:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/rpc", "UNKNOWN_VALUE")])
        if cause is None:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/cause", "REQUIRED")])
        self._refusals.note(current_call(), operation, read_target(request.object_id), cause)
        return pb.RecordRefusalResponse()

    def at_door(self, call: Call, method: str, request: Any, error: DomainError) -> None:
        """Enter a refusal of this service's own door, as while nobody vouches for the audit log."""
        operation = OPERATIONS.get(method.rpartition("/")[2])
        if operation is None or request is None:
            return
        outcome: Outcome = "DENIED" if error.reason.status in _DENIALS else "FAILED"
        named = read_target(getattr(request, "consultation_id", ""))
        self._refusals.note(call, operation, named, error.reason.code, outcome)
