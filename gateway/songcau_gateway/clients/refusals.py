"""Client of refusals: the service that knows whose object it was enters who was turned away here."""

from typing import Any

from songcau.eservices.v1 import refusal_service_pb2 as eservices_pb
from songcau.eservices.v1.refusal_service_pb2_grpc import RefusalServiceStub as EservicesStub
from songcau.identity.v1 import refusal_service_pb2 as identity_pb
from songcau.identity.v1.refusal_service_pb2_grpc import RefusalServiceStub as IdentityStub
from songcau.telehealth.v1 import refusal_service_pb2 as telehealth_pb
from songcau.telehealth.v1.refusal_service_pb2_grpc import RefusalServiceStub as TelehealthStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.exchange import Exchange
from songcau_gateway.routing import Refused


class RefusalClient:
    """Refusals of the gateway, told to the services."""

    def __init__(self, identity: ServiceChannel, eservices: ServiceChannel, telehealth: ServiceChannel) -> None:
        self._services: dict[str, tuple[ServiceChannel, Any, Any]] = {
            "identity": (identity, IdentityStub(identity.channel), identity_pb),
            "eservices": (eservices, EservicesStub(eservices.channel), eservices_pb),
            "telehealth": (telehealth, TelehealthStub(telehealth.channel), telehealth_pb),
        }

    async def record(self, exchange: Exchange, refused: Refused) -> None:
        """Have the refusal of one call entered."""
        channel, stub, pb = self._services[refused.service]
        cause = f"REFUSAL_CAUSE_{refused.cause}"
        named = {"citizen_id" if refused.service == "identity" else "object_id": refused.object_id}
        request = pb.RecordRefusalRequest(rpc=refused.rpc, cause=cause, **named)
        await channel.call(exchange, stub.RecordRefusal, request)
