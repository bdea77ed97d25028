"""What clients send about consultations at a distance, and the closed lists both sides use."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.fields import (
    Body,
    FacilityCode,
    Id,
    Instant,
    LegalDate,
    Line,
    Note,
    PageQuery,
    Phone,
    ServiceCode,
    choices,
)

STATES = (
    "REQUESTED",
    "TRIAGE",
    "OFFERED",
    "SCHEDULED",
    "CHECKED_IN",
    "IN_CALL",
    "COMPLETED",
    "CANCELLED",
    "NO_SHOW_PATIENT",
    "NO_SHOW_CLINICIAN",
    "EXPIRED",
    "REDIRECTED",
)
MODES = ("VIA_RECEIVING_FACILITY", "DIRECT_TO_PATIENT", "INTER_FACILITY_SUPPORT", "TELECONSULT_MDT")
Mode = Literal["VIA_RECEIVING_FACILITY", "DIRECT_TO_PATIENT", "INTER_FACILITY_SUPPORT", "TELECONSULT_MDT"]
Flag = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,40}$")]


class ConsultationQuery(PageQuery):
    """Which consultations."""

    view: Literal["OWN", "STATION", "QUEUE", "ASSIGNED"] | None = Field(
        default=None, description="the widest of the caller's role when absent"
    )
    status: Annotated[str, StringConstraints(pattern=choices(*STATES))] | None = Field(
        default=None, description="one or more states, comma between", examples=["REQUESTED,TRIAGE"]
    )


class NewPatient(Body):
    """Who the patient is, as declared now; proved at check-in."""

    full_name: Line = Field(examples=["Nguyễn Thị Sao Mai"])
    birth_date: LegalDate = Field(examples=["1962-03-05"])
    sex: Literal["M", "F", "U"] = Field(examples=["F"])
    phone_number: Phone


class NewRepresentative(Body):
    """The adult who stands for a child."""

    full_name: Line = Field(examples=["Nguyễn Văn Thử"])
    relation: Literal["FATHER", "MOTHER", "GUARDIAN", "OTHER"]
    phone_number: Phone


class NewConsent(Body):
    """Consent for care at a distance; the server sets the time."""

    text_version: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,40}$")] = Field(examples=["care-1"])
    channel: Literal["APP", "PAPER", "SPOKEN"]


class NewConsultation(Body):
    """A request for a consultation: by the citizen, or by a commune station for a citizen."""

    citizen_id: Id | None = Field(default=None, examples=[None], description="only from a station officer: the patient")
    mode: Mode
    service_code: ServiceCode
    facility_code: FacilityCode
    receiving_facility_code: FacilityCode | None = Field(default=None, examples=["19123"])
    local_practitioner_id: Id | None = Field(default=None, examples=[None])
    patient: NewPatient
    complaint: Note = Field(examples=["Đau đầu, chóng mặt khi đứng dậy, ba ngày nay."])
    representative: NewRepresentative | None = Field(default=None, examples=[None])
    consent: NewConsent


class TriageFindings(Body):
    """What triage found; with a redirect the consultation ends here."""

    priority: Literal["ROUTINE", "URGENT"]
    red_flags: list[Flag] = Field(default=[], max_length=20, examples=[[]])
    note: Note | None = Field(default=None, examples=["Huyết áp 150/90 tại trạm."])
    redirect: Literal["IN_PERSON", "EMERGENCY"] | None = Field(default=None, examples=[None])


class SlotChoice(Body):
    """The slot to be held."""

    slot_id: Id


class Confirmation(Body):
    """Confirms this very hold; the licence number proves that the practitioner was shown."""

    hold_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")] = Field(
        examples=["019ab6c2-7c1e-7000-8000-000000000006"]
    )
    shown_licence_number: Annotated[Line, StringConstraints(max_length=60)] = Field(examples=["000123/TNG-GPHN"])
    shown_starts_at: Instant | None = Field(
        default=None, examples=[None], description="when the slot begins as shown; refused where the held one does not"
    )


class Arrival(Body):
    """How the patient's identity was proved."""

    proof: Literal["VNEID_SESSION", "VNEID_SHOWN", "IDENTITY_CARD", "KNOWN_TO_STATION"]
    representative_present: bool = False


class NewDiagnosis(Body):
    """A diagnosis of the national ICD-10 list."""

    icd10_code: Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}(\.[0-9]{1,2})?$")] = Field(examples=["I10"])
    text: Line = Field(examples=["Tăng huyết áp vô căn"])


class NewOutcome(Body):
    """What the clinician concluded; signed with the summary."""

    kind: Literal["ADVICE", "TREATED", "IN_PERSON_REFERRAL"]
    diagnoses: list[NewDiagnosis] = Field(default=[], max_length=20)
    findings: Note = Field(examples=["Tỉnh táo, huyết áp 150/90."])
    advice: Note = Field(examples=["Ăn nhạt, đo huyết áp hằng ngày, tái khám sau hai tuần."])
    treatment: Note | None = Field(default=None, examples=[None])
    referral: Note | None = Field(default=None, examples=[None])
    follow_up_on: LegalDate | None = Field(default=None, examples=["2026-12-07"])


class Completion(Body):
    """Ends the call with a signed summary."""

    outcome: NewOutcome


class CancellationWish(Body):
    """Why a consultation is called off."""

    reason: Literal[
        "NO_LONGER_NEEDED",
        "CANNOT_ATTEND",
        "CONSENT_WITHDRAWN",
        "CLINICIAN_UNAVAILABLE",
        "TECHNICAL_FAILURE",
        "ENTERED_IN_ERROR",
    ]
    note: Note | None = Field(default=None, examples=[None])


class Absence(Body):
    """Who did not come."""

    absent: Literal["PATIENT", "CLINICIAN"]
