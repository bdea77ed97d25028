"""Calls to identity's RepresentationService, in the words of the API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from songcau.identity.v1 import representation_service_pb2 as pb
from songcau.identity.v1.representation_service_pb2_grpc import RepresentationServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import document
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.fields import PageQuery, iso
from songcau_gateway.routes.representation_schemas import (
    ChildAnswer,
    NewAuthorisation,
    NewRepresentation,
    Representation,
    RepresentationEnding,
    RepresentationPage,
)


class RepresentationClient:
    """Who may act for whom."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = RepresentationServiceStub(channel.channel)

    async def grant(self, exchange: Exchange, new: NewRepresentation) -> Representation:
        """Enter a representation on a document."""
        request = pb.GrantRepresentationRequest(
            request_id=exchange.request_id,
            kind=f"REPRESENTATION_KIND_{new.kind}",
            represented_kind=f"REPRESENTED_KIND_{new.represented_kind}",
            represented_id=str(new.represented_id),
            representative_id=str(new.representative_id),
            scopes=[f"REPRESENTATION_SCOPE_{scope}" for scope in new.scopes],
            valid_from=iso(new.valid_from) or "",
            valid_until=iso(new.valid_until) or "",
            evidence=document(new.evidence),
        )
        return _one(await self._channel.call(exchange, self._stub.GrantRepresentation, request))

    async def authorise(self, exchange: Exchange, new: NewAuthorisation) -> Representation:
        """Authorise another citizen."""
        request = pb.AuthoriseRepresentativeRequest(
            request_id=exchange.request_id,
            representative_number=new.representative_number,
            representative_name=new.representative_name,
            purpose=f"AUTHORISATION_PURPOSE_{new.purpose}",
            valid_until=iso(new.valid_until) or "",
        )
        return _one(await self._channel.call(exchange, self._stub.AuthoriseRepresentative, request))

    async def answer(self, exchange: Exchange, representation_id: UUID, given: ChildAnswer) -> Representation:
        """Take a child's answer."""
        request = pb.AnswerRepresentationRequest(
            **_moving(exchange, representation_id), answer=f"CHILD_ANSWER_{given.answer}"
        )
        return _one(await self._channel.call(exchange, self._stub.AnswerRepresentation, request))

    async def revoke(self, exchange: Exchange, representation_id: UUID) -> Representation:
        """Take back or give up."""
        request = pb.RevokeRepresentationRequest(**_moving(exchange, representation_id))
        return _one(await self._channel.call(exchange, self._stub.RevokeRepresentation, request))

    async def end(self, exchange: Exchange, representation_id: UUID, ending: RepresentationEnding) -> Representation:
        """End on a document."""
        request = pb.EndRepresentationRequest(
            **_moving(exchange, representation_id),
            cause=f"REPRESENTATION_END_CAUSE_{ending.cause}",
            evidence=document(ending.evidence),
        )
        return _one(await self._channel.call(exchange, self._stub.EndRepresentation, request))

    async def own(self, exchange: Exchange, page: PageQuery) -> RepresentationPage:
        """Return a page of the caller's."""
        request = pb.ListOwnRepresentationsRequest(page_size=page.limit, page_token=page.cursor or "")
        return _page(await self._channel.call(exchange, self._stub.ListOwnRepresentations, request))

    async def of_citizen(self, exchange: Exchange, citizen_id: UUID, page: PageQuery) -> RepresentationPage:
        """Return a page of a citizen's."""
        request = pb.ListCitizenRepresentationsRequest(
            citizen_id=str(citizen_id), page_size=page.limit, page_token=page.cursor or ""
        )
        return _page(await self._channel.call(exchange, self._stub.ListCitizenRepresentations, request))


def _moving(exchange: Exchange, representation_id: UUID) -> dict[str, Any]:
    return {
        "request_id": exchange.request_id,
        "representation_id": str(representation_id),
        "expected_version": exchange.expected_version,
    }


def _one(answer: Any) -> Representation:
    return Representation.model_validate(_flat(to_plain(answer)["representation"]))


def _page(answer: Any) -> RepresentationPage:
    plain = to_plain(answer)
    items = [_flat(one) for one in plain["representations"]]
    return RepresentationPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})


def _flat(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "id": plain["representation_id"]}
