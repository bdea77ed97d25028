"""Results after they were signed: fetched by those concerned, revoked by a leader of the authority."""

from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import Call

from songcau_eservices.dossiers.changes import Change, Changes, Room, Scene, Step, Ticket
from songcau_eservices.dossiers.dossier import DossierView
from songcau_eservices.dossiers.facts import ResultRevoked
from songcau_eservices.dossiers.model import Action
from songcau_eservices.dossiers.opening import Opening, Reason
from songcau_eservices.dossiers.texts import required_reason
from songcau_eservices.errors import DOSSIER_NOT_FOUND, RESULT_ALREADY_REVOKED, RESULT_NOT_FOUND
from songcau_eservices.results import repository
from songcau_eservices.results.issuing import Issuing
from songcau_eservices.results.paper import PaperKind, printed


@dataclass(frozen=True)
class Revocation:
    """Which result shall hold no more, and why."""

    call: Call
    ticket: Ticket
    code: str
    expected_version: int
    reason: str


class Results:
    """Gives results out and revokes them."""

    def __init__(self, room: Room, changes: Changes, issuing: Issuing) -> None:
        self._room = room
        self._changes = changes
        self._opening = Opening(room)
        self._issuing = issuing

    def get_file(self, call: Call, dossier_id: UUID) -> tuple[bytes, str]:
        """Return the signed result and the dossier's number; raise RESULT_NOT_FOUND."""
        with self._opening.opened(call, dossier_id, Reason("GET_RESULT_FILE", "result")) as at:
            if at.whole.result is None:
                raise DomainError(RESULT_NOT_FOUND)
        return self._issuing.read(at.whole.result, at.seal.data_key), at.whole.dossier.code

    def revoke(self, revocation: Revocation) -> DossierView:
        """Revoke a result; raise RESULT_NOT_FOUND, RESULT_ALREADY_REVOKED, REASON_REQUIRED, ACTION_NOT_YOURS."""
        reason = required_reason(revocation.reason)
        with self._room.database.read() as conn:
            paper = repository.find_by_code(conn, printed(revocation.code))
        if paper is None or paper.kind is not PaperKind.RESULT:
            raise DomainError(RESULT_NOT_FOUND)
        change = Change(
            revocation.call, revocation.ticket, paper.dossier_id, Action.REVOKE_RESULT, revocation.expected_version
        )

        def act(scene: Scene) -> Step:
            revoked = replace(
                paper, revoked_at=scene.now, revocation_reason_enc=scene.seal.revocation(paper.id, reason)
            )
            sealed = revoked.revocation_reason_enc or b""
            return Step(
                scene.dossier,
                ResultRevoked(str(paper.id)),
                reason,
                writes=[lambda conn: repository.revoke(conn, paper.id, at=scene.now, reason_enc=sealed)],
                whole={"result": revoked},
            )

        try:
            return self._changes.run(change, act)
        except DomainError as error:
            raise _as_result_error(error, is_revoked=paper.revoked_at is not None) from None


def _as_result_error(error: DomainError, *, is_revoked: bool) -> DomainError:
    if error.reason is DOSSIER_NOT_FOUND:
        return DomainError(RESULT_NOT_FOUND)
    if is_revoked and error.reason.code == "DOSSIER_STATE_CONFLICT":
        return DomainError(RESULT_ALREADY_REVOKED)
    return error
