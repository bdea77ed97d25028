"""Reads the body of a provider's notification; the signature is checked before."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from songcau_kit.errors import DomainError

from songcau_eservices.errors import NOTIFICATION_INVALID
from songcau_eservices.payments.payment import Report, ReportKind

SUCCESS = "00"
MOST_DONG = 10**12


class _Data(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    payment_code: str = Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")
    transaction_id: str = Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")
    amount: int = Field(ge=0, le=MOST_DONG)
    currency: Literal["VND"]
    result_code: str = Field(min_length=1, max_length=20)
    paid_at: datetime | None = Field(default=None, strict=False)


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    type: Literal["payment.succeeded", "payment.failed"]
    data: _Data


def read_report(provider: str, body: bytes) -> Report:
    """Return what the provider says; raise NOTIFICATION_INVALID for anything but the agreed form.

    Money counts as arrived only when the type and the result code both say so.
    """
    try:
        message = _Body.model_validate_json(body)
    except ValidationError:
        raise DomainError(NOTIFICATION_INVALID) from None
    data = message.data
    if data.paid_at is not None and data.paid_at.tzinfo is None:
        raise DomainError(NOTIFICATION_INVALID)
    is_paid = message.type == "payment.succeeded" and data.result_code == SUCCESS
    kind = ReportKind.SUCCEEDED if is_paid else ReportKind.FAILED
    return Report(provider, kind, data.payment_code, data.transaction_id, data.amount, data.paid_at)
