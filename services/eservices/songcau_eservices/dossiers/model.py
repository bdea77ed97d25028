"""The way of a dossier as tables: from, to, who may, which event; and how money, delivery and the portal follow.

Imports nothing of ours. Every other file asks these tables, none repeats them.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """Where a case stands; all but DRAFT are in the national list of statuses."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    PROCESSING = "PROCESSING"
    SUPPLEMENT_REQUIRED = "SUPPLEMENT_REQUIRED"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    WITHDRAWN = "WITHDRAWN"
    STOPPED = "STOPPED"
    RESOLVED = "RESOLVED"
    RETURNED = "RETURNED"


NATIONAL_CODES = {state: number for number, state in enumerate(State)}
"""Code of the national list; 0 for a draft, which the list does not know."""

PAUSING = frozenset({State.SUPPLEMENT_REQUIRED, State.PAYMENT_REQUIRED})
"""States in which the clock of an accepted dossier stands still."""


class Action(StrEnum):
    """A step somebody may take."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    ATTACH = "ATTACH"
    REUSE_PAPER = "REUSE_PAPER"
    SUBMIT = "SUBMIT"
    PAY = "PAY"
    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    REQUEST_SUPPLEMENT = "REQUEST_SUPPLEMENT"
    SUPPLY_SUPPLEMENT = "SUPPLY_SUPPLEMENT"
    REQUIRE_PAYMENT = "REQUIRE_PAYMENT"
    RECORD_PAYMENT = "RECORD_PAYMENT"
    START_PROCESSING = "START_PROCESSING"
    PROPOSE_DECISION = "PROPOSE_DECISION"
    RESOLVE = "RESOLVE"
    RETURN = "RETURN"
    WITHDRAW = "WITHDRAW"
    STOP = "STOP"
    REVOKE_RESULT = "REVOKE_RESULT"


class ActorKind(StrEnum):
    """In which capacity somebody acts."""

    CITIZEN = "CITIZEN"
    OFFICER = "OFFICER"
    LEADER = "LEADER"
    SYSTEM = "SYSTEM"


CITIZEN = frozenset({ActorKind.CITIZEN})
OFFICE = frozenset({ActorKind.OFFICER, ActorKind.LEADER})
LEADER = frozenset({ActorKind.LEADER})
SYSTEM = frozenset({ActorKind.SYSTEM})


class Desk(StrEnum):
    """Whose office takes a step: where the dossier was received, who decides, or either."""

    RECEIVING = "RECEIVING"
    AUTHORITY = "AUTHORITY"
    EITHER = "EITHER"


@dataclass(frozen=True)
class Transition:
    """One legal step. `is_numbered` narrows it to dossiers with (True) or without (False) a number."""

    action: Action
    source: State
    target: State
    who: frozenset[ActorKind]
    event: str
    desk: Desk = Desk.EITHER
    is_numbered: bool | None = None


def _rows(sources: Iterable[State], like: Transition) -> tuple[Transition, ...]:
    return tuple(replace(like, source=source) for source in sources)


S, A, D = State, Action, Desk

TRANSITIONS: tuple[Transition, ...] = (
    Transition(A.SUBMIT, S.DRAFT, S.SUBMITTED, CITIZEN, "DossierSubmitted"),
    Transition(A.ACCEPT, S.SUBMITTED, S.ACCEPTED, OFFICE, "DossierAccepted", D.RECEIVING),
    Transition(A.REFUSE, S.SUBMITTED, S.NOT_ACCEPTED, OFFICE, "DossierRefused", D.RECEIVING),
    Transition(A.REQUEST_SUPPLEMENT, S.SUBMITTED, S.SUPPLEMENT_REQUIRED, OFFICE, "SupplementRequested", D.RECEIVING),
    *_rows(
        (S.ACCEPTED, S.PROCESSING),
        Transition(A.REQUEST_SUPPLEMENT, S.ACCEPTED, S.SUPPLEMENT_REQUIRED, OFFICE, "SupplementRequested"),
    ),
    # A dossier asked to supplement before it was accepted has no number, no due date and perhaps no fee paid:
    # it goes back to the counter. The national list's 5 → 4 holds for all others.
    Transition(
        A.SUPPLY_SUPPLEMENT, S.SUPPLEMENT_REQUIRED, S.SUBMITTED, CITIZEN, "SupplementSupplied", is_numbered=False
    ),
    Transition(
        A.SUPPLY_SUPPLEMENT, S.SUPPLEMENT_REQUIRED, S.PROCESSING, CITIZEN, "SupplementSupplied", is_numbered=True
    ),
    *_rows(
        (S.ACCEPTED, S.PROCESSING),
        Transition(A.REQUIRE_PAYMENT, S.ACCEPTED, S.PAYMENT_REQUIRED, OFFICE, "PaymentRequired"),
    ),
    Transition(A.RECORD_PAYMENT, S.PAYMENT_REQUIRED, S.PROCESSING, SYSTEM, "PaymentRecorded"),
    Transition(A.START_PROCESSING, S.ACCEPTED, S.PROCESSING, OFFICE, "ProcessingStarted", D.AUTHORITY),
    # Officers verify and draft, the leader signs, the counter returns: domain reference 3.4.
    Transition(A.RESOLVE, S.PROCESSING, S.RESOLVED, LEADER, "DossierResolved", D.AUTHORITY),
    Transition(A.RETURN, S.RESOLVED, S.RETURNED, OFFICE, "ResultReturned"),
    *_rows(
        (S.SUBMITTED, S.ACCEPTED, S.PROCESSING, S.SUPPLEMENT_REQUIRED, S.PAYMENT_REQUIRED),
        Transition(A.WITHDRAW, S.SUBMITTED, S.WITHDRAWN, CITIZEN, "DossierWithdrawn"),
    ),
    *_rows(
        (S.PROCESSING, S.SUPPLEMENT_REQUIRED, S.PAYMENT_REQUIRED),
        Transition(A.STOP, S.PROCESSING, S.STOPPED, OFFICE, "DossierStopped"),
    ),
)

TERMINAL = frozenset(State) - {transition.source for transition in TRANSITIONS}

EDITS: dict[Action, tuple[frozenset[State], frozenset[ActorKind]]] = {
    A.UPDATE: (frozenset({S.DRAFT, S.SUPPLEMENT_REQUIRED}), CITIZEN),
    A.ATTACH: (frozenset({S.DRAFT, S.SUPPLEMENT_REQUIRED}), CITIZEN),
    A.REUSE_PAPER: (frozenset({S.DRAFT, S.SUPPLEMENT_REQUIRED}), CITIZEN),
    A.PROPOSE_DECISION: (frozenset({S.PROCESSING}), OFFICE),
    A.REVOKE_RESULT: (frozenset({S.RESOLVED, S.RETURNED}), LEADER),
}
"""Steps that leave the case where it is."""

AUTHORITY_EDITS = frozenset({A.PROPOSE_DECISION, A.REVOKE_RESULT})
"""Of these, the steps that belong to the desk that decides."""


class Finance(StrEnum):
    """What is owed and what was paid."""

    NOT_DUE = "NOT_DUE"
    DUE = "DUE"
    PENDING = "PENDING"
    PAID = "PAID"
    EXEMPT = "EXEMPT"
    CANCELLED = "CANCELLED"
    REFUND_DUE = "REFUND_DUE"
    REFUNDED = "REFUNDED"


class FinanceCause(StrEnum):
    """What moves the finance axis."""

    ASKED = "ASKED"
    REQUEST_OPENED = "REQUEST_OPENED"
    MONEY_CAME = "MONEY_CAME"
    CASE_ENDED = "CASE_ENDED"
    MONEY_OWED_BACK = "MONEY_OWED_BACK"
    MONEY_SENT_BACK = "MONEY_SENT_BACK"
    DIFFERENCE_DUE = "DIFFERENCE_DUE"
    FEE_COVERED = "FEE_COVERED"
    FEE_LIFTED = "FEE_LIFTED"
    FEE_IMPOSED = "FEE_IMPOSED"


F, C = Finance, FinanceCause

FINANCE_MOVES: dict[tuple[Finance, FinanceCause], Finance] = {
    (F.NOT_DUE, C.ASKED): F.DUE,
    (F.DUE, C.REQUEST_OPENED): F.PENDING,
    (F.PENDING, C.REQUEST_OPENED): F.PENDING,
    (F.DUE, C.MONEY_CAME): F.PAID,
    (F.PENDING, C.MONEY_CAME): F.PAID,
    (F.CANCELLED, C.MONEY_CAME): F.REFUND_DUE,
    (F.NOT_DUE, C.CASE_ENDED): F.CANCELLED,
    (F.DUE, C.CASE_ENDED): F.CANCELLED,
    (F.PENDING, C.CASE_ENDED): F.CANCELLED,
    # Also of a case whose answers changed: it costs less than was paid, and goes on.
    **{(one, C.MONEY_OWED_BACK): F.REFUND_DUE for one in (F.DUE, F.PENDING, F.PAID, F.CANCELLED, F.REFUNDED)},
    (F.REFUND_DUE, C.MONEY_SENT_BACK): F.REFUNDED,
    **{(one, C.DIFFERENCE_DUE): F.DUE for one in (F.NOT_DUE, F.PENDING, F.PAID, F.EXEMPT, F.REFUND_DUE, F.REFUNDED)},
    **{(one, C.FEE_COVERED): F.PAID for one in (F.DUE, F.PENDING, F.REFUND_DUE, F.REFUNDED)},
    **{(one, C.FEE_LIFTED): F.EXEMPT for one in (F.NOT_DUE, F.DUE, F.PENDING)},
    (F.EXEMPT, C.FEE_IMPOSED): F.NOT_DUE,
}
"""A pair that is not here leaves the axis where it is."""

PAYABLE = frozenset({F.DUE, F.PENDING})
UNPAID = PAYABLE | {F.NOT_DUE}
# Money that goes back is the platform's debt, not the citizen's.
SETTLED = frozenset({F.PAID, F.EXEMPT, F.REFUND_DUE, F.REFUNDED})


class Delivery(StrEnum):
    """Where the result is."""

    NOT_READY = "NOT_READY"
    READY = "READY"
    ON_THE_WAY = "ON_THE_WAY"
    DELIVERED = "DELIVERED"


class Synchronisation(StrEnum):
    """What the national portal knows; a failed push never changes the case."""

    NOT_NEEDED = "NOT_NEEDED"
    PENDING = "PENDING"
    SYNCHRONISED = "SYNCHRONISED"
    FAILED = "FAILED"


def move_finance(finance: Finance, cause: FinanceCause) -> Finance:
    """Return where the finance axis goes."""
    return FINANCE_MOVES.get((finance, cause), finance)


def find_transition(state: State, action: Action, *, is_numbered: bool) -> Transition | None:
    """Return the row of the table for this step, or None when the state does not allow it."""
    fitting = (row for row in TRANSITIONS if row.source is state and row.action is action)
    return next((row for row in fitting if row.is_numbered in (None, is_numbered)), None)


def allowed_actions(
    state: State, finance: Finance, actor: ActorKind, *, desks: Container[Desk] = frozenset(Desk), is_numbered: bool
) -> tuple[Action, ...]:
    """Return every step this actor may take now from one of these desks, in the order of `Action`."""
    rows = (row for row in TRANSITIONS if row.source is state and row.is_numbered in (None, is_numbered))
    moves = {row.action for row in rows if actor in row.who and may_from(row.desk, desks)}
    edits = {action for action, (states, who) in EDITS.items() if state in states and actor in who}
    if Desk.AUTHORITY not in desks:
        edits -= AUTHORITY_EDITS
    pay = {A.PAY} if actor is ActorKind.CITIZEN and finance in PAYABLE and state is not S.DRAFT else set()
    return tuple(action for action in Action if action in moves | edits | pay)


def may_from(desk: Desk, desks: Container[Desk]) -> bool:
    """Say whether one who sits at these desks sits at the one a step belongs to."""
    return desk is Desk.EITHER or desk in desks
