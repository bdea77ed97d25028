"""The reasons for which public services refuse something; texts for people stand in the gateway's message file.

DomainError
├── catalogue and units: PROCEDURE_…, UNIT_…, AGENCY_…, LEGACY_ENCODING
└── dossiers and what hangs on them
"""

from songcau_kit.errors import ReasonTable, Status

REASONS = ReasonTable("eservices")

PROCEDURE_NOT_FOUND = REASONS.add("PROCEDURE_NOT_FOUND", Status.NOT_FOUND, "no procedure has this code")
PROCEDURE_NOT_VALID = REASONS.add(
    "PROCEDURE_NOT_VALID", Status.FAILED_PRECONDITION, "no version of the procedure is in force on the date"
)
UNIT_NOT_FOUND = REASONS.add("UNIT_NOT_FOUND", Status.NOT_FOUND, "no administrative unit carried the code on the date")
AGENCY_NOT_FOUND = REASONS.add("AGENCY_NOT_FOUND", Status.NOT_FOUND, "no agency carries the code")
LEGACY_ENCODING = REASONS.add(
    "LEGACY_ENCODING", Status.INVALID_ARGUMENT, "the text is written in TCVN3 or VNI instead of Unicode"
)
PROCEDURE_NOT_DETAILED = REASONS.add(
    "PROCEDURE_NOT_DETAILED",
    Status.FAILED_PRECONDITION,
    "only the list record of the procedure is known, no dossier can be opened",
)
PROCEDURE_WITHOUT_DEADLINE = REASONS.add(
    "PROCEDURE_WITHOUT_DEADLINE",
    Status.FAILED_PRECONDITION,
    "the procedure's version gives no processing time for this case",
)
SUB_CASE_NOT_FOUND = REASONS.add(
    "SUB_CASE_NOT_FOUND", Status.INVALID_ARGUMENT, "the procedure has no such sub-case, or one must be chosen"
)
CHANNEL_NOT_OFFERED = REASONS.add(
    "CHANNEL_NOT_OFFERED", Status.FAILED_PRECONDITION, "the procedure is not offered over this channel"
)
AGENCY_CANNOT_RECEIVE = REASONS.add(
    "AGENCY_CANNOT_RECEIVE",
    Status.FAILED_PRECONDITION,
    "the agency has no code of its own or does not receive dossiers",
)
ANSWERS_INVALID = REASONS.add(
    "ANSWERS_INVALID", Status.INVALID_ARGUMENT, "an answer is not one of the choices, or the answers are too large"
)
CITIZEN_NOT_LINKED = REASONS.add("CITIZEN_NOT_LINKED", Status.FAILED_PRECONDITION, "the caller is no linked citizen")
CITIZEN_BLOCKED = REASONS.add("CITIZEN_BLOCKED", Status.FAILED_PRECONDITION, "the citizen is blocked")
CITIZEN_DECEASED = REASONS.add(
    "CITIZEN_DECEASED", Status.FAILED_PRECONDITION, "the citizen died; heirs alone carry on what was begun"
)
PROCEDURE_NOT_FOR_HEIRS = REASONS.add(
    "PROCEDURE_NOT_FOR_HEIRS", Status.FAILED_PRECONDITION, "nobody begins this procedure in the name of who died"
)
NOT_REPRESENTED = REASONS.add(
    "NOT_REPRESENTED",
    Status.PERMISSION_DENIED,
    "no representation in force lets the caller do this for the person named in songcau-on-behalf-of",
)
IDENTITY_LEVEL_TOO_LOW = REASONS.add(
    "IDENTITY_LEVEL_TOO_LOW", Status.FAILED_PRECONDITION, "the procedure asks for a higher identity level"
)
DOSSIER_NOT_FOUND = REASONS.add(
    "DOSSIER_NOT_FOUND", Status.NOT_FOUND, "no dossier has this id, or the caller may not know that it exists"
)
DOSSIER_STATE_CONFLICT = REASONS.add(
    "DOSSIER_STATE_CONFLICT", Status.ABORTED, "the dossier's state does not allow the step"
)
DOSSIER_INCOMPLETE = REASONS.add(
    "DOSSIER_INCOMPLETE", Status.FAILED_PRECONDITION, "papers are missing or questions are open"
)
ACTION_NOT_YOURS = REASONS.add(
    "ACTION_NOT_YOURS",
    Status.PERMISSION_DENIED,
    "the step belongs to somebody else: the citizen, another desk, the leader",
)
REASON_REQUIRED = REASONS.add(
    "REASON_REQUIRED", Status.INVALID_ARGUMENT, "the step needs a reason of 1 to 1000 characters"
)
SUPPLEMENT_ITEMS_REQUIRED = REASONS.add(
    "SUPPLEMENT_ITEMS_REQUIRED", Status.INVALID_ARGUMENT, "a supplement names at least one paper"
)
COMPONENT_UNKNOWN = REASONS.add(
    "COMPONENT_UNKNOWN", Status.INVALID_ARGUMENT, "the procedure has no such document component"
)
PAYMENT_REQUIRED = REASONS.add("PAYMENT_REQUIRED", Status.FAILED_PRECONDITION, "the fee must be paid first")
FEE_NOT_DUE = REASONS.add("FEE_NOT_DUE", Status.FAILED_PRECONDITION, "there is nothing to pay now")
PURPOSE_REQUIRED = REASONS.add(
    "PURPOSE_REQUIRED", Status.FAILED_PRECONDITION, "an officer names the purpose of reading personal data"
)
PURPOSE_UNKNOWN = REASONS.add("PURPOSE_UNKNOWN", Status.INVALID_ARGUMENT, "the purpose is not one of the list")
ATTACHMENT_NOT_FOUND = REASONS.add("ATTACHMENT_NOT_FOUND", Status.NOT_FOUND, "the dossier has no such file")
ATTACHMENT_FIXED = REASONS.add("ATTACHMENT_FIXED", Status.FAILED_PRECONDITION, "the file was handed in and stays")
ATTACHMENT_LIMIT_REACHED = REASONS.add(
    "ATTACHMENT_LIMIT_REACHED", Status.FAILED_PRECONDITION, "the dossier has as many files as it may have"
)
CONSENT_REQUIRED = REASONS.add(
    "CONSENT_REQUIRED", Status.FAILED_PRECONDITION, "the person has not agreed to this use of their data"
)
CONSENT_WITHDRAWN = REASONS.add(
    "CONSENT_WITHDRAWN", Status.FAILED_PRECONDITION, "the person withdrew consent to this use of their data"
)
PAPER_NOT_LACKING = REASONS.add(
    "PAPER_NOT_LACKING", Status.FAILED_PRECONDITION, "the dossier needs no such paper, or has one"
)
PAPER_NOT_REUSABLE = REASONS.add(
    "PAPER_NOT_REUSABLE",
    Status.FAILED_PRECONDITION,
    "no accepted dossier of the person that is still kept holds this paper as one of the kind needed",
)
PAPER_EXPIRED = REASONS.add("PAPER_EXPIRED", Status.FAILED_PRECONDITION, "the last day of the paper is over")
PAYMENT_NOT_FOUND = REASONS.add("PAYMENT_NOT_FOUND", Status.NOT_FOUND, "no payment has this id or code")
PROVIDER_UNKNOWN = REASONS.add("PROVIDER_UNKNOWN", Status.NOT_FOUND, "no payment provider has this name")
SIGNATURE_INVALID = REASONS.add(
    "SIGNATURE_INVALID", Status.PERMISSION_DENIED, "the notification is not signed by the provider, or too old"
)
NOTIFICATION_INVALID = REASONS.add(
    "NOTIFICATION_INVALID", Status.INVALID_ARGUMENT, "the notification's body is not what was agreed"
)
NOTIFICATION_CONFLICT = REASONS.add(
    "NOTIFICATION_CONFLICT",
    Status.ALREADY_EXISTS,
    "the provider's transaction was reported before with another payment or amount",
)
RECEIPT_NOT_FOUND = REASONS.add("RECEIPT_NOT_FOUND", Status.NOT_FOUND, "the dossier has no receipt yet")
RESULT_NOT_FOUND = REASONS.add(
    "RESULT_NOT_FOUND", Status.NOT_FOUND, "there is no such result, or the caller may not know that it exists"
)
RESULT_ALREADY_REVOKED = REASONS.add("RESULT_ALREADY_REVOKED", Status.ABORTED, "the result is revoked already")
