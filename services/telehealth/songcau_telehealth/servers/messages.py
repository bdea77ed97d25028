"""Consultations as messages."""

from dataclasses import replace

from songcau.telehealth.v1 import consultation_pb2 as messages
from songcau.telehealth.v1 import facility_pb2

from songcau_telehealth.consultations.completion import spell
from songcau_telehealth.consultations.model import FINAL, PUBLISHED, State
from songcau_telehealth.consultations.records import (
    Booking,
    Consent,
    Consultation,
    ConsultationConsent,
    ConsultationLine,
    ConsultationView,
    Outcome,
    PatientDetails,
    Representative,
)
from songcau_telehealth.servers.directory import card_message, stamp


def consultation_message(view: ConsultationView) -> messages.Consultation:
    """Return a consultation as somebody who may read it sees it."""
    consultation = view.consultation
    message = messages.Consultation(
        consultation_id=str(consultation.consultation_id),
        version=consultation.version,
        citizen_id=str(consultation.citizen_id),
        state=f"CONSULTATION_STATE_{consultation.state}",
        mode=f"REMOTE_MODE_{consultation.mode}",
        service_code=consultation.service_code,
        facility_code=consultation.facility_code,
        receiving_facility_code=consultation.receiving_facility_code or "",
        responsible_facility=facility_pb2.FacilityCard(
            facility_code=consultation.responsible_facility_code, name=consultation.responsible_facility_name
        ),
        patient=_patient(view.patient),
        complaint=view.complaint,
        summary_code=spell(consultation.summary_code or ""),
        requested_at=stamp(consultation.requested_at),
        state_since=stamp(consultation.state_since),
        finished=consultation.state in FINAL,
        next_actions=view.next_actions,
        published_state=_published(consultation.state),
        outcome_withheld=view.is_outcome_withheld,
    )
    _add_people(message, view)
    _add_course(message, view)
    return message


def line_message(line: ConsultationLine) -> messages.ConsultationLine:
    """Return a line of a list."""
    return messages.ConsultationLine(
        consultation_id=str(line.consultation_id),
        version=line.version,
        citizen_id=str(line.citizen_id),
        state=f"CONSULTATION_STATE_{line.state}",
        mode=f"REMOTE_MODE_{line.mode}",
        service_code=line.service_code,
        facility_code=line.facility_code,
        receiving_facility_code=line.receiving_facility_code or "",
        practitioner_id=str(line.practitioner_id) if line.practitioner_id else "",
        starts_at=stamp(line.starts_at) if line.starts_at else None,
        ends_at=stamp(line.ends_at) if line.ends_at else None,
        priority=f"PRIORITY_{line.priority or 'UNSPECIFIED'}",
        patient_name=line.patient_name,
        requested_at=stamp(line.requested_at),
        state_since=stamp(line.state_since),
        finished=line.state in FINAL,
    )


def consultation_consent_message(given: ConsultationConsent) -> messages.ConsultationConsent:
    """Return the consent to one consultation as its patient sees it."""
    return messages.ConsultationConsent(
        consultation_id=str(given.consultation_id),
        citizen_id=str(given.citizen_id),
        facility=facility_pb2.FacilityCard(facility_code=given.facility_code, name=given.facility_name),
        consent=_consent(given.consent),
        given_by_representative=given.consent.given_by == "REPRESENTATIVE",
        withdrawable=given.is_withdrawable,
    )


def withdrawn_consent_message(view: ConsultationView) -> messages.ConsultationConsent:
    """Return the consent to a consultation that was called off by withdrawing it."""
    seen = view.consultation
    consent = replace(seen.consent, withdrawn_at=seen.consent.withdrawn_at or seen.state_since)
    facility = (seen.responsible_facility_code, seen.responsible_facility_name)
    return consultation_consent_message(
        ConsultationConsent(seen.consultation_id, seen.citizen_id, *facility, consent, is_open=seen.state not in FINAL)
    )


