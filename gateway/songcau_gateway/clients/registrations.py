"""Client of the identity service for people whom officers enter on papers."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import citizen_registration_service_pb2 as pb
from songcau.identity.v1.citizen_registration_service_pb2_grpc import CitizenRegistrationServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import document
from songcau_gateway.clients.citizens import flat
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.fields import iso
from songcau_gateway.routes.registration_schemas import (
    Newborn,
    NewbornVoiding,
    NewForeigner,
    NewNewborn,
    NumberedNewborn,
    NumberIssue,
    OwnNewborns,
    RegisteredForeigner,
)


class RegistrationClient:
    """Newborns and foreigners."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._registrations = CitizenRegistrationServiceStub(channel.channel)

    async def register_newborn(self, exchange: Exchange, mother_id: UUID, new: NewNewborn) -> Newborn:
        """Enter a child of a mother."""
        request = pb.RegisterNewbornRequest(
            request_id=exchange.request_id,
            mother_citizen_id=str(mother_id),
            expected_mother_version=exchange.expected_version,
            full_name=new.full_name,
            birth_date=iso(new.birth_date),
            sex=f"SEX_{new.sex}",
            birth_order=new.birth_order,
            evidence=document(new.evidence),
        )
        answer = await self._channel.call(exchange, self._registrations.RegisterNewborn, request)
        return Newborn.model_validate(_newborn(to_plain(answer)))

    async def issue_number(self, exchange: Exchange, citizen_id: UUID, issue: NumberIssue) -> NumberedNewborn:
        """Enter the personal number of a child."""
        request = pb.IssuePersonalNumberRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            number=issue.number,
            evidence=document(issue.evidence),
        )
        answer = await self._channel.call(exchange, self._registrations.IssuePersonalNumber, request)
        return NumberedNewborn.model_validate(_newborn(to_plain(answer)))

    async def void_newborn(self, exchange: Exchange, citizen_id: UUID, voiding: NewbornVoiding) -> Newborn:
        """Let the entry of a child count no more."""
        request = pb.VoidNewbornRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            reason=f"VOID_REASON_{voiding.reason}",
            evidence=document(voiding.evidence),
        )
        answer = await self._channel.call(exchange, self._registrations.VoidNewborn, request)
        return Newborn.model_validate(_newborn(to_plain(answer)))

    async def own_newborns(self, exchange: Exchange) -> OwnNewborns:
        """Return the calling citizen's children."""
        request = pb.ListOwnNewbornsRequest()
        plain = to_plain(await self._channel.call(exchange, self._registrations.ListOwnNewborns, request))
        return OwnNewborns.model_validate({"items": [_newborn(child) for child in plain["newborns"]]})

    async def register_foreigner(self, exchange: Exchange, new: NewForeigner) -> RegisteredForeigner:
        """Enter a foreigner."""
        request = pb.RegisterForeignerRequest(
            request_id=exchange.request_id,
            full_name=new.full_name,
            birth_date=new.birth_date,
            sex=f"SEX_{new.sex or 'UNSPECIFIED'}",
            nationality=new.nationality or "",
            passport_number=new.passport_number,
            issuing_state=new.issuing_state,
            evidence=document(new.evidence),
        )
        answer = await self._channel.call(exchange, self._registrations.RegisterForeigner, request)
        return RegisteredForeigner.model_validate(flat(to_plain(answer)))


def _newborn(plain: dict[str, Any]) -> dict[str, Any]:
    """Lift the child of an answer to its top, where the API has it."""
    return plain | flat(plain["newborn"])
