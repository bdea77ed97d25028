"""The words and dates of the summary form, as plain data for its template."""

from collections.abc import Mapping
from datetime import date, datetime

from songcau_kit.clock import VIETNAM

from songcau_telehealth.consultations.records import ConsultationView, Outcome


def form_of(view: ConsultationView, outcome: Outcome, *, code: str, address: str, at: datetime) -> Mapping[str, object]:
    """Return what the template shows; codes become words there."""
    consultation, card = view.consultation, view.consultation.practitioner
    booking = consultation.booking
    representative = view.representative
    return {
        "code": code,
        "address": address,
        "facility": {
            "name": consultation.responsible_facility_name,
            "code": consultation.responsible_facility_code,
        },
        "receiving_facility": consultation.receiving_facility_name,
        "mode": consultation.mode.value,
        "service": consultation.service_code,
        "patient": {
            "full_name": view.patient.full_name,
            "birth_date": _day(view.patient.birth_date),
            "sex": view.patient.sex,
        },
        "representative": (
            {"full_name": representative.full_name, "relation": representative.relation} if representative else None
        ),
        "practitioner": _card(card),
        "local_practitioner": _card(consultation.local_practitioner),
        "starts_at": f"{booking.starts_at.astimezone(VIETNAM):%H:%M, %d/%m/%Y}" if booking else "",
        "proof": consultation.identity_proof.value if consultation.identity_proof else "",
        "consent": {
            "version": consultation.consent.text_version,
            "given_at": _local_day(consultation.consent.given_at),
        },
        "complaint": view.complaint,
        "outcome": _outcome(outcome),
        "signed": {"time": f"{at:%H:%M}", "day": f"{at:%d}", "month": f"{at:%m}", "year": f"{at:%Y}"},
    }


def _outcome(outcome: Outcome) -> Mapping[str, object]:
    return {
        "kind": outcome.kind.value,
        "diagnoses": [{"code": each.icd10_code, "text": each.text} for each in outcome.diagnoses],
        "findings": outcome.findings,
        "advice": outcome.advice,
        "treatment": outcome.treatment,
        "referral": outcome.referral,
        "follow_up_on": _day(outcome.follow_up_on) if outcome.follow_up_on else "",
    }


def _card(card: object) -> Mapping[str, str] | None:
    if card is None:
        return None
    return {name: getattr(card, name) for name in ("full_name", "title", "licence_number")}


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def _local_day(moment: datetime | None) -> str:
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y}" if moment else ""
