"""Fees: payment requests of dossiers, and the signed reports of payment providers."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC, allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.payment_schemas import NewPayment, NotificationReceipt, Payment

routes = Routes("Thanh toán · Payments", "eservices", activity="fee-collection")


@routes.add(
    "POST",
    "/v1/dossiers/{dossier_id}/payments",
    allow("citizen", scope="dossier:write", on_behalf=True),
    title="Tạo yêu cầu thanh toán",
    summary="Open a payment request over the dossier's fee; the one that is open already is answered again",
    answer=Payment,
    status=201,
    location="/v1/payments/{payment_id}",
    reasons=("DOSSIER_NOT_FOUND", "FEE_NOT_DUE"),
    creates_or_moves=True,
)
async def create_payment(
    dossier_id: Annotated[UUID, Path(description="id of the dossier")],
    new: NewPayment,
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Open a payment request."""
    payment = await services.payments.create(exchange, dossier_id, new)
    return reply(exchange, payment, status=201, location=f"/v1/payments/{payment.id}")


@routes.add(
    "GET",
    "/v1/payments/{payment_id}",
    allow("citizen", "officer", "leader", scope="dossier:read", on_behalf=True),
    title="Xem một yêu cầu thanh toán",
    summary="Get one payment request and what became of it",
    answer=Payment,
    reasons=("PAYMENT_NOT_FOUND",),
    purpose="required",
)
async def get_payment(
    payment_id: Annotated[UUID, Path(description="id of the payment")], exchange: CurrentExchange, services: Services
) -> Response:
    """Return one payment."""
    return reply(exchange, await services.payments.get(exchange, payment_id))


@routes.add(
    "POST",
    "/v1/payment-notifications/{provider}",
    PUBLIC,
    title="Nhận thông báo thanh toán",
    summary="Take a payment provider's signed report (Standard Webhooks); the signature is the proof, not a token",
    answer=NotificationReceipt,
    reasons=(
        "SIGNATURE_INVALID",
        "NOTIFICATION_INVALID",
        "NOTIFICATION_CONFLICT",
        "PROVIDER_UNKNOWN",
        "PAYMENT_NOT_FOUND",
    ),
    raw_body=True,
    headers=("webhook-id", "webhook-timestamp", "webhook-signature"),
    examples={
        "request": {
            "type": "payment.succeeded",
            "timestamp": "2026-11-23T02:00:00Z",
            "data": {
                "payment_code": "D7K2M9QX-20261123090000",
                "transaction_id": "SP-0001",
                "amount": 20000,
                "currency": "VND",
                "result_code": "00",
                "paid_at": "2026-11-23T02:00:00Z",
            },
        }
    },
)
async def record_payment_notification(
    provider: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$", examples=["sandbox-pay"])],
    request: Request,
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Pass the report on as it came."""
    body = await request.body()
    return reply(exchange, await services.payments.notify(exchange, provider, request.headers, body))
