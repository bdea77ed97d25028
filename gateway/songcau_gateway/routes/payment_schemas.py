"""What the API says about payments."""

from typing import Annotated

from pydantic import Field, StringConstraints

from songcau_gateway.routes.fields import Answer, Body, Id, Instant, Money, known


class NewPayment(Body):
    """A payment request over the dossier's whole fee."""

    return_url: (
        Annotated[
            str,
            StringConstraints(max_length=500, pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[\x21-\x7e]*$"),
        ]
        | None
    ) = Field(
        default=None, examples=["https://app.thainguyen.example/paid"], description="where the payer goes back to"
    )


class PaymentStatus(Answer):
    """Where a payment stands."""

    code: str = known("PENDING", "PAID", "FAILED", "CANCELLED", "MISMATCHED", "REFUND_DUE", "REFUNDED")
    finished: bool
    next_actions: list[str] = Field(examples=[["PAY"]])


class Payment(Answer):
    """One request to pay, and what became of it."""

    id: Id
    code: str = Field(examples=["D7K2M9QX-20261123090000"], description="what the provider knows it by")
    dossier_id: Id
    price: Money
    status: PaymentStatus
    qr_content: str | None = Field(examples=["00020101021238570010A000000727"], description="VietQR text")
    pay_url: str | None = Field(examples=["http://127.0.0.1:8191/pay?code=D7K2M9QX-20261123090000"])
    created_at: Instant | None
    expires_at: Instant | None
    paid_at: Instant | None
    transaction_id: str | None = Field(examples=[None])


class NotificationReceipt(Answer):
    """What a provider's report led to; the same report again gets the same answer."""

    outcome: str = known("PAID", "MISMATCHED", "REFUND_DUE", "FAILED")
    payment_id: str | None = Field(examples=["019ab6c2-7c1e-7000-8000-000000000003"])
