"""The gRPC door of AccessListService."""

import grpc
from songcau.identity.v1 import access_list_service_pb2, access_list_service_pb2_grpc

from songcau_identity.accesses import AccessList
from songcau_identity.auditing import Asker, Operation
from songcau_identity.repositories.accesses import AccessRecord
from songcau_identity.servers.admission import Admission


class AccessListServer(access_list_service_pb2_grpc.AccessListServiceServicer):
    """Translates between messages and the use case."""

    def __init__(self, *, admission: Admission, access_list: AccessList) -> None:
        self._admission = admission
        self._access_list = access_list

    def ListOwnAccesses(  # noqa: N802
        self, request: access_list_service_pb2.ListOwnAccessesRequest, _: grpc.ServicerContext
    ) -> access_list_service_pb2.ListOwnAccessesResponse:
        """List accesses to the caller's data."""
        with self._admission.admitted(Operation.LIST_OWN_ACCESSES) as (asker, access):
            page = self._access_list.list_own(
                asker,
                access,
                page_size=request.page_size,
                cursor=request.page_token,
                for_others=request.for_others,
            )
        return access_list_service_pb2.ListOwnAccessesResponse(
            accesses=[write_access(record, asker) for record in page.accesses], next_page_token=page.next_cursor
        )


def write_access(record: AccessRecord, asker: Asker) -> access_list_service_pb2.AccessEntry:
    """Return one access as its citizen sees it."""
    entry = access_list_service_pb2.AccessEntry(
        entry_id=str(record.entry_id),
        service=record.service,
        actor_id=record.actor_id,
        actor_kind=record.actor_kind,
        actor_organization=record.actor_organization,
        on_behalf_of=record.on_behalf_of,
        client_id=record.client_id,
        operation=record.operation,
        object_kind=record.object_kind,
        object_id=record.object_id,
        purpose=record.purpose,
        outcome=record.outcome,
        reason=record.reason,
        own=record.actor_id == asker.caller.subject,
    )
    entry.occurred_at.FromDatetime(record.occurred_at)
    return entry
