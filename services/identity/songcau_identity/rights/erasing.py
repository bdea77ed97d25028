"""Carries out erasures once every service has answered: the ledger first, then this database; the rest hear of it."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.database import Connection
from songcau_kit.erasure_gate import ErasureGate
from songcau_kit.erasure_ledger import Erasure, ErasureLedgerWriter
from songcau_kit.logs import get_logger
from songcau_kit.personal import Personal
from songcau_kit.subject_answers import ERASE_DATA, Answering, RetentionGround

from songcau_identity.assistance import running_out
from songcau_identity.events import CitizenEvents
from songcau_identity.model import CitizenStatus
from songcau_identity.officers import Desk
from songcau_identity.organisations import following
from songcau_identity.organisations.model import MemberEnd
from songcau_identity.repositories import citizens
from songcau_identity.representations import running_out as representations
from songcau_identity.representations.model import EndCause
from songcau_identity.rights import repository
from songcau_identity.rights import repository_parts as parts
from songcau_identity.rights import repository_proposals as proposals
from songcau_identity.rights.asking import Asking
from songcau_identity.rights.model import ActorKind, Refusal, RequestAct, RequestState, SubjectRequest
from songcau_identity.rights.repository_parts import PartState
from songcau_identity.rights.repository_proposals import Proposal
from songcau_identity.rights.steps import answer, take

AT_ONCE = 20
_log = get_logger(__name__)


class Forgetting:
    """Forgets citizens in this database, in the caller's transaction; the gate proves it and destroys the keys."""

    def __init__(self, clock: Clock, events: CitizenEvents, answering: Answering) -> None:
        self._clock = clock
        self._events = events
        self._answering = answering

    def forget(self, conn: Connection, erasure: Erasure) -> None:
        """Forget every record of one person and tell the others; a record this database never had is passed over."""
        held = citizens.hold_citizens(conn, erasure.subject_ids)
        following.end_all_of(conn, self._clock, held.keys(), MemberEnd.RECORD_ERASED)
        proposals.forget(conn, erasure.subject_ids)
        proposals.end_requests(conn, erasure.subject_ids, erasure.request_id, self._clock.now())
        representations.end_all_of(conn, self._clock, held.keys(), EndCause.RECORD_ERASED)
        running_out.end_all_of(conn, self._clock, held.keys())
        for citizen in held.values():
            erased = replace(citizen, status=CitizenStatus.ERASED, version=citizen.version + 1)
            citizens.update_citizen(conn, erased, self._clock.now())
            event = self._events.erased(erased, erasure_id=erasure.erasure_id, request_id=erasure.request_id)
            outbox.append(conn, event)
            self._answering.note(conn, citizen.citizen_id, ERASE_DATA, erasure.request_id)


class Erasing:
    """Refuses what must be kept and erases the rest; several processes at once do each of it once."""

    def __init__(self, desk: Desk, asking: Asking, gate: ErasureGate, writer: ErasureLedgerWriter) -> None:
        self._desk = desk
        self._asking = asking
        self._gate = gate
        self._writer = writer

    def run(self) -> int:
        """Carry out what is answered; return how many requests that were."""
        with self._desk.database.read() as conn:
            found = parts.list_executing(conn, limit=AT_ONCE)
        for subject_request_id in found:
            proposal = self._settle(subject_request_id)
            if proposal is not None:
                self._erase(proposal)
        return len(found)

    def _settle(self, subject_request_id: UUID) -> Proposal | None:
        """Return what is to be erased; refuse what must be kept, ask again where the records are others by now."""
        with self._desk.database.transaction() as conn:
            request = repository.hold_request(conn, subject_request_id)
            proposal = proposals.find(conn, subject_request_id)
            if request is None or proposal is None or request.state is not RequestState.EXECUTING:
                return None
            if proposal.decided_at is not None:
                return proposal
            grounds = [ground for part in parts.list_parts(conn, subject_request_id) for ground in part.grounds]
            states = {part.state for part in parts.list_parts(conn, subject_request_id)}
            if PartState.HELD in states:
                self._refuse(conn, request, proposal, grounds)
                return None
            if self._asking.subjects_of(conn, request.citizen_id) != proposal.citizen_ids:
                self._asking.propose_erasure(conn, request)
                return None
            proposals.decide(conn, subject_request_id, self._desk.clock.now())
            return proposal

    def _refuse(
        self, conn: Connection, request: SubjectRequest, proposal: Proposal, grounds: Sequence[RetentionGround]
    ) -> None:
        is_open = any(ground.kept_until is None for ground in grounds)
        refusal = Refusal.OPEN_CASE if is_open else Refusal.RETENTION_LAW
        refused = take(self._desk, conn, request, RequestAct.REFUSE, ActorKind.SYSTEM, refusal=refusal)
        references = "; ".join(dict.fromkeys(ground.legal_reference for ground in grounds))
        texts = {"answer": Personal(explain(grounds)), "legal_reference": Personal(references)}
        answer(self._desk, conn, refused, texts)
        self._asking.call_off(conn, proposal)

    def _erase(self, proposal: Proposal) -> None:
        """Write the ledger until the entry stands, then apply it here; whoever comes later finds it applied."""
        erasure = Erasure(
            proposal.erasure_id, proposal.subject_request_id, proposal.citizen_ids, self._desk.clock.now()
        )
        place = self._gate.apply()
        while not self._is_erased(proposal) and not self._writer.append(place, erasure):
            place = self._gate.apply()
        self._gate.apply()
        _log.info("citizen_erased", erasure_id=str(proposal.erasure_id))

    def _is_erased(self, proposal: Proposal) -> bool:
        with self._desk.database.read() as conn:
            request = repository.find_request(conn, proposal.subject_request_id)
        return request is None or request.state is not RequestState.EXECUTING


_WORDS = {
    "OPEN_DOSSIER": "hồ sơ thủ tục hành chính đang được giải quyết",
    "DOSSIER_RETENTION": "hồ sơ thủ tục hành chính đang trong thời hạn lưu trữ",
    "OPEN_CONSULTATION": "lần khám bệnh từ xa chưa kết thúc",
    "HEALTH_RECORD_RETENTION": "hồ sơ bệnh án đang trong thời hạn lưu trữ",
}


def explain(grounds: Sequence[RetentionGround]) -> str:
    """Return why somebody cannot be erased, for them to read."""
    lines = []
    for ground in grounds:
        until = f", lưu đến hết ngày {ground.kept_until:%d/%m/%Y}" if ground.kept_until else ""
        lines.append(f"- {ground.count} {_WORDS.get(ground.code, ground.code)}{until} ({ground.legal_reference})")
    return "Dữ liệu của bạn chưa được xóa vì pháp luật yêu cầu giữ lại:\n" + "\n".join(lines)
