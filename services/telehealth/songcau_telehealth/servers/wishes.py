"""The two large requests as values: what a patient asks for, and what a clinician concluded."""

from songcau.telehealth.v1 import consultation_pb2, consultation_service_pb2

from songcau_telehealth.consultations.records import (
    ConsentChannel,
    Diagnosis,
    Outcome,
    OutcomeKind,
    PatientDetails,
    Representative,
)
from songcau_telehealth.consultations.wanted import ConsultationRequest
from songcau_telehealth.facilities.model import RemoteMode
from songcau_telehealth.servers.reading import find_enum, find_id, read_enum


def request_of(request: consultation_service_pb2.RequestConsultationRequest) -> ConsultationRequest:
    """Return what is asked for."""
    patient = request.patient
    return ConsultationRequest(
        citizen_id=find_id(request.citizen_id, "/citizen_id"),
        mode=read_enum(request, "mode", RemoteMode),
        service_code=request.service_code,
        facility_code=request.facility_code,
        receiving_facility_code=request.receiving_facility_code or None,
        local_practitioner_id=find_id(request.local_practitioner_id, "/local_practitioner_id"),
        patient=PatientDetails(patient.full_name, patient.birth_date, patient.sex, patient.phone_number),
        complaint=request.complaint,
        representative=_representative_of(request) if request.HasField("representative") else None,
        consent_version=request.consent.text_version,
        consent_channel=find_enum(request.consent, "channel", ConsentChannel, pointer="/consent/channel"),
    )


def outcome_of(outcome: consultation_pb2.Outcome) -> Outcome:
    """Return what the clinician concluded."""
    return Outcome(
        kind=read_enum(outcome, "kind", OutcomeKind, pointer="/outcome/kind"),
        diagnoses=tuple(Diagnosis(each.icd10_code, each.text) for each in outcome.diagnoses),
        findings=outcome.findings,
        advice=outcome.advice,
        treatment=outcome.treatment,
        referral=outcome.referral,
        follow_up_on=outcome.follow_up_on,
    )


def _representative_of(request: consultation_service_pb2.RequestConsultationRequest) -> Representative:
    representative = request.representative
    return Representative(representative.full_name, representative.relation, representative.phone_number)
