"""The reasons of the services as the API document names them; a test compares this with each service's own table."""

from collections.abc import Mapping

import songcau_kit.protection_errors  # noqa: F401 - adds its reasons to the kit's table
from songcau_kit import errors as kit
from songcau_kit.errors import Reason, Status

from songcau_gateway import errors as gateway

SERVICE_REASONS: Mapping[str, Mapping[Status, tuple[str, ...]]] = {
    "identity": {
        Status.NOT_FOUND: (
            "CITIZEN_NOT_FOUND",
            "DOUBT_NOT_FOUND",
            "PAPER_NOT_FOUND",
            "NEWBORN_NOT_FOUND",
            "SUBJECT_REQUEST_NOT_FOUND",
            "CONSENT_PURPOSE_UNKNOWN",
            "REPRESENTATION_NOT_FOUND",
            "REPRESENTATIVE_NOT_FOUND",
        ),
        Status.ALREADY_EXISTS: (
            "IDENTIFIER_TAKEN",
            "PAPER_TAKEN",
            "NEWBORN_REGISTERED",
            "NEWBORN_NUMBER_TAKEN",
            "SUBJECT_REQUEST_OPEN",
            "REPRESENTATION_EXISTS",
        ),
        Status.FAILED_PRECONDITION: (
            "CITIZEN_NOT_ACTIVE",
            "CITIZEN_BLOCKED",
            "CITIZEN_NOT_BLOCKED",
            "IDENTIFIER_CANCELLED",
            "PURPOSE_REQUIRED",
            "CITIZEN_MERGED",
            "CITIZEN_NOT_MERGED",
            "MERGE_KINDS_DIFFER",
            "MERGE_CHAIN",
            "NOTHING_TO_CHANGE",
            "DOUBT_SETTLED",
            "SUBJECT_REQUEST_STATE_INVALID",
            "SUBJECT_REQUEST_EXTENDED",
            "PAPER_ALREADY_WITHDRAWN",
            "PERSON_REQUIRED",
            "CONSENT_NOT_EXPRESSED",
            "CONSENT_TEXT_OUTDATED",
            "NEWBORN_NOT_TEMPORARY",
            "NUMBER_MISSING",
            "REPRESENTATION_STATE_CONFLICT",
            "REPRESENTATIVE_NOT_ADULT",
            "REPRESENTED_NOT_A_CHILD",
            "REPRESENTED_IS_A_CHILD",
            "BIRTH_DATE_UNKNOWN",
        ),
        Status.INVALID_ARGUMENT: (
            "IDENTITY_FACTS_INVALID",
            "LOOK_UP_INVALID",
            "PURPOSE_UNKNOWN",
            "MERGE_INVALID",
            "EVIDENCE_INVALID",
            "CORRECTION_INVALID",
            "IDENTIFIER_INVALID",
            "SUBJECT_REQUEST_INVALID",
            "PAPER_INVALID",
            "CONSENT_CHANNEL_INVALID",
            "NEWBORN_INVALID",
            "FOREIGNER_INVALID",
            "REPRESENTATION_INVALID",
        ),
        Status.PERMISSION_DENIED: (
            "OFFICER_WITHOUT_AGENCY",
            "OWN_RECORD",
            "OWN_ACCOUNT",
            "NOT_REPRESENTED",
            "REPRESENTATION_NOT_YOURS_TO_END",
        ),
        Status.RESOURCE_EXHAUSTED: ("LOOK_UP_LIMIT_REACHED",),
    },
    "eservices": {
        Status.NOT_FOUND: (
            "PROCEDURE_NOT_FOUND",
            "UNIT_NOT_FOUND",
            "AGENCY_NOT_FOUND",
            "DOSSIER_NOT_FOUND",
            "ATTACHMENT_NOT_FOUND",
            "PAYMENT_NOT_FOUND",
            "PROVIDER_UNKNOWN",
            "RECEIPT_NOT_FOUND",
            "RESULT_NOT_FOUND",
        ),
        Status.FAILED_PRECONDITION: (
            "PROCEDURE_NOT_VALID",
            "PROCEDURE_NOT_DETAILED",
            "PROCEDURE_WITHOUT_DEADLINE",
            "CHANNEL_NOT_OFFERED",
            "AGENCY_CANNOT_RECEIVE",
            "CITIZEN_NOT_LINKED",
            "CITIZEN_BLOCKED",
            "IDENTITY_LEVEL_TOO_LOW",
            "DOSSIER_INCOMPLETE",
            "PAYMENT_REQUIRED",
            "FEE_NOT_DUE",
            "PURPOSE_REQUIRED",
            "ATTACHMENT_FIXED",
            "ATTACHMENT_LIMIT_REACHED",
        ),
        Status.INVALID_ARGUMENT: (
            "LEGACY_ENCODING",
            "SUB_CASE_NOT_FOUND",
            "ANSWERS_INVALID",
            "REASON_REQUIRED",
            "SUPPLEMENT_ITEMS_REQUIRED",
            "COMPONENT_UNKNOWN",
            "PURPOSE_UNKNOWN",
            "NOTIFICATION_INVALID",
        ),
        Status.ALREADY_EXISTS: ("NOTIFICATION_CONFLICT",),
        Status.ABORTED: (
            "DOSSIER_STATE_CONFLICT",
            "RESULT_ALREADY_REVOKED",
        ),
        Status.PERMISSION_DENIED: (
            "ACTION_NOT_YOURS",
            "NOT_REPRESENTED",
            "SIGNATURE_INVALID",
        ),
    },
    "telehealth": {
        Status.NOT_FOUND: (
            "CONSULTATION_NOT_FOUND",
            "FACILITY_NOT_FOUND",
            "PRACTITIONER_NOT_FOUND",
            "SLOT_NOT_FOUND",
            "SUMMARY_NOT_FOUND",
        ),
        Status.ABORTED: (
            "CONSULTATION_STATE_CONFLICT",
            "SLOT_TAKEN",
            "PATIENT_BUSY",
            "SLOT_OVERLAPS",
            "HOLD_EXPIRED",
            "HOLD_REPLACED",
        ),
        Status.FAILED_PRECONDITION: (
            "FACILITY_NOT_DECLARED",
            "OUTSIDE_DECLARED_HOURS",
            "OUTSIDE_SCOPE",
            "CONTRACT_NOT_IN_FORCE",
            "MODE_NOT_ALLOWED",
            "PRACTITIONER_NOT_SHOWN",
            "REPRESENTATIVE_REQUIRED",
            "CONSENT_REQUIRED",
            "CONSENT_WITHDRAWN",
            "TREATMENT_OUTSIDE_LIST",
            "TREATMENT_NOT_ALLOWED",
            "SIGNER_MISSING",
            "SLOT_IN_PAST",
            "SLOT_ELSEWHERE",
            "CHECK_IN_WINDOW",
            "PROOF_NOT_ALLOWED",
            "TOO_EARLY_FOR_NO_SHOW",
            "CITIZEN_NOT_ACTIVE",
            "PERSON_REQUIRED",
            "PURPOSE_REQUIRED",
        ),
        Status.UNAVAILABLE: ("CITIZEN_NOT_KNOWN_YET",),
        Status.PERMISSION_DENIED: (
            "NOT_THE_PRACTITIONER",
            "NOT_REPRESENTED",
            "STEP_NOT_YOURS",
            "VIEW_NOT_YOURS",
            "RESULT_NOT_SHARED",
            "SECOND_FACTOR_REQUIRED",
        ),
        Status.INVALID_ARGUMENT: ("PURPOSE_UNKNOWN",),
    },
    "audit": {
        Status.NOT_FOUND: ("TILE_NOT_FOUND", "ENTRY_NOT_FOUND"),
        Status.INVALID_ARGUMENT: ("TILE_INVALID", "TREE_SIZE_INVALID", "ENTRY_IDS_INVALID"),
        Status.UNAVAILABLE: ("CHECKPOINT_MISSING",),
    },
}


def find_reason(service: str, code: str) -> Reason | None:
    """Return the reason a service means by a code: its own, else the kit's, else the gateway's."""
    for status, codes in SERVICE_REASONS.get(service, {}).items():
        if code in codes:
            return Reason(code, status, f"{service}.songcau", "")
    return kit.REASONS.find(code) or gateway.REASONS.find(code)
