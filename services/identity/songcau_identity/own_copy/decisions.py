"""Sections of a copy about what a person decided and what they asked for: consents, representations, requests."""

import json
from collections.abc import Sequence
from uuid import UUID

from songcau_kit.data_copy import CopyField, CopyRecord, field, record
from songcau_kit.database import Connection
from songcau_kit.field_cipher import Place, decrypt_text

from songcau_identity.complaints import repository as complaints
from songcau_identity.complaints.model import Complaint
from songcau_identity.complaints.outcomes import open_complaint
from songcau_identity.consent import repository_halves
from songcau_identity.consent.entering import evidence_place, half_evidence_place
from songcau_identity.consent.model import Half
from songcau_identity.officers import Desk
from songcau_identity.own_copy import repository as copied
from songcau_identity.own_copy.record import DOCUMENT
from songcau_identity.own_copy.repository import CopiedDecision
from songcau_identity.representations import repository as representations
from songcau_identity.representations.model import Representation
from songcau_identity.rights import repository, repository_records
from songcau_identity.rights.model import SubjectRequest
from songcau_identity.rights.recording import evidence_place as evidence_of_paper
from songcau_identity.rights.steps import open_request


def list_consents(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every decision on every purpose, newest first, then every yes that waited for another's."""
    decisions = [_decision(desk, conn, one) for one in copied.list_decisions(conn, citizen_ids)]
    return decisions + [_half(desk, conn, one) for one in repository_halves.list_all(conn, citizen_ids)]


def _decision(desk: Desk, conn: Connection, decision: CopiedDecision) -> CopyRecord:
    evidence = evidence_place(decision.consent_id, decision.version)
    fields = [
        field("purpose", "Mục đích", decision.purpose),
        field("state", "Quyết định", decision.state),
        field("decided_at", "Lúc", decision.decided_at),
        field("text_version", "Bản chấp thuận", decision.text_version),
        field("channel", "Kênh", decision.channel),
        field("decided_as", "Người quyết định", decision.decided_as),
        field("recorded_for", "Cơ quan ghi nhận", decision.recorded_for),
        *_evidence(desk, conn, decision.citizen_id, (evidence, decision.evidence_enc)),
    ]
    return record(f"{decision.consent_id}/{decision.version}", f"{decision.purpose}: {decision.state}", fields)


def _half(desk: Desk, conn: Connection, half: Half) -> CopyRecord:
    sealed = (half_evidence_place(half.half_id), half.evidence_enc)
    fields = [
        field("purpose", "Mục đích", half.purpose),
        field("decided_at", "Lúc", half.decided_at),
        field("text_version", "Bản chấp thuận", half.text_version),
        field("channel", "Kênh", half.proof.channel),
        field("decided_as", "Người quyết định", half.proof.decided_as),
        field("recorded_for", "Cơ quan ghi nhận", half.proof.recorded_for),
        *_evidence(desk, conn, half.citizen_id, sealed),
    ]
    return record(half.half_id, f"{half.purpose}: một bên đồng ý", fields)


def _evidence(desk: Desk, conn: Connection, citizen_id: UUID, sealed: tuple[Place, bytes | None]) -> list[CopyField]:
    place, evidence_enc = sealed
    if not evidence_enc:
        return []
    words = json.loads(decrypt_text(desk.data_keys.get(conn, citizen_id), place, evidence_enc))
    return [field(f"evidence.{code}", DOCUMENT.get(code, code), text) for code, text in words.items()]


def list_representations(_: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return who stands or stood for the person, and for whom the person does or did."""
    found = representations.list_of(conn, citizen_ids, before=None, limit=None)
    return [_representation(one, citizen_ids) for one in found]


def _representation(held: Representation, citizen_ids: Sequence[UUID]) -> CopyRecord:
    is_represented = held.represented.id in citizen_ids
    other = held.representative_id if is_represented else held.represented.id
    fields = [
        field("side", "Tư cách", "REPRESENTED" if is_represented else "REPRESENTATIVE"),
        field("kind", "Loại đại diện", held.kind),
        field("represented_kind", "Bên được đại diện là", held.represented.kind),
        field("other_party", "Mã của bên kia", str(other)),
        field("granted", "Phạm vi", ", ".join(held.granted)),
        field("status", "Trạng thái", held.status),
        field("valid_from", "Từ ngày", held.period.first.isoformat()),
        field("valid_until", "Đến ngày", held.period.last),
        field("end_cause", "Lý do kết thúc", held.end.cause if held.end else None),
        field("ended_at", "Kết thúc lúc", held.end.at if held.end else None),
    ]
    return record(held.representation_id, f"Đại diện {held.kind}", fields)


def list_requests(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every request about the person's data with its words and steps, newest first."""
    found = repository.list_of_citizens(conn, citizen_ids, before=None, limit=None)
    return [_request(desk, conn, one) for one in found]


def _request(desk: Desk, conn: Connection, request: SubjectRequest) -> CopyRecord:
    opened = open_request(desk, conn, request)
    request_id = request.subject_request_id
    paper = (evidence_of_paper(request_id), repository_records.find_evidence(conn, request_id))
    steps = "; ".join(f"{step.act} {step.taken_at.isoformat(timespec='seconds')}" for step in opened.steps)
    fields = [
        field("kind", "Loại yêu cầu", request.kind),
        field("activity", "Hoạt động xử lý", request.activity),
        field("state", "Trạng thái", request.state),
        field("received_at", "Nhận lúc", request.received_at),
        field("channel", "Kênh", request.channel),
        field("recorded_for", "Cơ quan ghi nhận", request.recorded_for),
        *_evidence(desk, conn, request.citizen_id, paper),
        field("due_on", "Hạn giải quyết", request.due_on.isoformat()),
        field("extended", "Đã gia hạn", request.extended),
        field("ended_at", "Kết thúc lúc", request.ended_at),
        field("refusal", "Lý do từ chối", request.refusal),
        field("details", "Nội dung", opened.details.reveal()),
        field("answer", "Trả lời", opened.answer.reveal()),
        field("legal_reference", "Căn cứ", opened.legal_reference.reveal()),
        field("corrected_by", "Việc đã sửa hồ sơ", str(repository_records.find_correction(conn, request_id) or "")),
        field("steps", "Các bước", steps),
    ]
    return record(request.subject_request_id, f"Yêu cầu {request.kind}", fields)


def list_complaints(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every complaint about an access with its words, newest first."""
    found = complaints.list_of_citizens(conn, citizen_ids, before=None, limit=None)
    return [_complaint(desk, conn, one) for one in found]


def _complaint(desk: Desk, conn: Connection, complaint: Complaint) -> CopyRecord:
    opened = open_complaint(desk, conn, complaint)
    fields = [
        field("entry_id", "Lượt truy cập", str(complaint.access.entry_id)),
        field("accessed_at", "Truy cập lúc", complaint.access.occurred_at),
        field("operation", "Việc", complaint.access.operation),
        field("state", "Trạng thái", complaint.state),
        field("received_at", "Nhận lúc", complaint.received_at),
        field("answered_at", "Trả lời lúc", complaint.answered_at),
        field("finding", "Kết luận", complaint.finding),
        field("details", "Nội dung", opened.details.reveal()),
        field("answer", "Trả lời", opened.answer.reveal()),
    ]
    return record(complaint.complaint_id, "Khiếu nại về một lượt truy cập", fields)
