"""Client of dossiers: each officer's verb is one method, all of them answer with the dossier."""

from typing import Any
from uuid import UUID

from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1.dossier_service_pb2_grpc import DossierServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import M, build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.assisted_answers import AssistedDossier
from songcau_gateway.routes.dossier_answers import Checklist, Dossier, DossierPage, HistoryPage
from songcau_gateway.routes.dossier_schemas import (
    Decision,
    DecisionDraft,
    DossierEdit,
    DossierQuery,
    FeeDemand,
    Grounds,
    HandOver,
    NewDossier,
    SupplementWish,
)
from songcau_gateway.routes.fields import Body, PageQuery, dong, split


class DossierClient:
    """Dossiers from the draft to the returned result."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = DossierServiceStub(channel.channel)

    async def create(self, exchange: Exchange, new: NewDossier) -> Dossier | AssistedDossier:
        """Open a draft."""
        request = build(pb.CreateDossierRequest(request_id=exchange.request_id), new.plain())
        return await self._assistable(exchange, self._stub.CreateDossier, request)

    async def get(self, exchange: Exchange, dossier_id: UUID) -> Dossier:
        """Return one dossier whole."""
        return await self._dossier(exchange, self._stub.GetDossier, pb.GetDossierRequest(dossier_id=str(dossier_id)))

    async def page(self, exchange: Exchange, query: DossierQuery) -> DossierPage:
        """Return the caller's own dossiers or their agencies' queue."""
        facts = {"states": split(query.status), "agency_code": query.agency_code, "own": query.own}
        request = build(pb.ListDossiersRequest(), facts | query.paging())
        plain = to_plain(await self._channel.call(exchange, self._stub.ListDossiers, request))
        items = [shape_dossier(item, exchange.language) for item in plain["dossiers"]]
        return DossierPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def checklist(self, exchange: Exchange, dossier_id: UUID) -> Checklist:
        """Return which papers are needed and there."""
        request = pb.GetChecklistRequest(dossier_id=str(dossier_id))
        return Checklist.model_validate(to_plain(await self._channel.call(exchange, self._stub.GetChecklist, request)))

    async def history(self, exchange: Exchange, dossier_id: UUID, page: PageQuery) -> HistoryPage:
        """Return the steps of one dossier, oldest first."""
        request = build(pb.ListDossierHistoryRequest(dossier_id=str(dossier_id)), page.paging())
        plain = to_plain(await self._channel.call(exchange, self._stub.ListDossierHistory, request))
        return HistoryPage.model_validate({"items": plain["entries"], "next_cursor": plain["next_page_token"]})

    async def receipt(self, exchange: Exchange, dossier_id: UUID) -> tuple[bytes, str]:
        """Return the signed receipt and its file name."""
        request = pb.GetReceiptRequest(dossier_id=str(dossier_id))
        answer = await self._channel.call(exchange, self._stub.GetReceipt, request)
        return answer.pdf, answer.file_name

    async def update(self, exchange: Exchange, dossier_id: UUID, edit: DossierEdit) -> Dossier | AssistedDossier:
        """Replace the answers."""
        request = _moving(exchange, pb.UpdateDossierRequest(), dossier_id, edit)
        return await self._assistable(exchange, self._stub.UpdateDossier, request)

    async def submit(self, exchange: Exchange, dossier_id: UUID) -> Dossier | AssistedDossier:
        """Hand the draft in."""
        request = _moving(exchange, pb.SubmitDossierRequest(), dossier_id)
        return await self._assistable(exchange, self._stub.SubmitDossier, request)

    async def accept(self, exchange: Exchange, dossier_id: UUID) -> Dossier:
        """Give the dossier its number and due date."""
        return await self._move(exchange, self._stub.AcceptDossier, pb.AcceptDossierRequest(), dossier_id)

    async def refuse(self, exchange: Exchange, dossier_id: UUID, grounds: Grounds) -> Dossier:
        """Do not accept the dossier."""
        return await self._move(exchange, self._stub.RefuseDossier, pb.RefuseDossierRequest(), dossier_id, grounds)

    async def request_supplement(self, exchange: Exchange, dossier_id: UUID, wish: SupplementWish) -> Dossier:
        """Ask for papers by name."""
        request = pb.RequestSupplementRequest()
        return await self._move(exchange, self._stub.RequestSupplement, request, dossier_id, wish)

    async def supply_supplement(self, exchange: Exchange, dossier_id: UUID) -> Dossier | AssistedDossier:
        """Hand in what was asked."""
        request = _moving(exchange, pb.SupplySupplementRequest(), dossier_id)
        return await self._assistable(exchange, self._stub.SupplySupplement, request)

    async def require_payment(self, exchange: Exchange, dossier_id: UUID, demand: FeeDemand) -> Dossier:
        """Ask for the fee during processing."""
        return await self._move(exchange, self._stub.RequirePayment, pb.RequirePaymentRequest(), dossier_id, demand)

    async def start_processing(self, exchange: Exchange, dossier_id: UUID) -> Dossier:
        """Begin work."""
        return await self._move(exchange, self._stub.StartProcessing, pb.StartProcessingRequest(), dossier_id)

    async def propose(self, exchange: Exchange, dossier_id: UUID, draft: DecisionDraft) -> Dossier:
        """Draft the decision for the leader to sign."""
        return await self._move(exchange, self._stub.ProposeDecision, pb.ProposeDecisionRequest(), dossier_id, draft)

    async def resolve(self, exchange: Exchange, dossier_id: UUID, decision: Decision) -> Dossier:
        """Decide; the service makes and signs the result."""
        return await self._move(exchange, self._stub.ResolveDossier, pb.ResolveDossierRequest(), dossier_id, decision)

    async def return_result(self, exchange: Exchange, dossier_id: UUID, way: HandOver) -> Dossier:
        """Hand the result to the citizen."""
        return await self._move(exchange, self._stub.ReturnResult, pb.ReturnResultRequest(), dossier_id, way)

    async def withdraw(self, exchange: Exchange, dossier_id: UUID, grounds: Grounds) -> Dossier:
        """Withdraw the dossier."""
        return await self._move(exchange, self._stub.WithdrawDossier, pb.WithdrawDossierRequest(), dossier_id, grounds)

    async def stop(self, exchange: Exchange, dossier_id: UUID, grounds: Grounds) -> Dossier:
        """Stop processing."""
        return await self._move(exchange, self._stub.StopDossier, pb.StopDossierRequest(), dossier_id, grounds)

    async def _move(
        self, exchange: Exchange, method: Any, request: Any, dossier_id: UUID, body: Body | None = None
    ) -> Dossier:
        return await self._dossier(exchange, method, _moving(exchange, request, dossier_id, body))

    async def _assistable(self, exchange: Exchange, method: Any, request: Any) -> Dossier | AssistedDossier:
        if exchange.assisted_act is None:
            return await self._dossier(exchange, method, request)
        plain = to_plain((await self._channel.call(exchange, method, request)).dossier)
        return AssistedDossier.model_validate(plain | {"state": (plain["status"] or {}).get("state")})

    async def _dossier(self, exchange: Exchange, method: Any, request: Any) -> Dossier:
        answer = await self._channel.call(exchange, method, request)
        return Dossier.model_validate(shape_dossier(to_plain(answer.dossier), exchange.language))


def _moving(exchange: Exchange, request: M, dossier_id: UUID, body: Body | None = None) -> M:
    facts = {
        "request_id": exchange.request_id,
        "dossier_id": str(dossier_id),
        "expected_version": exchange.expected_version,
    }
    return build(request, facts | (body.plain() if body else {}))


def shape_dossier(plain: dict[str, Any], language: str) -> dict[str, Any]:
    """Say a dossier of the service in the words of the API."""
    status, deadline = plain["status"] or {}, plain["deadline"]
    if deadline:
        explained = [{"code": step["code"], "text": step[language]} for step in deadline["explained"]]
        deadline = deadline | {"explained": explained}
    return plain | {
        "status": status | {"code": status.get("state")},
        "agencies": plain["agencies"] or {},
        "deadline": deadline,
        "answers": plain["answers"] or {},
        "fee": dong(plain["fee_amount"]),
        "fee_paid": dong(plain["fee_paid_amount"]),
        "fee_due": dong(plain["fee_due_amount"]),
        "fee_refund_due": dong(plain["fee_refund_due_amount"]),
    }
