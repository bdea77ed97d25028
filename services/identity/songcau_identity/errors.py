"""Why the identity service says no: every reason of the domain `identity.songcau`.

DomainError (kit)
├── what was asked    IDENTITY_FACTS_INVALID, LOOK_UP_INVALID, PURPOSE_REQUIRED, PURPOSE_UNKNOWN
├── who asked         OFFICER_WITHOUT_AGENCY
└── the citizen       CITIZEN_NOT_FOUND, CITIZEN_NOT_ACTIVE, CITIZEN_BLOCKED, CITIZEN_NOT_BLOCKED, IDENTIFIER_CANCELLED
"""

from songcau_kit.errors import ReasonTable, Status

REASONS = ReasonTable("identity")

CITIZEN_NOT_FOUND = REASONS.add("CITIZEN_NOT_FOUND", Status.NOT_FOUND, "no citizen of the platform is meant")
CITIZEN_NOT_ACTIVE = REASONS.add(
    "CITIZEN_NOT_ACTIVE", Status.FAILED_PRECONDITION, "the citizen is unlinked or blocked; details name the state"
)
CITIZEN_BLOCKED = REASONS.add(
    "CITIZEN_BLOCKED", Status.FAILED_PRECONDITION, "a data officer blocked the citizen; linking must wait"
)
CITIZEN_NOT_BLOCKED = REASONS.add(
    "CITIZEN_NOT_BLOCKED", Status.FAILED_PRECONDITION, "there is no block to lift; details name the state"
)
IDENTIFIER_CANCELLED = REASONS.add(
    "IDENTIFIER_CANCELLED", Status.FAILED_PRECONDITION, "the number was cancelled and replaced by another"
)
IDENTITY_FACTS_INVALID = REASONS.add(
    "IDENTITY_FACTS_INVALID", Status.INVALID_ARGUMENT, "verified facts are missing or malformed; violations name each"
)
LOOK_UP_INVALID = REASONS.add(
    "LOOK_UP_INVALID", Status.INVALID_ARGUMENT, "a look-up needs one well-formed number or one whole name"
)
PURPOSE_REQUIRED = REASONS.add(
    "PURPOSE_REQUIRED", Status.FAILED_PRECONDITION, "reading somebody else's data needs a declared purpose"
)
PURPOSE_UNKNOWN = REASONS.add(
    "PURPOSE_UNKNOWN", Status.INVALID_ARGUMENT, "the declared purpose is not on the closed list"
)
OFFICER_WITHOUT_AGENCY = REASONS.add(
    "OFFICER_WITHOUT_AGENCY", Status.PERMISSION_DENIED, "the officer's token names no agency or facility"
)
