"""All SQL of payments and of what providers reported."""

from dataclasses import astuple, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.payments.payment import Notification, Outcome, Payment, PaymentState, ReportKind

_NAMES = tuple(field.name for field in fields(Payment))
_COLUMNS = ", ".join(_NAMES)
_SELECT = f"select {_COLUMNS} from payments"  # noqa: S608 -- names of this module
_INSERT = f"insert into payments ({_COLUMNS}) values ({', '.join(['%s'] * len(_NAMES))})"  # noqa: S608


def find(conn: Connection, payment_id: UUID) -> Payment | None:
    """Return one payment."""
    row = conn.execute(f"{_SELECT} where id = %s", (payment_id,)).fetchone()
    return _payment(row) if row else None


def find_by_code(conn: Connection, code: str, *, lock: bool = False) -> Payment | None:
    """Return the payment a provider knows by this code, locked against other writers or not."""
    row = conn.execute(f"{_SELECT} where code = %s {'for update' if lock else ''}", (code,)).fetchone()
    return _payment(row) if row else None


def find_pending(conn: Connection, dossier_id: UUID) -> Payment | None:
    """Return the dossier's open request."""
    row = conn.execute(f"{_SELECT} where dossier_id = %s and state = 'PENDING'", (dossier_id,)).fetchone()
    return _payment(row) if row else None


def codes_of(conn: Connection, dossier_id: UUID) -> set[str]:
    """Return the codes of every request of a dossier."""
    return {code for (code,) in conn.execute("select code from payments where dossier_id = %s", (dossier_id,))}


def add(conn: Connection, payment: Payment) -> None:
    """Insert a request."""
    conn.execute(_INSERT, astuple(payment))


def move(
    conn: Connection, payment_id: UUID, state: PaymentState, *, paid_at: datetime | None = None, transaction: str = ""
) -> None:
    """Write what became of a request; what is known of the money is kept."""
    conn.execute(
        """update payments set state = %s, paid_at = coalesce(%s, paid_at),
            transaction_id = case when %s::text = '' then transaction_id else %s::text end where id = %s""",
        (state, paid_at, transaction, transaction, payment_id),
    )


def move_all(conn: Connection, dossier_id: UUID, source: PaymentState, target: PaymentState) -> None:
    """Move every request of a dossier that is in one state to another."""
    conn.execute("update payments set state = %s where dossier_id = %s and state = %s", (target, dossier_id, source))


def lock_plain(conn: Connection, limit: int) -> list[Payment]:
    """Lock and return requests in which the way back stands in plain, leaving out what others hold."""
    rows = conn.execute(
        f"{_SELECT} where pay_url like '%%return_url=%%' order by id limit %s for update skip locked", (limit,)
    )
    return [_payment(row) for row in rows]


def seal_return_url(conn: Connection, payment_id: UUID, page: str, sealed: bytes | None) -> None:
    """Write the provider's page alone, and the way back sealed."""
    conn.execute("update payments set pay_url = %s, return_url_enc = %s where id = %s", (page, sealed, payment_id))


def find_notification(conn: Connection, provider: str, transaction_id: str, kind: ReportKind) -> Notification | None:
    """Return a report that was told before."""
    row = conn.execute(
        """select provider, transaction_id, kind, payment_id, amount, outcome, received_at
        from payment_notifications where provider = %s and transaction_id = %s and kind = %s""",
        (provider, transaction_id, kind),
    ).fetchone()
    return Notification(row[0], row[1], ReportKind(row[2]), row[3], row[4], Outcome(row[5]), row[6]) if row else None


def add_notification(conn: Connection, notification: Notification) -> None:
    """Insert a report; a transaction id that stands already is a unique violation."""
    conn.execute(
        """insert into payment_notifications
        (provider, transaction_id, kind, payment_id, amount, outcome, received_at)
        values (%s, %s, %s, %s, %s, %s, %s)""",
        astuple(notification),
    )


def _payment(row: tuple[Any, ...]) -> Payment:
    values = dict(zip(_NAMES, row, strict=True))
    return Payment(**{**values, "state": PaymentState(values["state"])})
