"""Client of the requests of people about their data."""

from typing import Any, Literal
from uuid import UUID

from songcau.identity.v1 import subject_request_service_pb2 as pb
from songcau.identity.v1.subject_request_service_pb2_grpc import SubjectRequestServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import document
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.fields import PageQuery
from songcau_gateway.routes.subject_request_schemas import (
    NewSubjectRequest,
    PaperSubjectRequest,
    SubjectRequest,
    SubjectRequestAcknowledgement,
    SubjectRequestCompletion,
    SubjectRequestDetails,
    SubjectRequestExtension,
    SubjectRequestPage,
    SubjectRequestQuery,
    SubjectRequestRefusal,
)


class SubjectRequestClient:
    """Requests of citizens and what data officers do with them."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._requests = SubjectRequestServiceStub(channel.channel)

    async def make(self, exchange: Exchange, new: NewSubjectRequest) -> SubjectRequest:
        """Make a request of the calling citizen."""
        request = build(pb.MakeSubjectRequestRequest(request_id=exchange.request_id), new.plain())
        return _request(await self._channel.call(exchange, self._requests.MakeSubjectRequest, request))

    async def record(self, exchange: Exchange, citizen_id: UUID, new: PaperSubjectRequest) -> SubjectRequest:
        """Enter a request a person made on paper."""
        request = pb.RecordSubjectRequestRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            kind=f"SUBJECT_REQUEST_KIND_{new.kind}",
            activity=new.activity or "",
            details=new.details,
            channel=f"SUBJECT_REQUEST_CHANNEL_{new.channel}",
            received_on=new.received_on.isoformat(),
            evidence=document(new.evidence),
        )
        return _request(await self._channel.call(exchange, self._requests.RecordSubjectRequest, request))

    async def list_own(self, exchange: Exchange, page: PageQuery) -> SubjectRequestPage:
        """Return a page of the calling citizen's requests."""
        request = build(pb.ListOwnSubjectRequestsRequest(), page.paging())
        return _page(await self._channel.call(exchange, self._requests.ListOwnSubjectRequests, request))

    async def get_own(self, exchange: Exchange, subject_request_id: UUID) -> SubjectRequestDetails:
        """Return one request of the calling citizen."""
        request = pb.GetOwnSubjectRequestRequest(subject_request_id=str(subject_request_id))
        return _details(await self._channel.call(exchange, self._requests.GetOwnSubjectRequest, request))

    async def copy(
        self, exchange: Exchange, subject_request_id: UUID, *, form: Literal["JSON", "PDF"]
    ) -> tuple[bytes, str]:
        """Return a form of the calling citizen's copy and its file name."""
        request = pb.GetDataCopyRequest(subject_request_id=str(subject_request_id), form=f"DATA_COPY_FORM_{form}")
        answer = await self._channel.call(exchange, self._requests.GetDataCopy, request)
        return answer.content, answer.file_name

    async def withdraw(self, exchange: Exchange, subject_request_id: UUID) -> SubjectRequest:
        """Take a request back."""
        request = pb.WithdrawSubjectRequestRequest(**_step(exchange, subject_request_id))
        return _request(await self._channel.call(exchange, self._requests.WithdrawSubjectRequest, request))

    async def list(self, exchange: Exchange, query: SubjectRequestQuery) -> SubjectRequestPage:
        """Return a page of the queue."""
        request = build(pb.ListSubjectRequestsRequest(ended=query.ended), query.paging())
        return _page(await self._channel.call(exchange, self._requests.ListSubjectRequests, request))

    async def get(self, exchange: Exchange, subject_request_id: UUID) -> SubjectRequestDetails:
        """Return one request for a data officer."""
        request = pb.GetSubjectRequestRequest(subject_request_id=str(subject_request_id))
        return _details(await self._channel.call(exchange, self._requests.GetSubjectRequest, request))

    async def acknowledge(
        self, exchange: Exchange, subject_request_id: UUID, given: SubjectRequestAcknowledgement
    ) -> SubjectRequest:
        """Acknowledge a request."""
        request = build(pb.AcknowledgeSubjectRequestRequest(**_step(exchange, subject_request_id)), given.plain())
        return _request(await self._channel.call(exchange, self._requests.AcknowledgeSubjectRequest, request))

    async def extend(
        self, exchange: Exchange, subject_request_id: UUID, given: SubjectRequestExtension
    ) -> SubjectRequest:
        """Extend the time of a request."""
        request = build(pb.ExtendSubjectRequestRequest(**_step(exchange, subject_request_id)), given.plain())
        return _request(await self._channel.call(exchange, self._requests.ExtendSubjectRequest, request))

    async def refuse(
        self, exchange: Exchange, subject_request_id: UUID, given: SubjectRequestRefusal
    ) -> SubjectRequest:
        """Refuse a request."""
        request = build(pb.RefuseSubjectRequestRequest(**_step(exchange, subject_request_id)), given.plain())
        return _request(await self._channel.call(exchange, self._requests.RefuseSubjectRequest, request))

    async def complete(
        self, exchange: Exchange, subject_request_id: UUID, given: SubjectRequestCompletion
    ) -> SubjectRequest:
        """Carry a request out."""
        request = build(pb.CompleteSubjectRequestRequest(**_step(exchange, subject_request_id)), given.plain())
        return _request(await self._channel.call(exchange, self._requests.CompleteSubjectRequest, request))


def _step(exchange: Exchange, subject_request_id: UUID) -> dict[str, Any]:
    return {
        "request_id": exchange.request_id,
        "subject_request_id": str(subject_request_id),
        "expected_version": exchange.expected_version,
    }


def _named(plain: dict[str, Any]) -> dict[str, Any]:
    return plain | {"id": plain["subject_request_id"]}


def _request(answer: Any) -> SubjectRequest:
    return SubjectRequest.model_validate(_named(to_plain(answer)["request"]))


def _details(answer: Any) -> SubjectRequestDetails:
    plain = to_plain(answer)["details"]
    return SubjectRequestDetails.model_validate(_named(plain["request"]) | plain)


def _page(answer: Any) -> SubjectRequestPage:
    plain = to_plain(answer)
    items = [_named(one) for one in plain["requests"]]
    return SubjectRequestPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})
