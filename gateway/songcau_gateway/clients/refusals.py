"""Client of refusals: the service that knows whose object it was enters who was turned away here."""

from typing import Any

from songcau.eservices.v1 import refusal_service_pb2 as eservices_pb
from songcau.eservices.v1.refusal_service_pb2_grpc import RefusalServiceStub as EservicesStub
from songcau.telehealth.v1 import refusal_service_pb2 as telehealth_pb
from songcau.telehealth.v1.refusal_service_pb2_grpc import RefusalServiceStub as TelehealthStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.exchange import Exchange
from songcau_gateway.routing import Refused


class RefusalClient:
    """Refusals of the gateway, told to the services."""

    def __init__(self, eservices: ServiceChannel, telehealth: ServiceChannel) -> None:
        self._services: dict[str, tuple[ServiceChannel, Any, Any]] = {
            "eservices": (eservices, EservicesStub(eservices.channel), eservices_pb),
            "telehealth": (telehealth, TelehealthStub(telehealth.channel), telehealth_pb),
        }

    async def record(self, exchange: Exchange, refused: Refused) -> None:
        """Have the refusal of one call entered."""
        channel, stub, pb = self._services[refused.service]
        cause = f"REFUSAL_CAUSE_{refused.cause}"
        request = pb.RecordRefusalRequest(rpc=refused.rpc, object_id=refused.object_id, cause=cause)
        await channel.call(exchange, stub.RecordRefusal, request)
