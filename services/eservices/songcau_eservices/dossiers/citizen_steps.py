"""What a citizen does with a submitted dossier: supply what was asked, or withdraw."""

from dataclasses import replace

from songcau_eservices.attachments import repository as attachments
from songcau_eservices.attachments.reused_papers import check_reused_papers
from songcau_eservices.dossiers import repository
from songcau_eservices.dossiers.answers import facts_of
from songcau_eservices.dossiers.changes import Change, Changes, Room, Scene, Step
from songcau_eservices.dossiers.dossier import Dossier, DossierView
from songcau_eservices.dossiers.facts import SupplementSupplied, Withdrawn
from songcau_eservices.dossiers.model import Action
from songcau_eservices.dossiers.steps import moved, settled_at_end
from songcau_eservices.dossiers.submission import check_citizen, check_complete
from songcau_eservices.dossiers.supplements import check_met
from songcau_eservices.dossiers.texts import required_reason
from songcau_eservices.payments import repository as payments
from songcau_eservices.payments.fees import with_fee_of
from songcau_eservices.payments.payment import PaymentState


class CitizenSteps:
    """The steps of the citizen after submission."""

    def __init__(self, room: Room, changes: Changes) -> None:
        self._room = room
        self._changes = changes

    def supply(self, change: Change) -> DossierView:
        """Hand in what was asked; the clock runs again.

        Answers that changed meanwhile count from here on: the papers they make necessary must be there, and the fee
        they make is the dossier's. Raises DOSSIER_INCOMPLETE, CITIZEN_NOT_LINKED, and for papers taken from earlier
        dossiers CONSENT_REQUIRED, CONSENT_WITHDRAWN and PAPER_EXPIRED.
        """
        return self._changes.run(change, self._supply)

    def withdraw(self, change: Change, reason: str) -> DossierView:
        """Withdraw before a decision is signed; raise REASON_REQUIRED."""
        reason = required_reason(reason)

        def act(scene: Scene) -> Step:
            after, writes = settled_at_end(scene.dossier, moved(scene, Action.WITHDRAW))
            return Step(after, Withdrawn(), reason, writes)

        return self._changes.run(change, act)

    def _supply(self, scene: Scene) -> Step:
        content = self._room.versions.get(scene.conn, scene.dossier.procedure.version_id)
        check_citizen(scene.citizen, content)
        asked, *earlier = scene.whole.supplements
        check_met(asked, scene.whole.attachments)
        facts = facts_of(
            scene.seal.open_answers(scene.dossier.id, scene.dossier.sealed.answers), scene.dossier.procedure.sub_case
        )
        check_complete(content, scene.whole, facts)
        check_reused_papers(scene)
        supplied = replace(asked, supplied_at=scene.now)
        after = with_fee_of(moved(scene, Action.SUPPLY_SUPPLEMENT), content, facts)
        writes = [
            lambda conn: repository.close_supplement(conn, supplied),
            lambda conn: attachments.fix(conn, after.id),
        ]
        if after.fee.amount != scene.dossier.fee.amount:
            # What was open asked for the former fee; the citizen opens another over the difference.
            writes.append(lambda conn: payments.move_all(conn, after.id, PaymentState.PENDING, PaymentState.CANCELLED))
        return Step(
            after,
            _supplied(scene.dossier, after),
            writes=writes,
            whole={"supplements": (supplied, *earlier)},
        )


def _supplied(before: Dossier, after: Dossier) -> SupplementSupplied:
    old, new = before.deadline, after.deadline
    dates = (old.due_date.isoformat(), new.due_date.isoformat()) if old and new else ("", "")
    return SupplementSupplied(*dates, after.fee.amount, after.fee_due, after.fee.refund_due)
