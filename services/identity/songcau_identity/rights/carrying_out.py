"""What a request does when a data officer carries it out: stops an activity, hands out what came, asks to erase."""

from collections.abc import Mapping

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Asker
from songcau_identity.consent.consents import Consents
from songcau_identity.errors import SUBJECT_REQUEST_STATE_INVALID
from songcau_identity.officers import Desk
from songcau_identity.rights import repository_proposals as proposals
from songcau_identity.rights import repository_records as records
from songcau_identity.rights.asking import Asking, Told
from songcau_identity.rights.model import STOPPING, RequestAct, RequestKind, RequestState, SubjectRequest
from songcau_identity.rights.recording import open_evidence


class CarryingOut:
    """Knows the effect of each kind."""

    def __init__(self, desk: Desk, asking: Asking, consents: Consents) -> None:
        self._desk = desk
        self._asking = asking
        self._consents = consents

    def step_of(self, request: SubjectRequest) -> RequestAct:
        """Return which step begins the effect."""
        return RequestAct.EXECUTE if request.kind is RequestKind.DELETE else RequestAct.COMPLETE

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
