"""What is known of a consultation, as values; texts of people stay out of every `repr`."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from songcau_telehealth.consultations.model import Actor, State
from songcau_telehealth.facilities.model import PractitionerCard, RemoteMode

# Every text that people write is at most this long.
LONGEST_TEXT = 4000


class Priority(StrEnum):
    """How soon the patient should be seen."""

    ROUTINE = "ROUTINE"
    URGENT = "URGENT"


class Redirect(StrEnum):
    """Where triage sends a patient who must not wait for a call."""

    IN_PERSON = "IN_PERSON"
    EMERGENCY = "EMERGENCY"


class IdentityProof(StrEnum):
    """How identity was proved at check-in."""

    VNEID_SESSION = "VNEID_SESSION"
    VNEID_SHOWN = "VNEID_SHOWN"
    IDENTITY_CARD = "IDENTITY_CARD"
    KNOWN_TO_STATION = "KNOWN_TO_STATION"


class OutcomeKind(StrEnum):
    """What the clinician concluded."""

    TREATED = "TREATED"
    ADVICE = "ADVICE"
    IN_PERSON_REFERRAL = "IN_PERSON_REFERRAL"


class CancellationReason(StrEnum):
    """Why a consultation was called off."""

    NO_LONGER_NEEDED = "NO_LONGER_NEEDED"
    CANNOT_ATTEND = "CANNOT_ATTEND"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    CLINICIAN_UNAVAILABLE = "CLINICIAN_UNAVAILABLE"
    TECHNICAL_FAILURE = "TECHNICAL_FAILURE"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"
    NOT_HELD = "NOT_HELD"


class ConsentChannel(StrEnum):
    """How consent was given."""

    APP = "APP"
    PAPER = "PAPER"
    SPOKEN = "SPOKEN"


class AbsentParty(StrEnum):
    """Who did not come."""

    PATIENT = "PATIENT"
    CLINICIAN = "CLINICIAN"


@dataclass(frozen=True)
class PatientDetails:
    """Who the patient is, as declared with the request."""

    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    phone_number: str = field(repr=False)


@dataclass(frozen=True)
class Representative:
    """The adult who stands for a child."""

    full_name: str = field(repr=False)
    relation: str = field(repr=False)
    phone_number: str = field(repr=False)


@dataclass(frozen=True)
class Consent:
    """Consent for care: the version of the text, how, when it was recorded, when it was withdrawn, whose yes it was."""

    text_version: str
    channel: ConsentChannel
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None
    given_by: str = "PATIENT"


@dataclass(frozen=True)
class TriageNote:
    """What triage found and decided, in words and codes of the patient's health."""

    red_flags: tuple[str, ...] = field(default=(), repr=False)
    note: str = field(default="", repr=False)
    priority: Priority | None = field(default=None, repr=False)
    redirect: Redirect | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Diagnosis:
    """A code of the national ICD-10 list and its words."""

    icd10_code: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What the clinician wrote; readable once signed."""

    kind: OutcomeKind
    diagnoses: tuple[Diagnosis, ...] = field(repr=False)
    findings: str = field(default="", repr=False)
    advice: str = field(default="", repr=False)
    treatment: str = field(default="", repr=False)
    referral: str = field(default="", repr=False)
    follow_up_on: str = field(default="", repr=False)


@dataclass(frozen=True)
class Booking:
    """A slot taken for a consultation, held or confirmed."""

    hold_id: UUID
    slot_id: UUID
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class SealedTriage:
    """What triage found, encrypted; beside it what an older release left in plain, until `Resealing` has passed."""

    note: bytes
    plain_priority: Priority | None = field(default=None, repr=False)
    plain_redirect: Redirect | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Sealed:
    """The encrypted columns of a consultation."""

    patient: bytes
    complaint: bytes
    representative: bytes | None = None
    triage: SealedTriage | None = None
    outcome: bytes | None = None
    cancellation_note: bytes | None = None


@dataclass(frozen=True)
class Consultation:
    """A consultation as the database has it, personal parts still sealed."""

    consultation_id: UUID
    citizen_id: UUID
    version: int
    state: State
    mode: RemoteMode
    service_code: str
    facility_code: str
    receiving_facility_code: str | None
    responsible_facility_code: str
    responsible_facility_name: str
    receiving_facility_name: str
    is_child: bool
    requested_at: datetime
    state_since: datetime
    sealed: Sealed = field(repr=False)
    consent: Consent
    practitioner: PractitionerCard | None = None
    local_practitioner: PractitionerCard | None = None
    booking: Booking | None = None
    identity_proof: IdentityProof | None = None
    representative_present: bool | None = None
    checked_in_at: datetime | None = None
    cancelled_by: Actor | None = None
    cancellation_reason: CancellationReason | None = None
    summary_code: str | None = None


@dataclass(frozen=True)
class ConsultationConsent:
    """The consent to one consultation, as its patient sees it among their consents."""

    consultation_id: UUID
    citizen_id: UUID
    facility_code: str
    facility_name: str
    consent: Consent
    is_open: bool

    @property
    def is_withdrawable(self) -> bool:
        """Whether anything would end by taking it back."""
        return self.is_open and self.consent.withdrawn_at is None


@dataclass(frozen=True)
class TakenStep:
    """One step in a consultation's history."""

    version: int
    start: State | None
    end: State
    actor: Actor
    at: datetime


@dataclass(frozen=True)
class ConsultationView:
    """A consultation opened for somebody who may read it."""

    consultation: Consultation
    patient: PatientDetails
    complaint: str = field(repr=False)
    representative: Representative | None
    triage: TriageNote | None
    outcome: Outcome | None
    cancellation_note: str = field(repr=False)
    steps: tuple[TakenStep, ...]
    next_actions: tuple[str, ...]
    is_outcome_withheld: bool = False


@dataclass(frozen=True)
class ConsultationLine:
    """A line of a list: nothing of what was written in free text."""

    consultation_id: UUID
    citizen_id: UUID
    version: int
    state: State
    mode: RemoteMode
    service_code: str
    facility_code: str
    receiving_facility_code: str | None
    practitioner_id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None
    requested_at: datetime
    state_since: datetime
    patient_sealed: bytes = field(repr=False)
    triage_sealed: SealedTriage | None = field(default=None, repr=False)
    patient_name: str = field(default="", repr=False)
    priority: Priority | None = field(default=None, repr=False)


def age_on(birth_date: date, day: date) -> int:
    """Return the completed years of age on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
