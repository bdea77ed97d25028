"""Why the identity service says no about organisations and their members."""

from songcau_kit.errors import Status

from songcau_identity.reasons import REASONS

IDENTITY_LEVEL_TOO_LOW = REASONS.add(
    "IDENTITY_LEVEL_TOO_LOW",
    Status.FAILED_PRECONDITION,
    "the electronic identity is of a lower level than the act asks for; details: minimum_ial",
)
ORGANISATION_INVALID = REASONS.add(
    "ORGANISATION_INVALID",
    Status.INVALID_ARGUMENT,
    "what was entered about an organisation does not fit; violations say where",
)
ORGANISATION_EXISTS = REASONS.add(
    "ORGANISATION_EXISTS",
    Status.ALREADY_EXISTS,
    "an organisation of this identifier is on the platform",
)
ORGANISATION_NOT_FOUND = REASONS.add(
    "ORGANISATION_NOT_FOUND",
    Status.NOT_FOUND,
    "no such organisation, or the caller is no member of it",
)
ORGANISATION_STATE_CONFLICT = REASONS.add(
    "ORGANISATION_STATE_CONFLICT",
    Status.FAILED_PRECONDITION,
    "the organisation's state does not allow it; details: state",
)
ORGANISATION_NOT_IN_OPERATION = REASONS.add(
    "ORGANISATION_NOT_IN_OPERATION",
    Status.FAILED_PRECONDITION,
    "the business register says that it ended",
)
ORGANISATION_OF_ITS_OWNER = REASONS.add(
    "ORGANISATION_OF_ITS_OWNER",
    Status.FAILED_PRECONDITION,
    "who owns the household business represents it, nobody else",
)
ORGANISATION_MEMBER_EXISTS = REASONS.add(
    "ORGANISATION_MEMBER_EXISTS",
    Status.ALREADY_EXISTS,
    "the person is a member or was invited; details: member_id",
)
ORGANISATION_MEMBER_NOT_FOUND = REASONS.add(
    "ORGANISATION_MEMBER_NOT_FOUND",
    Status.NOT_FOUND,
    "no such member in an organisation of the caller",
)
ORGANISATION_MEMBER_STATE_CONFLICT = REASONS.add(
    "ORGANISATION_MEMBER_STATE_CONFLICT",
    Status.FAILED_PRECONDITION,
    "the membership's state does not allow it; details: state, end_cause where it is over",
)
ORGANISATION_LIMIT_REACHED = REASONS.add(
    "ORGANISATION_LIMIT_REACHED",
    Status.RESOURCE_EXHAUSTED,
    "as much waits as may: what one citizen put before officers, or unanswered invitations of one organisation;"
    " details: of, limit",
)
ORGANISATION_ROLE_TOO_LOW = REASONS.add(
    "ORGANISATION_ROLE_TOO_LOW",
    Status.PERMISSION_DENIED,
    "the caller's role does not manage this; details: role",
)
ORGANISATION_NEEDS_REPRESENTATIVE = REASONS.add(
    "ORGANISATION_NEEDS_REPRESENTATIVE",
    Status.FAILED_PRECONDITION,
    "the legal representative is replaced and does not leave",
)
ORGANISATION_PROPOSAL_EXISTS = REASONS.add(
    "ORGANISATION_PROPOSAL_EXISTS",
    Status.ALREADY_EXISTS,
    "the caller's proposal waits already; details: proposal_id",
)
ORGANISATION_PROPOSAL_NOT_FOUND = REASONS.add(
    "ORGANISATION_PROPOSAL_NOT_FOUND",
    Status.NOT_FOUND,
    "no such proposal",
)
ORGANISATION_PROPOSAL_STATE_CONFLICT = REASONS.add(
    "ORGANISATION_PROPOSAL_STATE_CONFLICT",
    Status.FAILED_PRECONDITION,
    "the proposal was decided; details: state",
)
