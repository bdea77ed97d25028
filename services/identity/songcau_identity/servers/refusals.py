"""The door to refusals: those of this service's own door, and those the gateway met before it came here."""

from typing import Any
from uuid import UUID

import grpc
from songcau.identity.v1 import refusal_service_pb2 as pb
from songcau.identity.v1.refusal_service_pb2_grpc import RefusalServiceServicer
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_server import Call, current_call

from songcau_identity.access_endings import Ending, ending_of
from songcau_identity.auditing import Access
from songcau_identity.refusals import Refusals
from songcau_identity.servers.admission import METHODS, asker_of
from songcau_identity.servers.citizens import find_uuid

CAUSES = {pb.REFUSAL_CAUSE_ROLE_MISSING: "ROLE_MISSING", pb.REFUSAL_CAUSE_SCOPE_MISSING: "SCOPE_MISSING"}
OPERATIONS = {method.rpartition("/")[2]: operation for method, operation in METHODS.items()}
NAMING = ("citizen_id", "represented_id", "representative_id")
"""How the fields end by which requests name a citizen."""


class RefusalServer(RefusalServiceServicer):
    """Serves RefusalService."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def RecordRefusal(self, request: pb.RecordRefusalRequest, _: grpc.ServicerContext) -> pb.RecordRefusalResponse:  # noqa: N802
        """Enter a refusal of the gateway."""
        operation, cause = OPERATIONS.get(request.rpc), CAUSES.get(request.cause)
        if operation is None:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/rpc", "UNKNOWN_VALUE")])
        if cause is None:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/cause", "REQUIRED")])
        named = find_uuid(request.citizen_id)
        found = self._refusals.find_named([named] if named else [])
        if found:
            asker = asker_of(current_call(), operation)
            self._refusals.note(asker, operation, Access(subjects=found), Ending("DENIED", cause))
        return pb.RecordRefusalResponse()

    def at_door(self, call: Call, method: str, request: Any, error: DomainError) -> None:
        """Enter a refusal of this service's own door, as while nobody vouches for the audit log."""
        operation = METHODS.get(method.lstrip("/"))
        if operation is None or request is None:
            return
        access = Access(
            subjects=self._refusals.find_named(_named_in(request)), account_id=getattr(request, "account_id", "")
        )
        self._refusals.note(asker_of(call, operation), operation, access, ending_of(error))


def _named_in(request: Any) -> list[UUID]:
    fields = [field.name for field in request.DESCRIPTOR.fields if field.name.endswith(NAMING)]
    found = [find_uuid(getattr(request, name)) for name in fields]
    return [one for one in found if one is not None]
