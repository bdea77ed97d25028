"""What a provider reports about money: recorded once; it pays, or must go back, or matches nothing."""

from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit import audit, outbox
from songcau_kit.audit import AuditEntry
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError
from songcau_kit.events import Actor

from songcau_eservices.dossiers import repository as dossiers
from songcau_eservices.dossiers.changes import Room
from songcau_eservices.dossiers.dossier import Dossier, HistoryEntry
from songcau_eservices.dossiers.facts import PaymentRecorded
from songcau_eservices.dossiers.model import PAYABLE, Action, ActorKind, Finance, FinanceCause, State, Synchronisation
from songcau_eservices.dossiers.steps import move, with_finance
from songcau_eservices.errors import NOTIFICATION_CONFLICT, PAYMENT_NOT_FOUND
from songcau_eservices.events import dossier_event
from songcau_eservices.payments import repository
from songcau_eservices.payments.payment import Notification, Outcome, Payment, PaymentState, Report, ReportKind
from songcau_eservices.payments.report import read_report
from songcau_eservices.payments.signature import Headers, Signatures

_STATES = {
    Outcome.PAID: PaymentState.PAID,
    Outcome.MISMATCHED: PaymentState.MISMATCHED,
    Outcome.REFUND_DUE: PaymentState.REFUND_DUE,
    Outcome.FAILED: PaymentState.FAILED,
}


@dataclass(frozen=True)
class Received:
    """A notification as it came in."""

    provider: str
    headers: Headers
    body: bytes
    correlation_id: str


class Notifications:
    """Records notifications."""

    def __init__(self, room: Room, signatures: Signatures) -> None:
        self._room = room
        self._signatures = signatures

    def record(self, received: Received) -> Notification:
        """Record one notification and return what it led to; one told before is answered the same and changes nothing.

        Raises PROVIDER_UNKNOWN, SIGNATURE_INVALID, NOTIFICATION_INVALID, PAYMENT_NOT_FOUND, and NOTIFICATION_CONFLICT
        where the transaction was told before with another payment or amount.
        """
        now = self._room.clock.now()
        self._signatures.check(received.provider, received.headers, received.body, now=now)
        report = read_report(received.provider, received.body)
        try:
            return self._settle(received, report)
        except UniqueViolation:
            # The same transaction was told for another payment at this very moment; by now it stands.
            raise DomainError(NOTIFICATION_CONFLICT) from None

    def _settle(self, received: Received, report: Report) -> Notification:
        with self._room.database.transaction() as conn:
            payment = self._lock(conn, report)
            told = repository.find_notification(conn, report.provider, report.transaction_id, report.kind)
            if told is not None:
                if (told.payment_id, told.amount) != (payment.id, report.amount):
                    raise DomainError(NOTIFICATION_CONFLICT)
                return told
            dossier = dossiers.ask(conn, payment.dossier_id, lock=False)()
            if dossier is None:
                raise DomainError(PAYMENT_NOT_FOUND)
            return self._record(conn, received, report, payment, dossier)

    def _lock(self, conn: Connection, report: Report) -> Payment:
        # The dossier first, like every other change: two orders of locking would wait for each other for ever.
        payment = repository.find_by_code(conn, report.payment_code)
        if payment is None or dossiers.ask(conn, payment.dossier_id, lock=True)() is None:
            raise DomainError(PAYMENT_NOT_FOUND)
        locked = repository.find_by_code(conn, report.payment_code, lock=True)
        return locked or payment

    def _record(
        self, conn: Connection, received: Received, report: Report, payment: Payment, dossier: Dossier
    ) -> Notification:
        outcome = outcome_of(report, payment, dossier)
        notification = Notification(
            report.provider,
            report.transaction_id,
            report.kind,
            payment.id,
            report.amount,
            outcome,
            self._room.clock.now(),
        )
        repository.add_notification(conn, notification)
        self._move_payment(conn, report, payment, outcome)
        if outcome is not Outcome.FAILED:
            self._move_dossier(conn, received, notification, payment, dossier)
        return notification

    def _move_payment(self, conn: Connection, report: Report, payment: Payment, outcome: Outcome) -> None:
        if payment.state is PaymentState.PAID or (
            outcome is Outcome.FAILED and payment.state is not PaymentState.PENDING
        ):
            return  # what is paid stays paid: the second sum stands in its own notification
        is_money = report.kind is ReportKind.SUCCEEDED
        repository.move(
            conn,
            payment.id,
            _STATES[outcome],
            paid_at=(report.paid_at or self._room.clock.now()) if is_money else None,
            transaction=report.transaction_id if is_money else "",
        )

    def _move_dossier(
        self, conn: Connection, received: Received, notification: Notification, payment: Payment, before: Dossier
    ) -> None:
        now = notification.received_at
        after = _with_money(before, notification)
        if before.state is State.PAYMENT_REQUIRED and after.axes.finance is Finance.PAID:
            after = move(conn, after, Action.RECORD_PAYMENT, now=now)
        after = replace(
            after,
            version=before.version + 1,
            axes=replace(after.axes, synchronisation=Synchronisation.PENDING),
            times=replace(after.times, updated_at=now),
        )
        dossiers.save(conn, after)
        entry = HistoryEntry(
            after.id, after.version, Action.RECORD_PAYMENT, before.state, after.state, now, str(ActorKind.SYSTEM)
        )
        dossiers.add_history(conn, entry)
        fact = PaymentRecorded(str(payment.id), payment.code, notification.amount, str(notification.outcome))
        by = Actor(notification.provider, str(ActorKind.SYSTEM))
        correlation = received.correlation_id
        outbox.append(conn, dossier_event(self._room.clock, after, fact, by, correlation_id=correlation))
        audit.record(conn, _entry(received, payment.citizen_id, payment.id), clock=self._room.clock)


def _with_money(before: Dossier, notification: Notification) -> Dossier:
    """Return the dossier with the sum that pays its fee, or that came when its case was over and goes back."""
    fee, amount = before.fee, notification.amount
    if notification.outcome is Outcome.PAID:
        return with_finance(replace(before, fee=replace(fee, paid=fee.paid + amount)), FinanceCause.MONEY_CAME)
    if before.axes.finance is Finance.CANCELLED:
        owed = replace(fee, paid=fee.paid + amount, refund_due=fee.refund_due + amount)
        return with_finance(replace(before, fee=owed), FinanceCause.MONEY_CAME)
    return before


def outcome_of(report: Report, payment: Payment, dossier: Dossier) -> Outcome:
    """Return what a new report leads to."""
    if report.kind is ReportKind.FAILED:
        return Outcome.FAILED
    # A request is cancelled when the case ends or its fee changes: money for it pays nothing any more.
    is_void = payment.state in (PaymentState.PAID, PaymentState.CANCELLED)
    if is_void or dossier.axes.finance not in PAYABLE:
        return Outcome.REFUND_DUE
    return Outcome.PAID if report.amount == payment.amount == dossier.fee_due else Outcome.MISMATCHED


def _entry(received: Received, citizen_id: UUID, payment_id: UUID) -> AuditEntry:
    return AuditEntry(
        subject_id=citizen_id,
        actor_id=received.provider,
        actor_kind=str(ActorKind.SYSTEM),
        actor_organization=None,
        on_behalf_of=None,
        client_id=received.provider,
        operation="RECORD_PAYMENT",
        object_kind="payment",
        object_id=str(payment_id),
        purpose="FEE_COLLECTION",
        outcome="ALLOWED",
        reason=None,
        correlation_id=received.correlation_id,
    )
