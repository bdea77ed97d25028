"""Client of payments."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from songcau.eservices.v1 import payment_service_pb2 as pb
from songcau.eservices.v1.payment_service_pb2_grpc import PaymentServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.fields import dong
from songcau_gateway.routes.payment_schemas import NewPayment, NotificationReceipt, Payment


class PaymentClient:
    """Payment requests and what providers report."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = PaymentServiceStub(channel.channel)

    async def create(self, exchange: Exchange, dossier_id: UUID, new: NewPayment) -> Payment:
        """Open a payment request over the dossier's fee."""
        request = pb.CreatePaymentRequest(
            request_id=exchange.request_id, dossier_id=str(dossier_id), return_url=new.return_url or ""
        )
        answer = await self._channel.call(exchange, self._stub.CreatePayment, request)
        return Payment.model_validate(_shape(to_plain(answer.payment)))

    async def get(self, exchange: Exchange, payment_id: UUID) -> Payment:
        """Return one payment."""
        request = pb.GetPaymentRequest(payment_id=str(payment_id))
        answer = await self._channel.call(exchange, self._stub.GetPayment, request)
        return Payment.model_validate(_shape(to_plain(answer.payment)))

    async def notify(
        self, exchange: Exchange, provider: str, headers: Mapping[str, str], body: bytes
    ) -> NotificationReceipt:
        """Hand a provider's signed report on, byte for byte."""
        request = pb.RecordPaymentNotificationRequest(
            provider=provider,
            webhook_id=headers.get("webhook-id", ""),
            webhook_timestamp=headers.get("webhook-timestamp", ""),
            webhook_signature=headers.get("webhook-signature", ""),
            body=body,
        )
        answer = await self._channel.call(exchange, self._stub.RecordPaymentNotification, request)
        return NotificationReceipt.model_validate(to_plain(answer))


def _shape(plain: dict[str, Any]) -> dict[str, Any]:
    pending = plain["state"] == "PENDING"
    status = {"code": plain["state"], "finished": not pending, "next_actions": ["PAY"] if pending else []}
    return plain | {"price": dong(plain["amount"]), "status": status}
