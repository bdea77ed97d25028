"""What an agency does with a dossier short of deciding it; methods carry the officer's verb."""

from collections.abc import Sequence
from dataclasses import replace

from songcau_kit.clock import local_date
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation

from songcau_eservices.calendar.deadlines import compute_deadline
from songcau_eservices.catalogue.model import FeeCollection
from songcau_eservices.catalogue.terms import find_processing_time
from songcau_eservices.dossiers import repository
from songcau_eservices.dossiers.answers import facts_of
from songcau_eservices.dossiers.changes import Change, Changes, Room, Scene, Step
from songcau_eservices.dossiers.dossier import Dossier, DossierView, FeeDue, Supplement, SupplementBody, SupplementItem
from songcau_eservices.dossiers.facts import (
    Accepted,
    PaymentRequired,
    ProcessingStarted,
    Refused,
    ResultReturned,
    Stopped,
    SupplementRequested,
)
from songcau_eservices.dossiers.model import SETTLED, Action, Delivery, FinanceCause, State
from songcau_eservices.dossiers.steps import moved, settled_at_end, with_delivery, with_finance
from songcau_eservices.dossiers.supplements import checked_body
from songcau_eservices.dossiers.texts import required_reason
from songcau_eservices.errors import (
    AGENCY_CANNOT_RECEIVE,
    FEE_NOT_DUE,
    PAYMENT_REQUIRED,
    PROCEDURE_WITHOUT_DEADLINE,
)
from songcau_eservices.units.repository_agencies import calendar_of, find_agency

HIGHEST_FEE = 10**12
RETURN_METHODS = {
    "ONLINE": Delivery.DELIVERED,
    "COUNTER": Delivery.DELIVERED,
    "POSTAL": Delivery.ON_THE_WAY,
}


