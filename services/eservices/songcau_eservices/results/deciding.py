"""The authority decides: an officer drafts, the leader signs. The result is made first, then the case moves, both or
neither for the citizen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from songcau_kit.clock import local_date
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.letters import is_printable
from songcau_kit.objects import require_newest

from songcau_eservices.calendar.deadlines import timeliness
from songcau_eservices.dossiers import repository_citizens
from songcau_eservices.dossiers.changes import Change, Changes, Room, Scene, Step
from songcau_eservices.dossiers.dossier import Dossier, DossierView, ProposedDecision
from songcau_eservices.dossiers.facts import DecisionProposed, Resolved
from songcau_eservices.dossiers.loading import state_details
from songcau_eservices.dossiers.model import Action, Delivery
from songcau_eservices.dossiers.office import check_paid
from songcau_eservices.dossiers.opening import Opened, Opening
from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.dossiers.steps import moved, with_delivery
from songcau_eservices.dossiers.texts import bounded
from songcau_eservices.dossiers.views import next_actions
from songcau_eservices.errors import DOSSIER_STATE_CONFLICT
from songcau_eservices.results import repository, wording
from songcau_eservices.results.issuing import Issuing, Order
from songcau_eservices.results.paper import Paper, PaperKind
from songcau_eservices.units.repository_agencies import get_agency

LONGEST_DECISION = 2000
MOST_FACTS = 40
LONGEST_FACT = 500


@dataclass(frozen=True)
class Decision:
    """What was decided, and the lines of the table below it."""

    text: str
    facts: Sequence[tuple[str, str]] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of its own."""
        return not self.text and not self.facts

    def check(self) -> None:
        """Raise INVALID_REQUEST for a text that is missing, too long or not printable, or too many lines."""
        _check_text(self.text, "/decision", LONGEST_DECISION, least=1)
        if len(self.facts) > MOST_FACTS:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/facts", "TOO_MANY", f"at most {MOST_FACTS}")])
        for at, (label, value) in enumerate(self.facts):
            _check_text(label, f"/facts/{at}/label", LONGEST_FACT, least=1)
            _check_text(value, f"/facts/{at}/value", LONGEST_FACT, least=0)


class Deciding:
    """Drafts decisions and resolves dossiers."""

    def __init__(self, room: Room, changes: Changes, issuing: Issuing) -> None:
        self._room = room
        self._changes = changes
        self._opening = Opening(room)
        self._issuing = issuing

    def propose(self, change: Change, decision: Decision) -> DossierView:
        """Keep what an officer drafted until the leader signs; a later draft takes its place."""
        decision.check()

        def act(scene: Scene) -> Step:
            dossier = scene.dossier
            proposal = ProposedDecision(decision.text, tuple(decision.facts), scene.now)
            sealed = replace(dossier.sealed, proposal=scene.seal.proposal(dossier.id, proposal))
            return Step(replace(dossier, sealed=sealed), DecisionProposed())

        return self._changes.run(change, act)

    def resolve(self, change: Change, decision: Decision) -> DossierView:
        """Sign the result and resolve the dossier; an empty decision signs what was proposed.

        Raises PAYMENT_REQUIRED while the fee is unpaid, INVALID_REQUEST where nothing says what is decided.
        """
        if not decision.is_empty:
            decision.check()
        paper = self._prepare(change, decision)

        def act(scene: Scene) -> Step:
            check_paid(scene.dossier)
            _signed(decision, scene.dossier, scene.seal)
            if paper is None:  # the dossier came here between the two looks at it
                raise DomainError(DOSSIER_STATE_CONFLICT, details=state_details(scene.whole, ()))
            require_newest(scene.seal.data_key, paper.address)
            after = with_delivery(moved(scene, Action.RESOLVE), Delivery.READY)
            return Step(
                after,
                Resolved(str(paper.id), _timeliness(after)),
                writes=[lambda conn: repository.add(conn, paper)],
                whole={"result": paper},
            )

        return self._changes.run(change, act)

    def _prepare(self, change: Change, decision: Decision) -> Paper | None:
        # Nothing is signed for a stranger, a stale version or a dossier that may not be resolved: the frame says why.
        at = self._opening.peek(change.call, change.dossier_id)
        if at is None or at.whole.dossier.version != change.expected_version:
            return None
        if Action.RESOLVE not in next_actions(at.whole, at.capacity):
            return None
        try:
            check_paid(at.whole.dossier)
            signed = _signed(decision, at.whole.dossier, at.seal)
        except DomainError:
            return None
        return self._issuing.issue(self._order(at, signed), at.seal.data_key)

    def _order(self, at: Opened, decision: Decision) -> Order:
        dossier = at.whole.dossier
        now = self._room.clock.now()
        with self._room.database.transaction(pipeline=True) as conn:
            agency = get_agency(conn, dossier.agencies.authority, local_date(now))
            content = self._room.versions.get(conn, dossier.procedure.version_id)
            is_organisation = repository_citizens.is_organisation(conn, dossier.citizen_id)
        applicant = at.seal.open_applicant(dossier.id, dossier.sealed.applicant)
        data = wording.result(dossier, applicant, content, agency, now, is_organisation=is_organisation)
        return Order(
            PaperKind.RESULT, dossier, agency, {**data, **wording.decision(decision.text, decision.facts)}, now
        )


def _signed(decision: Decision, dossier: Dossier, seal: Seal) -> Decision:
    """Return the decision that gets the signature: the leader's own, else what was proposed."""
    proposal = seal.open_proposal(dossier.id, dossier.sealed.proposal) if decision.is_empty else None
    chosen = Decision(proposal.text, proposal.facts) if proposal else decision
    chosen.check()
    return chosen


def _check_text(text: str, pointer: str, longest: int, *, least: int) -> None:
    bounded(text, pointer, longest, least=least)
    if not is_printable(text.replace("\r", "")):
        raise DomainError(INVALID_REQUEST, violations=[Violation(pointer, "LETTER_NOT_PRINTABLE")])


def _timeliness(dossier: Dossier) -> str:
    finished = dossier.times.finished_at
    if dossier.deadline is None or finished is None:
        return ""
    return str(timeliness(local_date(finished), dossier.deadline.due_date))
