"""Moves that several steps share: the state along the table, the clock stopped and resumed, the money at an end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from songcau_kit.database import Connection

from songcau_eservices.calendar import deadlines
from songcau_eservices.calendar.model import Deadline
from songcau_eservices.dossiers.changes import Scene
from songcau_eservices.dossiers.dossier import Dossier
from songcau_eservices.dossiers.model import (
    PAUSING,
    TERMINAL,
    Action,
    Delivery,
    FinanceCause,
    State,
    find_transition,
    move_finance,
)
from songcau_eservices.payments import repository as payments
from songcau_eservices.payments.fees import KEPT_ON_REFUSAL
from songcau_eservices.payments.payment import PaymentState
from songcau_eservices.units.repository_agencies import calendar_of


def moved(scene: Scene, action: Action) -> Dossier:
    """Return the dossier after a step of the table, with the clock stopped or resumed as its new state asks."""
    return move(scene.conn, scene.dossier, action, now=scene.now)


def move(conn: Connection, dossier: Dossier, action: Action, *, now: datetime) -> Dossier:
    """Return a dossier after a step that the table allows."""
    row = find_transition(dossier.state, action, is_numbered=dossier.is_numbered)
    if row is None:
        raise AssertionError("the frame lets no step pass that the table does not have")
    times = dossier.times
    if row.target in TERMINAL or row.target is State.RESOLVED:
        times = replace(times, finished_at=times.finished_at or now)
    return replace(
        dossier,
        axes=replace(dossier.axes, state=row.target),
        deadline=_clock(conn, dossier, row.target, now),
        times=times,
    )


def with_finance(dossier: Dossier, cause: FinanceCause) -> Dossier:
    """Return the dossier with its finance axis moved."""
    return replace(dossier, axes=replace(dossier.axes, finance=move_finance(dossier.axes.finance, cause)))


def with_delivery(dossier: Dossier, delivery: Delivery) -> Dossier:
    """Return the dossier with its delivery axis at a new place."""
    return replace(dossier, axes=replace(dossier.axes, delivery=delivery))


def settled_at_end(before: Dossier, after: Dossier) -> tuple[Dossier, tuple[Callable[[Connection], None], ...]]:
    """Close the money of a case that ends without a result, and return what else is to be written.

    What was paid goes back when the dossier was never accepted, unless the procedure says it is kept; what was paid
    too much goes back in any case.
    """
    after = with_finance(after, FinanceCause.CASE_ENDED)
    dossier_id, fee = before.id, before.fee
    is_kept = before.is_numbered or before.procedure.code in KEPT_ON_REFUSAL
    owed = fee.refund_due if is_kept else fee.paid
    writes = [lambda conn: payments.move_all(conn, dossier_id, PaymentState.PENDING, PaymentState.CANCELLED)]
    if owed:
        after = with_finance(replace(after, fee=replace(fee, refund_due=owed)), FinanceCause.MONEY_OWED_BACK)
    if owed and not is_kept:
        writes.append(lambda conn: payments.move_all(conn, dossier_id, PaymentState.PAID, PaymentState.REFUND_DUE))
    return after, tuple(writes)


def _clock(conn: Connection, dossier: Dossier, target: State, now: datetime) -> Deadline | None:
    deadline = dossier.deadline
    if deadline is None:
        return None
    if target in PAUSING and not deadline.paused:
        return deadlines.pause(deadline, now, str(target))
    if target is State.PROCESSING and deadline.paused:
        return deadlines.resume(deadline, now, calendar_of(conn, dossier.agencies.receiving))
    return deadline
