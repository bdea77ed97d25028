"""What a request does when a data officer carries it out: stops an activity, hands out what came, asks to erase."""

from collections.abc import Mapping
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Asker
from songcau_identity.consent.consents import Consents
from songcau_identity.errors import CORRECTION_NOT_NAMED, SUBJECT_REQUEST_STATE_INVALID
from songcau_identity.officers import Desk
from songcau_identity.record_act import CORRECTING
from songcau_identity.repositories import citizens
from songcau_identity.repositories.records import list_correcting
from songcau_identity.rights import repository_proposals as proposals
from songcau_identity.rights import repository_records as records
from songcau_identity.rights.asking import Asking, Told
from songcau_identity.rights.model import STOPPING, RequestAct, RequestKind, RequestState, SubjectRequest
from songcau_identity.rights.recording import open_evidence
from songcau_identity.rights.words import invalid


class CarryingOut:
    """Knows the effect of each kind."""

    def __init__(self, desk: Desk, asking: Asking, consents: Consents) -> None:
        self._desk = desk
        self._asking = asking
        self._consents = consents

    def step_of(self, request: SubjectRequest) -> RequestAct:
        """Return which step begins the effect."""
        return RequestAct.EXECUTE if request.kind is RequestKind.DELETE else RequestAct.COMPLETE

    def link_correction(self, conn: Connection, request: SubjectRequest, act_id: UUID | None) -> None:
        """Keep which act corrected what a request asks to correct; another kind names none.

        Raises CORRECTION_NOT_NAMED unless it is one on this person's record since the request was received, and
        SUBJECT_REQUEST_INVALID.
        """
        if request.kind is not RequestKind.CORRECT:
            if act_id is not None:
                raise invalid("correction_act_id", "NOT_FOR_THIS_KIND")
            return
        family = citizens.find_family(conn, request.citizen_id)
        made = dict(list_correcting(conn, family, request.received_at, CORRECTING))
        if act_id not in made:
            acts = " ".join(f"{kind}:{one}" for one, kind in made.items())
            raise DomainError(CORRECTION_NOT_NAMED, details={"acts": acts or "0"})
        records.insert_correction(conn, request.subject_request_id, act_id)

    def carry_out(self, conn: Connection, asker: Asker, request: SubjectRequest) -> None:
        """Let a request take effect in the transaction of its step; a copy is made of what came by `work`."""
        if request.kind in STOPPING:
            self._stop(conn, asker, request)
        elif request.kind is RequestKind.DELETE:
            self._asking.propose_erasure(conn, request, Told(asker.actor, asker.correlation_id))

    def _stop(self, conn: Connection, asker: Asker, request: SubjectRequest) -> None:
        """Let the consent an activity rests on hold no more: whoever processes on it stops, what is stored stays.

        A request of an older release names no activity and means each of them.
        """
        document = self._find_document(conn, request)
        for purpose in self._consents.purposes.all:
            if request.activity in ("", purpose.activity):
                self._consents.withdraw_for(conn, asker, purpose, request.citizen_id, document=document)

    def _find_document(self, conn: Connection, request: SubjectRequest) -> Mapping[str, str] | None:
        """Return the document an officer entered the request on; None where it came through the application."""
        sealed = records.find_evidence(conn, request.subject_request_id)
        if not sealed:
            return None
        return open_evidence(self._desk.data_keys.get(conn, request.citizen_id), request.subject_request_id, sealed)

    def give_up(self, conn: Connection, asker: Asker, request: SubjectRequest) -> None:
        """Undo what a refused request had begun; raises SUBJECT_REQUEST_STATE_INVALID once an erasure is decided."""
        if request.state is not RequestState.EXECUTING:
            return
        proposal = proposals.find(conn, request.subject_request_id)
        if proposal is None or proposal.decided_at is not None:
            details = {"state": request.state, "act": RequestAct.REFUSE}
            raise DomainError(SUBJECT_REQUEST_STATE_INVALID, details=details)
        self._asking.call_off(conn, proposal, Told(asker.actor, asker.correlation_id))
