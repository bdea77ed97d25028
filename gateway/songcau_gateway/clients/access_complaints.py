"""Client of complaints about accesses."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import access_complaint_service_pb2 as pb
from songcau.identity.v1.access_complaint_service_pb2_grpc import AccessComplaintServiceStub

from songcau_gateway.clients.accesses import told
from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.access_complaint_schemas import (
    AccessComplaint,
    AccessComplaintAnswer,
    AccessComplaintCase,
    AccessComplaintDetails,
    AccessComplaintPage,
    AccessComplaintQuery,
    NewAccessComplaint,
)
from songcau_gateway.routes.fields import PageQuery


class AccessComplaintClient:
    """Complaints of citizens and what data officers do with them."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._complaints = AccessComplaintServiceStub(channel.channel)

    async def make(self, exchange: Exchange, access_id: UUID, new: NewAccessComplaint) -> AccessComplaint:
        """Complain about an entry of the calling citizen's list."""
        request = pb.MakeAccessComplaintRequest(
            request_id=exchange.request_id, entry_id=str(access_id), details=new.details
        )
        return _complaint(await self._channel.call(exchange, self._complaints.MakeAccessComplaint, request))

    async def list_own(self, exchange: Exchange, page: PageQuery) -> AccessComplaintPage:
        """Return a page of the calling citizen's complaints."""
        request = build(pb.ListOwnAccessComplaintsRequest(), page.paging())
        return _page(await self._channel.call(exchange, self._complaints.ListOwnAccessComplaints, request))

    async def get_own(self, exchange: Exchange, complaint_id: UUID) -> AccessComplaintDetails:
        """Return one complaint of the calling citizen."""
        request = pb.GetOwnAccessComplaintRequest(access_complaint_id=str(complaint_id))
        answer = await self._channel.call(exchange, self._complaints.GetOwnAccessComplaint, request)
        return AccessComplaintDetails.model_validate(_details(answer))

    async def withdraw(self, exchange: Exchange, complaint_id: UUID) -> AccessComplaint:
        """Take a complaint of the calling citizen back."""
        request = pb.WithdrawAccessComplaintRequest(**_step(exchange, complaint_id))
        return _complaint(await self._channel.call(exchange, self._complaints.WithdrawAccessComplaint, request))

    async def list(self, exchange: Exchange, query: AccessComplaintQuery) -> AccessComplaintPage:
        """Return a page of the queue."""
        request = build(pb.ListAccessComplaintsRequest(answered=query.answered), query.paging())
        return _page(await self._channel.call(exchange, self._complaints.ListAccessComplaints, request))

    async def get(self, exchange: Exchange, complaint_id: UUID) -> AccessComplaintCase:
        """Return one complaint for a data officer."""
        request = pb.GetAccessComplaintRequest(access_complaint_id=str(complaint_id))
        answer = await self._channel.call(exchange, self._complaints.GetAccessComplaint, request)
        return AccessComplaintCase.model_validate(_details(answer))

    async def acknowledge(self, exchange: Exchange, complaint_id: UUID) -> AccessComplaint:
        """Acknowledge a complaint."""
        request = pb.AcknowledgeAccessComplaintRequest(**_step(exchange, complaint_id))
        return _complaint(await self._channel.call(exchange, self._complaints.AcknowledgeAccessComplaint, request))

    async def answer(self, exchange: Exchange, complaint_id: UUID, given: AccessComplaintAnswer) -> AccessComplaint:
        """Answer a complaint."""
        request = build(pb.AnswerAccessComplaintRequest(**_step(exchange, complaint_id)), given.plain())
        return _complaint(await self._channel.call(exchange, self._complaints.AnswerAccessComplaint, request))


def _step(exchange: Exchange, complaint_id: UUID) -> dict[str, Any]:
    return {
        "request_id": exchange.request_id,
        "access_complaint_id": str(complaint_id),
        "expected_version": exchange.expected_version,
    }


def _named(plain: dict[str, Any]) -> dict[str, Any]:
    return plain | {"id": plain["access_complaint_id"], "access": told(plain["access"])}


def _complaint(answer: Any) -> AccessComplaint:
    return AccessComplaint.model_validate(_named(to_plain(answer)["complaint"]))


def _details(answer: Any) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(answer)["details"]
    return _named(plain["complaint"]) | plain


def _page(answer: Any) -> AccessComplaintPage:
    plain = to_plain(answer)
    items = [_named(one) for one in plain["complaints"]]
    return AccessComplaintPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})
