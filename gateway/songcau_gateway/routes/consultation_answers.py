"""What the API says about consultations at a distance."""

from pydantic import Field

from songcau_gateway.routes.consultation_schemas import MODES, STATES
from songcau_gateway.routes.fields import Answer, Id, Instant, LegalDate, Page, known
from songcau_gateway.routes.result_schemas import SummaryFacility, SummaryPractitioner

_ACTORS = ("CITIZEN", "STATION", "CLINICIAN", "SYSTEM")


class Publication(Answer):
    """The state in the words of the reference model and of FHIR R4; one way only."""

    name: str = Field(examples=["Offered / Held"])
    service_request_status: str | None = Field(examples=["active"])
    task_status: str | None = Field(examples=["in-progress"])
    appointment_status: str | None = Field(examples=["pending"])
    slot_status: str | None = Field(examples=["busy-tentative"])
    encounter_status: str | None = Field(examples=[None])


class ConsultationStatus(Answer):
    """Where a consultation stands, and what this caller may do now."""

    code: str = known(*STATES)
    finished: bool
    reason: str | None = known("CANNOT_ATTEND", "NO_LONGER_NEEDED", "EMERGENCY", "IN_PERSON", note="null without one")
    next_actions: list[str] = Field(examples=[["CONFIRM", "CANCEL"]])
    since: Instant | None
    published: Publication | None


class Offer(Answer):
    """The slot of a consultation, held until `expires_at` or confirmed."""

    hold_id: str | None = Field(examples=["019ab6c2-7c1e-7000-8000-000000000006"])
    slot_id: Id
    starts_at: Instant
    ends_at: Instant
    expires_at: Instant | None


class Patient(Answer):
    """Who the patient is."""

    full_name: str = Field(examples=["Nguyễn Thị Sao Mai"])
    birth_date: LegalDate | None
    sex: str | None = Field(examples=["F"])
    phone_number: str | None = Field(examples=["+84912000111"])


class Representative(Answer):
    """The adult who stands for a child."""

    full_name: str = Field(examples=["Nguyễn Văn Thử"])
    relation: str | None = Field(examples=["FATHER"])
    phone_number: str | None = Field(examples=["+84912000222"])


class Consent(Answer):
    """Consent for care at a distance."""

    text_version: str = Field(examples=["care-1"])
    channel: str | None = known("APP", "PAPER", "SPOKEN")
    given_at: Instant | None
    withdrawn_at: Instant | None = Field(description="when the patient withdrew since; null while it stands")


class Triage(Answer):
    """What triage found."""

    priority: str | None = known("ROUTINE", "URGENT")
    red_flags: list[str] = Field(examples=[[]])
    note: str | None = Field(examples=["Huyết áp 150/90 tại trạm."])
    redirect: str | None = known("IN_PERSON", "EMERGENCY")


class CheckIn(Answer):
    """How and when the patient's identity was proved."""

    proof: str | None = known("VNEID_SESSION", "VNEID_SHOWN", "IDENTITY_CARD", "KNOWN_TO_STATION")
    checked_in_at: Instant | None
    representative_present: bool


class Diagnosis(Answer):
    """A diagnosis of the national ICD-10 list."""

    icd10_code: str = Field(examples=["I10"])
    text: str | None = Field(examples=["Tăng huyết áp vô căn"])


class Outcome(Answer):
    """What the clinician concluded."""

    kind: str | None = known("ADVICE", "TREATED", "IN_PERSON_REFERRAL")
    diagnoses: list[Diagnosis]
    findings: str | None = Field(examples=["Tỉnh táo, huyết áp 150/90."])
    advice: str | None = Field(examples=["Ăn nhạt, đo huyết áp hằng ngày, tái khám sau hai tuần."])
    treatment: str | None = Field(examples=[None])
    referral: str | None = Field(examples=[None])
    follow_up_on: LegalDate | None


class Cancellation(Answer):
    """Who called it off, and why."""

    by: str | None = known(*_ACTORS)
    reason: str | None = known("CANNOT_ATTEND", "NO_LONGER_NEEDED", "NOT_HELD")
    note: str | None = Field(examples=[None])


class Step(Answer):
    """One step that was taken."""

    version: int = Field(examples=[2])
    from_: str | None = Field(alias="from", examples=["REQUESTED"])
    to: str | None = known(*STATES)
    by: str | None = known(*_ACTORS)
    at: Instant | None


class Consultation(Answer):
    """A consultation as its patient, the station and the clinicians see it."""

    id: Id
    version: int = Field(examples=[3])
    citizen_id: Id
    status: ConsultationStatus
    mode: str | None = known(*MODES)
    service_code: str = Field(examples=["CARDIOLOGY"])
    facility_code: str = Field(examples=["19001"])
    receiving_facility_code: str | None = Field(examples=["19123"])
    responsible_facility: SummaryFacility | None
    practitioner: SummaryPractitioner | None
    local_practitioner: SummaryPractitioner | None
    offer: Offer | None
    patient: Patient | None
    complaint: str | None = Field(examples=["Đau đầu, chóng mặt khi đứng dậy, ba ngày nay."])
    representative: Representative | None
    consent: Consent | None
    triage: Triage | None
    check_in: CheckIn | None
    outcome: Outcome | None
    outcome_withheld: bool = Field(description="the patient does not share the conclusion with this station")
    cancellation: Cancellation | None
    summary_code: str | None = Field(examples=["7K3M-9QXT-2HVB-W4PC"])
    requested_at: Instant | None
    steps: list[Step]


class ConsultationLine(Answer):
    """A consultation in a list; nothing that was written in free text."""

    id: Id
    version: int = Field(examples=[3])
    citizen_id: Id
    status: ConsultationStatus
    mode: str | None = known(*MODES)
    service_code: str = Field(examples=["CARDIOLOGY"])
    facility_code: str = Field(examples=["19001"])
    receiving_facility_code: str | None = Field(examples=["19123"])
    practitioner_id: str | None = Field(examples=["019ab6c2-7c1e-7000-8000-000000000004"])
    starts_at: Instant | None
    ends_at: Instant | None
    priority: str | None = known("ROUTINE", "URGENT")
    patient_name: str | None = Field(examples=["Nguyễn Thị Sao Mai"])
    requested_at: Instant | None


class ConsultationPage(Page[ConsultationLine]):
    """A page of consultations, newest first."""
