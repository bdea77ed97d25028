"""The door to payments: message in, use case, message out."""

from dataclasses import replace

from songcau.eservices.v1 import payment_service_pb2 as pb
from songcau.eservices.v1.payment_service_pb2_grpc import PaymentServiceServicer
from songcau_kit.rpc_server import Rule, current_call

from songcau_eservices.dossiers.changes import Change
from songcau_eservices.dossiers.model import Action
from songcau_eservices.errors import PAYMENT_NOT_FOUND
from songcau_eservices.payments.notifications import Notifications, Received
from songcau_eservices.payments.paying import Paying
from songcau_eservices.payments.payment import Payment
from songcau_eservices.payments.signature import Headers
from songcau_eservices.servers.dossier_messages import timestamp
from songcau_eservices.servers.requests import CITIZEN_READ, CITIZEN_WRITE, read_id, ticket_of

SERVICE = "songcau.eservices.v1.PaymentService"
_FEES = "fee-collection"
RULES = {
    f"{SERVICE}/CreatePayment": replace(CITIZEN_WRITE, activity=_FEES),
    f"{SERVICE}/GetPayment": replace(CITIZEN_READ, activity=_FEES),
    f"{SERVICE}/RecordPaymentNotification": Rule(anonymous=True, activity=_FEES),
}


class PaymentServer(PaymentServiceServicer):
    """Serves PaymentService."""

    def __init__(self, paying: Paying, notifications: Notifications) -> None:
        self._paying = paying
        self._notifications = notifications

    def CreatePayment(self, request: pb.CreatePaymentRequest, _: object) -> pb.CreatePaymentResponse:  # noqa: N802
        """Open a payment request."""
        change = Change(current_call(), ticket_of(request), read_id(request.dossier_id), Action.PAY, None)
        return pb.CreatePaymentResponse(payment=_payment(self._paying.create(change, request.return_url)))

    def GetPayment(self, request: pb.GetPaymentRequest, _: object) -> pb.GetPaymentResponse:  # noqa: N802
        """Return one payment."""
        payment_id = read_id(request.payment_id, PAYMENT_NOT_FOUND)
        return pb.GetPaymentResponse(payment=_payment(self._paying.get(current_call(), payment_id)))

    def RecordPaymentNotification(  # noqa: N802
        self, request: pb.RecordPaymentNotificationRequest, _: object
    ) -> pb.RecordPaymentNotificationResponse:
        """Record what a provider reports."""
        headers = Headers(request.webhook_id, request.webhook_timestamp, request.webhook_signature)
        told = self._notifications.record(
            Received(request.provider, headers, request.body, current_call().correlation_id)
        )
        return pb.RecordPaymentNotificationResponse(
            outcome=f"NOTIFICATION_OUTCOME_{told.outcome}", payment_id=str(told.payment_id)
        )


def _payment(payment: Payment) -> pb.Payment:
    return pb.Payment(
        id=str(payment.id),
        code=payment.code,
        dossier_id=str(payment.dossier_id),
        amount=payment.amount,
        currency="VND",
        state=f"PAYMENT_STATE_{payment.state}",
        qr_content=payment.qr_content,
        pay_url=payment.pay_url,
        created_at=timestamp(payment.created_at),
        expires_at=timestamp(payment.expires_at),
        paid_at=timestamp(payment.paid_at) if payment.paid_at else None,
        transaction_id=payment.transaction_id,
    )