def _consent(consent: Consent) -> messages.Consent:
    return messages.Consent(
        text_version=consent.text_version,
        channel=f"CONSENT_CHANNEL_{consent.channel}",
        given_at=stamp(consent.given_at) if consent.given_at else None,
        withdrawn_at=stamp(consent.withdrawn_at) if consent.withdrawn_at else None,
    )


def _add_people(message: messages.Consultation, view: ConsultationView) -> None:
    consultation = view.consultation
    if consultation.practitioner:
        message.practitioner.CopyFrom(card_message(consultation.practitioner))
    if consultation.local_practitioner:
        message.local_practitioner.CopyFrom(card_message(consultation.local_practitioner))
    if view.representative:
        message.representative.CopyFrom(_representative(view.representative))
    message.consent.CopyFrom(_consent(consultation.consent))


def _add_course(message: messages.Consultation, view: ConsultationView) -> None:
    """Add what happened on the way, as far as it happened."""
    consultation = view.consultation
    if consultation.booking:
        message.offer.CopyFrom(_offer(consultation.booking))
    if view.triage:
        message.triage.CopyFrom(
            messages.Triage(
                priority=f"PRIORITY_{view.triage.priority or 'UNSPECIFIED'}",
                red_flags=view.triage.red_flags,
                note=view.triage.note,
                redirect=f"REDIRECT_TARGET_{view.triage.redirect or 'UNSPECIFIED'}",
            )
        )
    if consultation.checked_in_at:
        message.check_in.CopyFrom(
            messages.CheckInRecord(
                proof=f"IDENTITY_PROOF_{consultation.identity_proof}",
                checked_in_at=stamp(consultation.checked_in_at),
                representative_present=bool(consultation.representative_present),
            )
        )
    if view.outcome:
        message.outcome.CopyFrom(_outcome(view.outcome))
    if consultation.cancelled_by:
        message.cancellation.CopyFrom(_cancellation(consultation, view.cancellation_note))
    for step in view.steps:
        message.steps.add(
            version=step.version,
            **{"from": f"CONSULTATION_STATE_{step.start or 'UNSPECIFIED'}"},
            to=f"CONSULTATION_STATE_{step.end}",
            by=f"ACTOR_KIND_{step.actor}",
            at=stamp(step.at),
        )


def _offer(booking: Booking) -> messages.Offer:
    return messages.Offer(
        hold_id=str(booking.hold_id),
        slot_id=str(booking.slot_id),
        starts_at=stamp(booking.starts_at),
        ends_at=stamp(booking.ends_at),
        expires_at=stamp(booking.expires_at) if booking.expires_at else None,
    )


def _patient(patient: PatientDetails) -> messages.PatientDetails:
    return messages.PatientDetails(
        full_name=patient.full_name,
        birth_date=patient.birth_date,
        sex=patient.sex,
        phone_number=patient.phone_number,
    )


def _representative(representative: Representative) -> messages.Representative:
    return messages.Representative(
        full_name=representative.full_name,
        relation=representative.relation,
        phone_number=representative.phone_number,
    )


def _outcome(outcome: Outcome) -> messages.Outcome:
    return messages.Outcome(
        kind=f"OUTCOME_KIND_{outcome.kind}",
        diagnoses=[messages.Diagnosis(icd10_code=each.icd10_code, text=each.text) for each in outcome.diagnoses],
        findings=outcome.findings,
        advice=outcome.advice,
        treatment=outcome.treatment,
        referral=outcome.referral,
        follow_up_on=outcome.follow_up_on,
    )


def _cancellation(consultation: Consultation, note: str) -> messages.Cancellation:
    return messages.Cancellation(
        by=f"ACTOR_KIND_{consultation.cancelled_by}",
        reason=f"CANCELLATION_REASON_{consultation.cancellation_reason}",
        note=note,
    )


def _published(state: State) -> messages.StatePublication:
    published = PUBLISHED[state]
    return messages.StatePublication(
        name=published.name,
        service_request_status=published.service_request,
        task_status=published.task,
        appointment_status=published.appointment,
        slot_status=published.slot,
        encounter_status=published.encounter,
    )
