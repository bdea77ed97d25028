"""Client of the identity service for the register of breaches."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import breach_service_pb2 as pb
from songcau.identity.v1.breach_service_pb2_grpc import BreachServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.breach_schemas import (
    Breach,
    BreachEnd,
    BreachFacts,
    BreachFile,
    BreachNotice,
    BreachPage,
    BreachPersonPage,
    BreachWindow,
)
from songcau_gateway.routes.fields import PageQuery


class BreachClient:
    """Opens breaches, takes them through their steps, reads the register."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._breaches = BreachServiceStub(channel.channel)

    async def open(self, exchange: Exchange, facts: BreachFacts) -> Breach:
        """Open a breach."""
        request = pb.OpenBreachRequest(request_id=exchange.request_id, facts=build(pb.BreachFacts(), facts.plain()))
        return _breach(to_plain(await self._channel.call(exchange, self._breaches.OpenBreach, request))["breach"])

    async def amend(self, exchange: Exchange, breach_id: UUID, facts: BreachFacts) -> Breach:
        """Replace what is known."""
        request = pb.AmendBreachRequest(facts=build(pb.BreachFacts(), facts.plain()), **_step(exchange, breach_id))
        return _breach(to_plain(await self._channel.call(exchange, self._breaches.AmendBreach, request))["breach"])

    async def assess(self, exchange: Exchange, breach_id: UUID, window: BreachWindow) -> Breach:
        """Find who was touched."""
        values = window.plain()
        values["from"] = values.pop("from_")
        request = build(pb.AssessBreachRequest(**_step(exchange, breach_id)), values)
        return _breach(to_plain(await self._channel.call(exchange, self._breaches.AssessBreach, request))["breach"])

    async def record_notice(self, exchange: Exchange, breach_id: UUID, notice: BreachNotice) -> Breach:
        """Record that somebody was told."""
        request = build(pb.RecordBreachNoticeRequest(**_step(exchange, breach_id)), notice.plain())
        answer = await self._channel.call(exchange, self._breaches.RecordBreachNotice, request)
        return _breach(to_plain(answer)["breach"])

    async def close(self, exchange: Exchange, breach_id: UUID, end: BreachEnd) -> Breach:
        """Close a breach."""
        request = pb.CloseBreachRequest(dismissed=end.dismissed, **_step(exchange, breach_id))
        return _breach(to_plain(await self._channel.call(exchange, self._breaches.CloseBreach, request))["breach"])

    async def get(self, exchange: Exchange, breach_id: UUID) -> BreachFile:
        """Return one breach with its texts and steps."""
        request = pb.GetBreachRequest(breach_id=str(breach_id))
        plain = to_plain(await self._channel.call(exchange, self._breaches.GetBreach, request))
        facts, steps = plain["facts"] or {}, {"steps": plain["steps"]}
        return BreachFile.model_validate(facts | _fields(plain["breach"]) | steps)

    async def page(self, exchange: Exchange, page: PageQuery) -> BreachPage:
        """Return a page of the register."""
        request = pb.ListBreachesRequest(page_size=page.limit, page_token=page.cursor or "")
        plain = to_plain(await self._channel.call(exchange, self._breaches.ListBreaches, request))
        items = [_fields(breach) for breach in plain["breaches"]]
        return BreachPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def persons(self, exchange: Exchange, breach_id: UUID, page: PageQuery) -> BreachPersonPage:
        """Return a page of who was touched."""
        request = pb.ListBreachPersonsRequest(
            breach_id=str(breach_id), page_size=page.limit, page_token=page.cursor or ""
        )
        plain = to_plain(await self._channel.call(exchange, self._breaches.ListBreachPersons, request))
        return BreachPersonPage.model_validate({"items": plain["persons"], "next_cursor": plain["next_page_token"]})

    async def form(self, exchange: Exchange, breach_id: UUID) -> bytes:
        """Return the notice to the authority."""
        request = pb.GetBreachFormRequest(breach_id=str(breach_id))
        answer = await self._channel.call(exchange, self._breaches.GetBreachForm, request)
        return bytes(answer.pdf)


def _step(exchange: Exchange, breach_id: UUID) -> dict[str, Any]:
    return {
        "request_id": exchange.request_id,
        "breach_id": str(breach_id),
        "expected_version": exchange.expected_version,
    }


def _fields(breach: dict[str, Any]) -> dict[str, Any]:
    return breach | {"id": breach["breach_id"]}


def _breach(plain: dict[str, Any]) -> Breach:
    return Breach.model_validate(_fields(plain))
