"""The gRPC door of AccessListService."""

from datetime import UTC

import grpc
from songcau.identity.v1 import access_list_service_pb2, access_list_service_pb2_grpc

from songcau_identity.accesses import AccessList
from songcau_identity.auditing import Operation
from songcau_identity.repositories.accesses import AccessFilter, AccessRecord
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
                asker, access, read_filter(request), page_size=request.page_size, cursor=request.page_token
            )
        return access_list_service_pb2.ListOwnAccessesResponse(
            accesses=[write_access(record, own_account=asker.caller.subject) for record in page.accesses],
            next_page_token=page.next_cursor,
        )


def read_filter(request: access_list_service_pb2.ListOwnAccessesRequest) -> AccessFilter:
    """Return which accesses a request wants."""
    return AccessFilter(
        since=request.since.ToDatetime(tzinfo=UTC) if request.HasField("since") else None,
        until=request.until.ToDatetime(tzinfo=UTC) if request.HasField("until") else None,
        services=tuple(request.services),
        actor_kinds=tuple(request.actor_kinds),
        purposes=tuple(request.purposes),
        outcomes=tuple(request.outcomes),
        client_ids=tuple(request.client_ids),
        on_behalf_of=tuple(request.on_behalf_of),
        for_others=request.for_others,
    )


def write_access(record: AccessRecord, *, own_account: str = "") -> access_list_service_pb2.AccessEntry:
    """Return one access as its citizen sees it; `own_account` is the citizen's."""
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
        own=record.actor_id == own_account,
        assisted_by=record.assisted_by,
        assisted_by_kind=record.assisted_by_kind,
        assisted_by_organization=record.assisted_by_organization,
    )
    entry.occurred_at.FromDatetime(record.occurred_at)
    return entry
