"""The reasons of this service; texts for people stand in the gateway's message file.

DomainError with
├── not there, or not yours      *_NOT_FOUND
├── lost a race                  SLOT_TAKEN, PATIENT_BUSY, HOLD_*, CONSULTATION_STATE_CONFLICT
├── a rule of remote care        FACILITY_NOT_DECLARED, OUTSIDE_DECLARED_HOURS, CONTRACT_NOT_IN_FORCE, …
└── the person or the sign-in    CITIZEN_*, PURPOSE_*, …
"""

from songcau_kit.errors import ReasonTable, Status

REASONS = ReasonTable("telehealth")

CONSULTATION_NOT_FOUND = REASONS.add(
    "CONSULTATION_NOT_FOUND", Status.NOT_FOUND, "no such consultation that the caller may reach"
)
FACILITY_NOT_FOUND = REASONS.add("FACILITY_NOT_FOUND", Status.NOT_FOUND, "no such facility that the caller may reach")
PRACTITIONER_NOT_FOUND = REASONS.add("PRACTITIONER_NOT_FOUND", Status.NOT_FOUND, "no such practitioner there")
SLOT_NOT_FOUND = REASONS.add("SLOT_NOT_FOUND", Status.NOT_FOUND, "no such slot")
SUMMARY_NOT_FOUND = REASONS.add("SUMMARY_NOT_FOUND", Status.NOT_FOUND, "no signed summary here, or none with this code")

CONSULTATION_STATE_CONFLICT = REASONS.add(
    "CONSULTATION_STATE_CONFLICT", Status.ABORTED, "the lifecycle does not allow this step in the current state"
)
SLOT_TAKEN = REASONS.add("SLOT_TAKEN", Status.ABORTED, "the practitioner is held or booked at that time")
PATIENT_BUSY = REASONS.add("PATIENT_BUSY", Status.ABORTED, "the patient has another booking at that time")
SLOT_OVERLAPS = REASONS.add("SLOT_OVERLAPS", Status.ABORTED, "the practitioner already has a slot at that time")
HOLD_EXPIRED = REASONS.add("HOLD_EXPIRED", Status.ABORTED, "the hold ran out before it was confirmed")
HOLD_REPLACED = REASONS.add("HOLD_REPLACED", Status.ABORTED, "another hold is current for this consultation")

FACILITY_NOT_DECLARED = REASONS.add(
    "FACILITY_NOT_DECLARED",
    Status.FAILED_PRECONDITION,
    "the facility has not declared this service for remote care on that day (Decree 96/2023)",
)
OUTSIDE_DECLARED_HOURS = REASONS.add(
    "OUTSIDE_DECLARED_HOURS",
    Status.FAILED_PRECONDITION,
    "the time is not wholly inside the practitioner's declared hours at the facility",
)
OUTSIDE_SCOPE = REASONS.add(
    "OUTSIDE_SCOPE", Status.FAILED_PRECONDITION, "the practitioner's licence does not cover the service"
)
CONTRACT_NOT_IN_FORCE = REASONS.add(
    "CONTRACT_NOT_IN_FORCE", Status.FAILED_PRECONDITION, "no contract between the two facilities is in force that day"
)
MODE_NOT_ALLOWED = REASONS.add(
    "MODE_NOT_ALLOWED", Status.FAILED_PRECONDITION, "this kind of caller may not ask for this mode of care"
)
PRACTITIONER_NOT_SHOWN = REASONS.add(
    "PRACTITIONER_NOT_SHOWN",
    Status.FAILED_PRECONDITION,
    "the licence number shown to the patient is not that of the offered practitioner",
)
REPRESENTATIVE_REQUIRED = REASONS.add(
    "REPRESENTATIVE_REQUIRED", Status.FAILED_PRECONDITION, "a child's consultation needs a recorded, present adult"
)
CONSENT_REQUIRED = REASONS.add(
    "CONSENT_REQUIRED", Status.FAILED_PRECONDITION, "consent for care with a text version in use is missing"
)
CONSENT_WITHDRAWN = REASONS.add(
    "CONSENT_WITHDRAWN",
    Status.FAILED_PRECONDITION,
    "the patient withdrew consent to care at a distance; details: withdrawn_at, state, version",
)
RESULT_NOT_SHARED = REASONS.add(
    "RESULT_NOT_SHARED", Status.PERMISSION_DENIED, "the patient did not agree that the station reads the result"
)
TREATMENT_OUTSIDE_LIST = REASONS.add(
    "TREATMENT_OUTSIDE_LIST",
    Status.FAILED_PRECONDITION,
    "a diagnosis outside the list of Circular 30/2023 ends as advice or in-person referral",
)
TREATMENT_NOT_ALLOWED = REASONS.add(
    "TREATMENT_NOT_ALLOWED", Status.FAILED_PRECONDITION, "in this mode the local practitioner decides on treatment"
)
SIGNER_MISSING = REASONS.add(
    "SIGNER_MISSING", Status.FAILED_PRECONDITION, "the practitioner has no signing certificate on this platform"
)

SLOT_IN_PAST = REASONS.add("SLOT_IN_PAST", Status.FAILED_PRECONDITION, "the slot has begun")
SLOT_ELSEWHERE = REASONS.add(
    "SLOT_ELSEWHERE", Status.FAILED_PRECONDITION, "the slot is at another facility than the one asked"
)
CHECK_IN_WINDOW = REASONS.add(
    "CHECK_IN_WINDOW", Status.FAILED_PRECONDITION, "check-in is open only around the time of the slot"
)
PROOF_NOT_ALLOWED = REASONS.add(
    "PROOF_NOT_ALLOWED", Status.FAILED_PRECONDITION, "this kind of caller cannot prove identity in this way"
)
TOO_EARLY_FOR_NO_SHOW = REASONS.add(
    "TOO_EARLY_FOR_NO_SHOW", Status.FAILED_PRECONDITION, "nobody is missing before the start and the grace time"
)

CITIZEN_NOT_KNOWN_YET = REASONS.add(
    "CITIZEN_NOT_KNOWN_YET", Status.UNAVAILABLE, "the citizen's link has not arrived here; trying again will help"
)
CITIZEN_NOT_ACTIVE = REASONS.add(
    "CITIZEN_NOT_ACTIVE", Status.FAILED_PRECONDITION, "the citizen is unlinked or blocked in identity"
)
PERSON_REQUIRED = REASONS.add("PERSON_REQUIRED", Status.FAILED_PRECONDITION, "an organisation cannot be a patient")
NOT_THE_PRACTITIONER = REASONS.add(
    "NOT_THE_PRACTITIONER", Status.PERMISSION_DENIED, "only the practitioner of the slot takes and ends the call"
)
STEP_NOT_YOURS = REASONS.add(
    "STEP_NOT_YOURS", Status.PERMISSION_DENIED, "somebody else takes this step of the lifecycle"
)
VIEW_NOT_YOURS = REASONS.add("VIEW_NOT_YOURS", Status.PERMISSION_DENIED, "the list belongs to another role")
PURPOSE_REQUIRED = REASONS.add(
    "PURPOSE_REQUIRED", Status.FAILED_PRECONDITION, "staff name the purpose of every access to a citizen's data"
)
PURPOSE_UNKNOWN = REASONS.add("PURPOSE_UNKNOWN", Status.INVALID_ARGUMENT, "the purpose is not in the closed list")
NOT_REPRESENTED = REASONS.add(
    "NOT_REPRESENTED",
    Status.PERMISSION_DENIED,
    "no representation in force lets the caller do this for the person named in songcau-on-behalf-of",
)
