"""Client of the identity service."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import citizen_service_pb2 as pb
from songcau.identity.v1.citizen_service_pb2_grpc import CitizenServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.citizen_schemas import (
    Citizen,
    CitizenSearch,
    FoundCitizens,
    Profile,
)

_LEVELS = {"0": 0, "1": 1, "2": 2}


class CitizenClient:
    """Profiles, look-ups and blocks."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._citizens = CitizenServiceStub(channel.channel)

    async def own_profile(self, exchange: Exchange) -> Profile:
        """Return the calling citizen's profile."""
        answer = await self._channel.call(exchange, self._citizens.GetOwnProfile, pb.GetOwnProfileRequest())
        return Profile.model_validate(flat(to_plain(answer)))

    async def unlink(self, exchange: Exchange) -> Citizen:
        """End the calling citizen's link."""
        request = pb.UnlinkCitizenRequest(request_id=exchange.request_id, expected_version=exchange.expected_version)
        answer = await self._channel.call(exchange, self._citizens.UnlinkCitizen, request)
        return Citizen.model_validate(flat(to_plain(answer)))

    async def search(self, exchange: Exchange, search: CitizenSearch) -> FoundCitizens:
        """Look citizens up by number or name."""
        request = build(pb.LookUpCitizenRequest(), search.plain())
        plain = to_plain(await self._channel.call(exchange, self._citizens.LookUpCitizen, request))
        found = [flat(hit) | {"birth_year": hit["birth_year"] or None} for hit in plain["citizens"]]
        return FoundCitizens.model_validate({"items": found, "more_exist": plain["more_exist"]})

    async def block(self, exchange: Exchange, citizen_id: UUID) -> Citizen:
        """Stop every service for a citizen."""
        request = pb.BlockCitizenRequest(
            request_id=exchange.request_id, citizen_id=str(citizen_id), expected_version=exchange.expected_version
        )
        answer = await self._channel.call(exchange, self._citizens.BlockCitizen, request)
        return Citizen.model_validate(flat(to_plain(answer)))

    async def unblock(self, exchange: Exchange, citizen_id: UUID) -> Citizen:
        """Lift a block."""
        request = pb.UnblockCitizenRequest(
            request_id=exchange.request_id, citizen_id=str(citizen_id), expected_version=exchange.expected_version
        )
        answer = await self._channel.call(exchange, self._citizens.UnblockCitizen, request)
        return Citizen.model_validate(flat(to_plain(answer)))


def flat(plain: dict[str, Any]) -> dict[str, Any]:
    """Lift the citizen of an answer to its top, where the API has it."""
    return plain | flat_citizen(plain["citizen"])


def flat_citizen(citizen: dict[str, Any]) -> dict[str, Any]:
    """Return a citizen as the API has it."""
    return citizen | {"id": citizen["citizen_id"], "identity_level": _LEVELS.get(citizen["identity_level"])}
