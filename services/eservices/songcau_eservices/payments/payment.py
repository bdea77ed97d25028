"""What a payment request is and what providers report about it; values only."""

from dataclasses import dataclass, field
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
    """One request to pay what of a dossier's fee is unpaid, in đồng.

    At rest `pay_url` is the provider's page alone and the way back from it is sealed; `return_addresses.opened` joins
    them.
    """

    id: UUID
    code: str
    dossier_id: UUID
    citizen_id: UUID
    amount: int
    state: PaymentState
    qr_content: str
    pay_url: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None = None
    transaction_id: str = ""
    return_url_enc: bytes | None = field(default=None, repr=False)


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
