"""What happened to a dossier, as values; `events.py` alone turns them into messages. Ids and codes only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drafted:
    """A citizen opened a draft."""


@dataclass(frozen=True)
class Submitted:
    """A citizen handed the dossier in."""

    channel: str


@dataclass(frozen=True)
class PaymentRecorded:
    """A provider reported money."""

    payment_id: str
    payment_code: str
    amount: int
    outcome: str


@dataclass(frozen=True)
class Accepted:
    """The dossier has its number and due date."""

    due_date: str


@dataclass(frozen=True)
class SupplementRequested:
    """The agency asks for papers."""

    component_keys: tuple[str, ...]


@dataclass(frozen=True)
class SupplementSupplied:
    """The citizen supplied; both dates are empty before acceptance. The fee is that of the answers as they are now."""

    old_due_date: str = ""
    new_due_date: str = ""
    fee_amount: int = 0
    fee_due_amount: int = 0
    refund_due_amount: int = 0


@dataclass(frozen=True)
class PaymentRequired:
    """The fee is to be paid before work goes on."""

    amount: int


@dataclass(frozen=True)
class ProcessingStarted:
    """The authority began its work."""


@dataclass(frozen=True)
class DecisionProposed:
    """A decision was drafted and waits for the leader."""


@dataclass(frozen=True)
class Resolved:
    """The leader signed the decision."""

    result_id: str
    timeliness: str


@dataclass(frozen=True)
class ResultReturned:
    """The citizen has the result."""

    method: str


@dataclass(frozen=True)
class Refused:
    """The dossier was not accepted."""


@dataclass(frozen=True)
class Withdrawn:
    """The citizen withdrew."""


@dataclass(frozen=True)
class Stopped:
    """The authority stopped processing."""


@dataclass(frozen=True)
class ResultRevoked:
    """A leader revoked the result."""

    result_id: str


Fact = (
    Drafted
    | Submitted
    | PaymentRecorded
    | Accepted
    | SupplementRequested
    | SupplementSupplied
    | PaymentRequired
    | ProcessingStarted
    | DecisionProposed
    | Resolved
    | ResultReturned
    | Refused
    | Withdrawn
    | Stopped
    | ResultRevoked
)
