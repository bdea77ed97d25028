"""Puts together what this service holds of a person, as they may read it."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.data_copy import CopyField, CopyPart, CopyRecord, field, record, section
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection

from songcau_telehealth.consultations import repository as consultations
from songcau_telehealth.consultations.access import Standing
from songcau_telehealth.consultations.model import Actor
from songcau_telehealth.consultations.records import ConsultationView, Outcome, PatientDetails, TriageNote
from songcau_telehealth.consultations.sealing import open_view
from songcau_telehealth.rights import repository

HOLDER = "telehealth"
PATIENT = Standing(frozenset({Actor.CITIZEN}))


class HealthCopies:
    """Gathers consultations, the consents to them and their summaries."""

    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    def gather(self, connection: Connection, citizen_ids: Sequence[UUID]) -> CopyPart:
        """Return this service's part of a copy; raises DATA_KEY_DESTROYED after erasure."""
        views = [self._open(connection, found) for found in repository.list_consultations(connection, citizen_ids)]
        summaries = [show_summary(row) for row in repository.list_summaries(connection, citizen_ids)]
        consents = [show_consent(row) for row in repository.list_consents(connection, citizen_ids)]
        followed = [show_followed(row) for row in repository.list_followed_consents(connection, citizen_ids)]
        sections = (
            section("consultations", "Khám bệnh, chữa bệnh từ xa", "Consultations", [show(v) for v in views if v]),
            section("consents", "Chấp thuận khám từ xa", "Consents to consultations", consents),
            section("followed_consents", "Chấp thuận chung đang theo", "Consents followed", followed),
            section("summaries", "Phiếu khám đã ký", "Signed summaries", summaries),
        )
        return CopyPart(holder=HOLDER, sections=sections)

    def _open(self, connection: Connection, consultation_id: UUID) -> ConsultationView | None:
        found = consultations.find_consultation(connection, consultation_id)
        if found is None:
            return None
        data_key = self._keys.get(connection, found.citizen_id)
        return open_view(found, data_key, PATIENT, steps=tuple(consultations.list_steps(connection, consultation_id)))


def show(view: ConsultationView) -> CopyRecord:
    """Return a consultation with what was written in it; the outcome only once it is signed."""
    consultation = view.consultation
    booking, practitioner = consultation.booking, consultation.practitioner
    fields = [
        field("state", "Trạng thái", consultation.state),
        field("mode", "Hình thức", consultation.mode),
        field("service", "Chuyên khoa", consultation.service_code),
        field("facility", "Cơ sở chịu trách nhiệm", consultation.responsible_facility_name),
        field("practitioner", "Người hành nghề", practitioner.full_name if practitioner else None),
        field("requested_at", "Yêu cầu lúc", consultation.requested_at),
        field("starts_at", "Giờ hẹn", booking.starts_at if booking else None),
        *_patient(view.patient),
        field("complaint", "Lý do khám", view.complaint),
        *_triage(view.triage),
        *_outcome(view.outcome),
        field("cancellation_note", "Ghi chú khi hủy", view.cancellation_note),
        field("consent_version", "Bản chấp thuận", consultation.consent.text_version),
        field("consent_given_at", "Chấp thuận lúc", consultation.consent.given_at or consultation.requested_at),
    ]
    return record(consultation.consultation_id, f"Khám từ xa: {consultation.service_code}", fields)


def show_summary(row: dict[str, object]) -> CopyRecord:
    """Return what is known of a signed summary; the file itself is fetched by its own route."""
    fields = [
        field("consultation_id", "Lần khám", str(row["consultation_id"])),
        field("code", "Mã tra cứu", str(row["code"])),
        field("facility", "Cơ sở", str(row["responsible_facility_code"])),
        field("size", "Dung lượng (byte)", int(str(row["size"]))),
        field("signed_at", "Ký lúc", str(row["signed_at"])),
    ]
    return record(row["code"], f"Phiếu khám {row['code']}", fields)


def show_consent(row: dict[str, object]) -> CopyRecord:
    """Return the consent to one consultation; who entered it for the patient stands in the access list."""
    fields = [
        field("consultation_id", "Lần khám", str(row["consultation_id"])),
        field("purpose", "Mục đích", str(row["purpose"])),
        field("text_version", "Bản chấp thuận", str(row["text_version"])),
        field("channel", "Kênh", str(row["channel"])),
        field("given_by", "Người chấp thuận", str(row["given_by"])),
        field("given_at", "Lúc", str(row["given_at"])),
    ]
    return record(f"{row['consultation_id']}/{row['purpose']}", "Chấp thuận khám từ xa", fields)


def show_followed(row: dict[str, object]) -> CopyRecord:
    """Return what this service goes by of a consent that was decided at identity."""
    fields = [
        field("purpose", "Mục đích", str(row["purpose"])),
        field("state", "Trạng thái", str(row["state"])),
        field("text_version", "Bản chấp thuận", str(row["text_version"])),
        field("decided_at", "Lúc", str(row["decided_at"])),
    ]
    return record(f"{row['citizen_id']}/{row['purpose']}", f"{row['purpose']}: {row['state']}", fields)


def _patient(patient: PatientDetails) -> list[CopyField]:
    return [
        field("patient_name", "Họ tên người bệnh", patient.full_name),
        field("patient_birth_date", "Ngày sinh", patient.birth_date),
        field("patient_sex", "Giới tính", patient.sex),
        field("patient_phone", "Điện thoại", patient.phone_number),
    ]


def _triage(note: TriageNote | None) -> list[CopyField]:
    if note is None:
        return []
    return [
        field("triage_red_flags", "Dấu hiệu nguy hiểm", ", ".join(note.red_flags)),
        field("triage_note", "Ghi nhận khi phân loại", note.note),
        field("triage_priority", "Mức ưu tiên", note.priority),
    ]


def _outcome(outcome: Outcome | None) -> list[CopyField]:
    if outcome is None:
        return []
    diagnoses = "; ".join(f"{each.icd10_code} {each.text}" for each in outcome.diagnoses)
    return [
        field("outcome_kind", "Kết luận", outcome.kind),
        field("diagnoses", "Chẩn đoán", diagnoses),
        field("findings", "Diễn biến, khám", outcome.findings),
        field("advice", "Tư vấn", outcome.advice),
        field("treatment", "Điều trị", outcome.treatment),
        field("referral", "Chuyển khám", outcome.referral),
        field("follow_up_on", "Tái khám", outcome.follow_up_on),
    ]
