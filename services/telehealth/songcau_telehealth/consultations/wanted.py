"""What somebody asks for, and what may be wrong with it before anybody is asked."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from songcau_kit.errors import Violation
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_telehealth.consultations.records import (
    LONGEST_TEXT,
    ConsentChannel,
    PatientDetails,
    Representative,
    age_on,
)
from songcau_telehealth.facilities.model import RemoteMode

LONGEST_NAME = 200
OLDEST = 130
RELATIONS = frozenset({"FATHER", "MOTHER", "GUARDIAN", "OTHER"})
SEXES = frozenset({"M", "F", "U"})
_PHONE = re.compile(r"\+?[0-9 .-]{8,20}")

Named = TypeVar("Named", PatientDetails, Representative)


@dataclass(frozen=True)
class ConsultationRequest:
    """What is asked for; without a citizen id the caller asks for themself."""

    citizen_id: UUID | None
    mode: RemoteMode
    service_code: str
    facility_code: str
    receiving_facility_code: str | None
    local_practitioner_id: UUID | None
    patient: PatientDetails
    complaint: str = field(repr=False)
    representative: Representative | None
    consent_version: str
    consent_channel: ConsentChannel | None


def named(person: Named) -> Named:
    """Return the person with the name in its canonical form."""
    return replace(person, full_name=normalize(person.full_name))


def faults_of(wanted: ConsultationRequest, today: date) -> list[Violation]:
    """Name every field that is missing or wrong."""
    faults = [*_patient_faults(wanted.patient, today), *_representative_faults(wanted.representative)]
    if not 1 <= len(wanted.complaint.strip()) <= LONGEST_TEXT:
        faults.append(Violation("/complaint", "LENGTH_OUT_OF_RANGE"))
    if (wanted.mode is RemoteMode.DIRECT_TO_PATIENT) != (wanted.receiving_facility_code is None):
        faults.append(Violation("/receiving_facility_code", "MODE_MISMATCH"))
    if wanted.mode.is_local_practitioner_responsible != (wanted.local_practitioner_id is not None):
        faults.append(Violation("/local_practitioner_id", "MODE_MISMATCH"))
    return faults


def _patient_faults(patient: PatientDetails, today: date) -> list[Violation]:
    faults = []
    if (fault := _name_fault(patient.full_name)) is not None:
        faults.append(Violation("/patient/full_name", fault))
    if patient.sex not in SEXES:
        faults.append(Violation("/patient/sex", "UNKNOWN_VALUE"))
    if patient.phone_number and not _PHONE.fullmatch(patient.phone_number):
        faults.append(Violation("/patient/phone_number", "MALFORMED"))
    try:
        born = date.fromisoformat(patient.birth_date)
    except ValueError:
        faults.append(Violation("/patient/birth_date", "MALFORMED"))
    else:
        if not 0 <= age_on(born, today) <= OLDEST:
            faults.append(Violation("/patient/birth_date", "OUT_OF_RANGE"))
    return faults


def _representative_faults(representative: Representative | None) -> list[Violation]:
    if representative is None:
        return []
    faults = []
    if (fault := _name_fault(representative.full_name)) is not None:
        faults.append(Violation("/representative/full_name", fault))
    if representative.relation not in RELATIONS:
        faults.append(Violation("/representative/relation", "UNKNOWN_VALUE"))
    if representative.phone_number and not _PHONE.fullmatch(representative.phone_number):
        faults.append(Violation("/representative/phone_number", "MALFORMED"))
    return faults


def _name_fault(name: str) -> str | None:
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        return "LENGTH_OUT_OF_RANGE"
    try:
        normalize(name)
    except LegacyEncodingError:
        return "LEGACY_ENCODING"
    return None
