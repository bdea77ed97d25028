"""Calls to identity's AssistanceService, in the words of the API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from songcau.identity.v1 import assistance_service_pb2 as pb
from songcau.identity.v1.assistance_pb2 import AssistedDetail
from songcau.identity.v1.assistance_service_pb2_grpc import AssistanceServiceStub
from songcau_kit.assisted_acts import digest_of

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.clients.proposals import ProposalClient
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.assistance_schemas import (
    AssistedAct,
    AssistedSession,
    AssistedSessionPage,
    NewAssistedAct,
    NewAssistedSession,
)
from songcau_gateway.routes.fields import PageQuery


class AssistanceClient:
    """Assisted sessions of helpers and of the citizens they help."""

    def __init__(self, identity: ServiceChannel, proposals: ProposalClient) -> None:
        self._channel = identity
        self._stub = AssistanceServiceStub(identity.channel)
        self._proposals = proposals

    async def start(self, exchange: Exchange, new: NewAssistedSession) -> AssistedSession:
        """Ask a citizen."""
        request = pb.StartAssistedSessionRequest(
            request_id=exchange.request_id,
            personal_number=new.personal_number,
            purpose=f"ASSISTANCE_PURPOSE_{new.purpose}",
        )
        return _session(await self._channel.call(exchange, self._stub.StartAssistedSession, request))

    async def propose(self, exchange: Exchange, session_id: UUID, new: NewAssistedAct) -> AssistedAct:
        """Put an act before the citizen."""
        proposal = await self._proposals.build(exchange, new.act)
        request = pb.ProposeAssistedActRequest(
            request_id=exchange.request_id,
            session_id=str(session_id),
            operation=f"ASSISTED_OPERATION_{proposal.operation}",
            digest=digest_of(proposal.method, proposal.request),
            facts=[pb.AssistedFact(code=code, value=value) for code, value in proposal.facts.items()],
            details=[
                AssistedDetail(label_vi=one.label["vi"], label_en=one.label["en"], value=one.value)
                for one in proposal.details
            ],
        )
        return _act(await self._channel.call(exchange, self._stub.ProposeAssistedAct, request))

    async def get(self, exchange: Exchange, session_id: UUID) -> AssistedSession:
        """Return a session of the caller's."""
        request = pb.GetAssistedSessionRequest(session_id=str(session_id))
        return _session(await self._channel.call(exchange, self._stub.GetAssistedSession, request))

    async def end(self, exchange: Exchange, session_id: UUID) -> AssistedSession:
        """End a session."""
        request = pb.EndAssistedSessionRequest(request_id=exchange.request_id, session_id=str(session_id))
        return _session(await self._channel.call(exchange, self._stub.EndAssistedSession, request))

    async def own(self, exchange: Exchange, page: PageQuery) -> AssistedSessionPage:
        """Return a page of the citizen's."""
        request = pb.ListAssistedSessionsRequest(page_size=page.limit, page_token=page.cursor or "")
        plain = to_plain(await self._channel.call(exchange, self._stub.ListAssistedSessions, request))
        items = [_flat_session(one) for one in plain["sessions"]]
        return AssistedSessionPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def approve(self, exchange: Exchange, session_id: UUID) -> AssistedSession:
        """Agree to a session."""
        request = pb.ApproveAssistedSessionRequest(request_id=exchange.request_id, session_id=str(session_id))
        return _session(await self._channel.call(exchange, self._stub.ApproveAssistedSession, request))

    async def confirm(self, exchange: Exchange, session_id: UUID, act_id: UUID) -> AssistedAct:
        """Agree to an act."""
        request = pb.ConfirmAssistedActRequest(**_answering(exchange, session_id, act_id))
        return _act(await self._channel.call(exchange, self._stub.ConfirmAssistedAct, request))

    async def decline(self, exchange: Exchange, session_id: UUID, act_id: UUID) -> AssistedAct:
        """Do not agree to an act."""
        request = pb.DeclineAssistedActRequest(**_answering(exchange, session_id, act_id))
        return _act(await self._channel.call(exchange, self._stub.DeclineAssistedAct, request))


def _answering(exchange: Exchange, session_id: UUID, act_id: UUID) -> dict[str, Any]:
    return {"request_id": exchange.request_id, "session_id": str(session_id), "act_id": str(act_id)}


def _session(answer: Any) -> AssistedSession:
    return AssistedSession.model_validate(_flat_session(to_plain(answer)["session"]))


def _act(answer: Any) -> AssistedAct:
    return AssistedAct.model_validate(_flat_act(to_plain(answer)["act"]))


def _flat_session(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "id": plain["session_id"], "acts": [_flat_act(act) for act in plain["acts"]]}


def _flat_act(plain: Mapping[str, Any]) -> dict[str, Any]:
    words = {"vi": plain["summary_vi"], "en": plain["summary_en"]}
    details = [
        {"label": {"vi": one["label_vi"], "en": one["label_en"]}, "value": one["value"]} for one in plain["details"]
    ]
    return {**plain, "id": plain["act_id"], "summary": words if plain["summary_vi"] else None, "details": details}
