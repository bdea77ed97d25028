"""Client of the identity service for the papers of citizens."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import paper_service_pb2 as pb
from songcau.identity.v1.paper_pb2 import PaperNumber as PaperNumberMessage
from songcau.identity.v1.paper_service_pb2_grpc import PaperServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import document
from songcau_gateway.clients.citizens import flat
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.paper_schemas import HeldPapers, NewPaper, PaperHolder, PaperWithdrawal


class PaperClient:
    """Papers recorded, withdrawn, listed."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._papers = PaperServiceStub(channel.channel)

    async def record(self, exchange: Exchange, citizen_id: UUID, new: NewPaper) -> PaperHolder:
        """Record a paper an officer saw."""
        request = pb.RecordPaperRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            paper=build(PaperNumberMessage(), new.paper.plain()),
            evidence=document(new.evidence),
        )
        return PaperHolder.model_validate(
            flat(to_plain(await self._channel.call(exchange, self._papers.RecordPaper, request)))
        )

    async def withdraw(self, exchange: Exchange, paper_id: UUID, act: PaperWithdrawal) -> PaperHolder:
        """Let a paper count no more."""
        request = pb.WithdrawPaperRequest(
            request_id=exchange.request_id,
            paper_id=str(paper_id),
            expected_citizen_version=exchange.expected_version,
            withdrawal=f"PAPER_WITHDRAWAL_{act.withdrawal}",
            evidence=document(act.evidence),
        )
        return PaperHolder.model_validate(
            flat(to_plain(await self._channel.call(exchange, self._papers.WithdrawPaper, request)))
        )

    async def of_citizen(self, exchange: Exchange, citizen_id: UUID) -> HeldPapers:
        """Return every paper of a citizen."""
        request = pb.ListPapersRequest(citizen_id=str(citizen_id))
        return _listed(to_plain(await self._channel.call(exchange, self._papers.ListPapers, request)))

    async def own(self, exchange: Exchange) -> HeldPapers:
        """Return every paper of the calling citizen."""
        return _listed(
            to_plain(await self._channel.call(exchange, self._papers.ListOwnPapers, pb.ListOwnPapersRequest()))
        )


def _listed(plain: dict[str, Any]) -> HeldPapers:
    return HeldPapers.model_validate({"items": [paper | {"id": paper["paper_id"]} for paper in plain["papers"]]})
