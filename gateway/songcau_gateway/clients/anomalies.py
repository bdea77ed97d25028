"""Client of the identity service for look-ups that need an explanation."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import anomaly_service_pb2 as pb
from songcau.identity.v1.anomaly_service_pb2_grpc import AnomalyServiceStub

from songcau_gateway.clients.accesses import told
from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.anomaly_schemas import (
    Anomaly,
    AnomalyDecision,
    AnomalyDetails,
    AnomalyExplanation,
    AnomalyPage,
    AnomalyQuery,
    AnomalyQuestion,
    NewWatchedCitizen,
    OwnAnomalyDetails,
    WatchedCitizen,
    WatchedCitizenPage,
)
from songcau_gateway.routes.fields import PageQuery


class AnomalyClient:
    """Anomalies as data officers and the officers they are about see them, and the list of watched citizens."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._anomalies = AnomalyServiceStub(channel.channel)

    async def list(self, exchange: Exchange, query: AnomalyQuery) -> AnomalyPage:
        """Return a page for a data officer."""
        request = build(pb.ListAnomaliesRequest(), query.paging() | query.filters())
        return _page(await self._channel.call(exchange, self._anomalies.ListAnomalies, request))

    async def get(self, exchange: Exchange, anomaly_id: UUID) -> AnomalyDetails:
        """Return one anomaly for a data officer."""
        request = pb.GetAnomalyRequest(anomaly_id=str(anomaly_id))
        answer = await self._channel.call(exchange, self._anomalies.GetAnomaly, request)
        return AnomalyDetails.model_validate(_details(answer))

    async def ask(self, exchange: Exchange, anomaly_id: UUID, asked: AnomalyQuestion) -> Anomaly:
        """Ask the officer for an explanation."""
        request = pb.AskAboutAnomalyRequest(**_step(exchange, anomaly_id), question=asked.question)
        return _anomaly(await self._channel.call(exchange, self._anomalies.AskAboutAnomaly, request))

    async def decide(self, exchange: Exchange, anomaly_id: UUID, decision: AnomalyDecision) -> Anomaly:
        """End an anomaly."""
        request = build(pb.DecideAnomalyRequest(**_step(exchange, anomaly_id)), decision.plain())
        return _anomaly(await self._channel.call(exchange, self._anomalies.DecideAnomaly, request))

    async def report(self, exchange: Exchange, month: str) -> bytes:
        """Return the report of a month."""
        request = pb.GetAnomalyReportRequest(month=month)
        answer = await self._channel.call(exchange, self._anomalies.GetAnomalyReport, request)
        return bytes(answer.pdf)

    async def list_own(self, exchange: Exchange, page: PageQuery) -> AnomalyPage:
        """Return a page of what the calling officer was asked about."""
        request = build(pb.ListOwnAnomaliesRequest(), page.paging())
        return _page(await self._channel.call(exchange, self._anomalies.ListOwnAnomalies, request))

    async def get_own(self, exchange: Exchange, anomaly_id: UUID) -> OwnAnomalyDetails:
        """Return one of them."""
        request = pb.GetOwnAnomalyRequest(anomaly_id=str(anomaly_id))
        answer = await self._channel.call(exchange, self._anomalies.GetOwnAnomaly, request)
        return OwnAnomalyDetails.model_validate(_details(answer))

    async def explain(self, exchange: Exchange, anomaly_id: UUID, given: AnomalyExplanation) -> Anomaly:
        """Answer the question."""
        request = pb.ExplainAnomalyRequest(**_step(exchange, anomaly_id), explanation=given.explanation)
        return _anomaly(await self._channel.call(exchange, self._anomalies.ExplainAnomaly, request))

    async def list_watched(self, exchange: Exchange, page: PageQuery) -> WatchedCitizenPage:
        """Return a page of watched citizens."""
        request = build(pb.ListWatchedCitizensRequest(), page.paging())
        plain = to_plain(await self._channel.call(exchange, self._anomalies.ListWatchedCitizens, request))
        items = [_watch_fields(one) for one in plain["watched"]]
        return WatchedCitizenPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def watch(self, exchange: Exchange, new: NewWatchedCitizen) -> WatchedCitizen:
        """Put a citizen on the list."""
        request = pb.WatchCitizenRequest(
            request_id=exchange.request_id, citizen_id=str(new.citizen_id), reason=new.reason
        )
        return _watched(await self._channel.call(exchange, self._anomalies.WatchCitizen, request))

    async def unwatch(self, exchange: Exchange, watch_id: UUID) -> WatchedCitizen:
        """Take a citizen off it."""
        request = pb.UnwatchCitizenRequest(
            request_id=exchange.request_id, watch_id=str(watch_id), expected_version=exchange.expected_version
        )
        return _watched(await self._channel.call(exchange, self._anomalies.UnwatchCitizen, request))


def _step(exchange: Exchange, anomaly_id: UUID) -> dict[str, Any]:
    return {
        "request_id": exchange.request_id,
        "anomaly_id": str(anomaly_id),
        "expected_version": exchange.expected_version,
    }


def _fields(plain: dict[str, Any]) -> dict[str, Any]:
    return plain | {"id": plain["anomaly_id"]}


def _anomaly(answer: Any) -> Anomaly:
    return Anomaly.model_validate(_fields(to_plain(answer)["anomaly"]))


def _details(answer: Any) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(answer)["details"]
    return _fields(plain["anomaly"]) | plain | {"entries": [told(entry) for entry in plain["entries"]]}


def _page(answer: Any) -> AnomalyPage:
    plain = to_plain(answer)
    items = [_fields(one) for one in plain["anomalies"]]
    return AnomalyPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})


def _watch_fields(plain: dict[str, Any]) -> dict[str, Any]:
    return plain | {"id": plain["watch_id"]}


def _watched(answer: Any) -> WatchedCitizen:
    return WatchedCitizen.model_validate(_watch_fields(to_plain(answer)["watched"]))
