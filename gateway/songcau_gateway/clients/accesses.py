"""Client of the access list."""

from typing import Any

from songcau.identity.v1 import access_list_service_pb2 as pb
from songcau.identity.v1.access_list_service_pb2_grpc import AccessListServiceStub
from songcau_kit.access_words import access_words

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.access_schemas import AccessPage, AccessQuery


class AccessClient:
    """Who touched the calling citizen's data."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._accesses = AccessListServiceStub(channel.channel)

    async def list_own(self, exchange: Exchange, query: AccessQuery) -> AccessPage:
        """Return a page of accesses with their words."""
        request = build(pb.ListOwnAccessesRequest(), query.paging() | query.filters())
        plain = to_plain(await self._channel.call(exchange, self._accesses.ListOwnAccesses, request))
        items = [told(entry) for entry in plain["accesses"]]
        return AccessPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})


def told(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry as the API has it, with its words."""
    return entry | {"id": entry["entry_id"], "words": access_words().describe(entry)}
