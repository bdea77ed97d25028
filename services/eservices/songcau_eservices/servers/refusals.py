"""The door to refusals: those of this service's own door, and those the gateway met before it came here."""

from typing import Any

from songcau.eservices.v1 import refusal_service_pb2 as pb
from songcau.eservices.v1.refusal_service_pb2_grpc import RefusalServiceServicer
from songcau_kit.audit import Outcome
from songcau_kit.errors import DomainError, Status
from songcau_kit.rpc_server import Call, Rule, current_call

from songcau_eservices.pages import invalid
from songcau_eservices.refusals import OPERATIONS, Refusals
from songcau_eservices.servers.enums import read_enum

RULES = {"songcau.eservices.v1.RefusalService/RecordRefusal": Rule(activity="access-records")}

# Who asked may not, or not with this sign-in; anything else could not be done.
_DENIALS = (Status.PERMISSION_DENIED, Status.UNAUTHENTICATED)


class RefusalServer(RefusalServiceServicer):
    """Serves RefusalService."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def RecordRefusal(self, request: pb.RecordRefusalRequest, _: object) -> pb.RecordRefusalResponse:  # noqa: N802
        """Enter a refusal of the gateway."""
        operation = OPERATIONS.get(request.rpc)
        if operation is None:
            raise invalid("/rpc", "UNKNOWN_VALUE")
        cause = read_enum(pb.RefusalCause, request.cause, "/cause")
        if not cause:
            raise invalid("/cause", "REQUIRED")
        self._refusals.note(current_call(), operation, request.object_id, cause)
        return pb.RecordRefusalResponse()

    def at_door(self, call: Call, method: str, request: Any, error: DomainError) -> None:
        """Enter a refusal of this service's own door; a call that names nobody leaves a line of the log only."""
        operation = OPERATIONS.get(method.rpartition("/")[2])
        if operation is None or request is None:
            return
        named = getattr(getattr(request, "header", request), operation.named_by)
        outcome: Outcome = "DENIED" if error.reason.status in _DENIALS else "FAILED"
        self._refusals.note(call, operation, named, error.reason.code, outcome)