class Office:
    """The steps of officers and leaders."""

    def __init__(self, room: Room, changes: Changes) -> None:
        self._room = room
        self._changes = changes

    def accept(self, change: Change) -> DossierView:
        """Number the dossier and set its due date; raise PAYMENT_REQUIRED, AGENCY_CANNOT_RECEIVE."""
        return self._changes.run(change, self._accept)

    def refuse(self, change: Change, reason: str) -> DossierView:
        """Do not accept the dossier (form 03); raise REASON_REQUIRED."""
        reason = required_reason(reason)

        def act(scene: Scene) -> Step:
            after, writes = settled_at_end(scene.dossier, moved(scene, Action.REFUSE))
            return Step(after, Refused(), reason, writes)

        return self._changes.run(change, act)

    def request_supplement(self, change: Change, items: Sequence[SupplementItem], note: str) -> DossierView:
        """Ask for exact papers (form 02); raise SUPPLEMENT_ITEMS_REQUIRED, COMPONENT_UNKNOWN."""

        def act(scene: Scene) -> Step:
            content = self._room.versions.get(scene.conn, scene.dossier.procedure.version_id)
            body = checked_body(content, items, note)
            return self._ask(scene, body)

        return self._changes.run(change, act)

    def require_payment(self, change: Change, amount: int) -> DossierView:
        """Ask for the fee during processing; `amount` in đồng where the procedure leaves it to the province's council.

        Raises FEE_NOT_DUE where there is none to pay, INVALID_REQUEST for an amount where the procedure gives the fee.
        """

        def act(scene: Scene) -> Step:
            fee = asked_fee(scene.dossier, amount)
            after = with_finance(moved(scene, Action.REQUIRE_PAYMENT), FinanceCause.ASKED)
            return Step(replace(after, fee=fee), PaymentRequired(fee.rest))

        return self._changes.run(change, act)

    def start(self, change: Change) -> DossierView:
        """Begin work."""
        return self._changes.run(change, lambda scene: Step(moved(scene, Action.START_PROCESSING), ProcessingStarted()))

    def hand_over(self, change: Change, method: str) -> DossierView:
        """Return the result to the citizen: at once online or at the counter, on the way by post."""

        def act(scene: Scene) -> Step:
            after = with_delivery(moved(scene, Action.RETURN), RETURN_METHODS[method])
            return Step(after, ResultReturned(method))

        return self._changes.run(change, act)

    def stop(self, change: Change, reason: str) -> DossierView:
        """Stop processing (form 05); raise REASON_REQUIRED."""
        reason = required_reason(reason)

        def act(scene: Scene) -> Step:
            after, writes = settled_at_end(scene.dossier, moved(scene, Action.STOP))
            return Step(after, Stopped(), reason, writes)

        return self._changes.run(change, act)

    def _accept(self, scene: Scene) -> Step:
        dossier = scene.dossier
        check_paid(dossier)
        today = local_date(scene.now)
        agency = find_agency(scene.conn, dossier.agencies.receiving, today)
        if agency is None or not agency.receives_dossiers:
            raise DomainError(AGENCY_CANNOT_RECEIVE, details={"agency_code": dossier.agencies.receiving})
        content = self._room.versions.get(scene.conn, dossier.procedure.version_id)
        answers = scene.seal.open_answers(dossier.id, dossier.sealed.answers)
        term = find_processing_time(content, dossier.channel, facts_of(answers, dossier.procedure.sub_case))
        if term is None:
            raise DomainError(PROCEDURE_WITHOUT_DEADLINE)
        deadline = compute_deadline(scene.now, term, calendar_of(scene.conn, agency.code))
        # The number comes last: its row lock makes every other acceptance of the agency wait.
        number = repository.next_number(scene.conn, agency.code, today, start=self._room.first_number)
        after = moved(scene, Action.ACCEPT)
        after = replace(
            after,
            code=f"{agency.code}-{today:%y%m%d}-{number:04d}",
            deadline=deadline,
            times=replace(after.times, accepted_at=scene.now),
        )
        return Step(after, Accepted(deadline.due_date.isoformat()))

    def _ask(self, scene: Scene, body: SupplementBody) -> Step:
        supplement_id = self._room.clock.new_id()
        keys = tuple(item.component_key for item in body.items if item.component_key)
        supplement = Supplement(
            supplement_id, scene.dossier.id, keys, scene.now, body_enc=scene.seal.body(supplement_id, body)
        )
        return Step(
            moved(scene, Action.REQUEST_SUPPLEMENT),
            SupplementRequested(keys),
            body.note,
            writes=[lambda conn: repository.add_supplement(conn, supplement)],
            whole={"supplements": (supplement, *scene.whole.supplements)},
        )


def asked_fee(dossier: Dossier, amount: int) -> FeeDue:
    """Return the fee an officer asks for; raise FEE_NOT_DUE, INVALID_REQUEST."""
    fee = dossier.fee
    if dossier.axes.finance in SETTLED or (fee.amount == 0 and amount == 0):
        raise DomainError(FEE_NOT_DUE, details={"finance": str(dossier.axes.finance)})
    if not 0 <= amount <= HIGHEST_FEE or (fee.amount > 0 and amount not in (0, fee.amount)):
        raise DomainError(INVALID_REQUEST, violations=[Violation("/amount", "AMOUNT_NOT_OPEN")])
    return replace(fee, amount=fee.amount or amount)


def check_paid(dossier: Dossier) -> None:
    """Raise PAYMENT_REQUIRED where the fee must be there before the next step and is not."""
    is_owed = dossier.axes.finance not in SETTLED and dossier.fee.amount > 0
    is_due_now = dossier.fee.collection is FeeCollection.BEFORE or dossier.state is not State.SUBMITTED
    if is_owed and is_due_now:
        details = {
            "fee_amount": str(dossier.fee.amount),
            "fee_due_amount": str(dossier.fee_due),
            "finance": str(dossier.axes.finance),
        }
        raise DomainError(PAYMENT_REQUIRED, details=details)
