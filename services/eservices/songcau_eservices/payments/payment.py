"""What a payment request is and what providers report about it; values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class PaymentState(StrEnum):
    """What became of one request to pay."""

    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    MISMATCHED = "MISMATCHED"
    REFUND_DUE = "REFUND_DUE"
    REFUNDED = "REFUNDED"


@dataclass(frozen=True)
class Payment:
    """One request to pay the whole fee of a dossier, in đồng."""

    id: UUID
    code: str
    dossier_id: UUID
    citizen_id: UUID
    amount: int
    state: PaymentState
    qr_content: str
    pay_url: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None = None
    transaction_id: str = ""


class Outcome(StrEnum):
    """What a report led to."""

    PAID = "PAID"
    MISMATCHED = "MISMATCHED"
    REFUND_DUE = "REFUND_DUE"
    FAILED = "FAILED"


class ReportKind(StrEnum):
    """What a provider says happened."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Report:
    """A provider's report, its signature already verified."""

    provider: str
    kind: ReportKind
    payment_code: str
    transaction_id: str
    amount: int
    paid_at: datetime | None


@dataclass(frozen=True)
class Notification:
    """A report as recorded, with what it led to."""

    provider: str
    transaction_id: str
    kind: ReportKind
    payment_id: UUID
    amount: int
    outcome: Outcome
    received_at: datetime
