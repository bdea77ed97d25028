"""Why the identity service says no about where citizens live."""

from songcau_kit.errors import Status

from songcau_identity.reasons import REASONS

ADDRESS_INVALID = REASONS.add(
    "ADDRESS_INVALID", Status.INVALID_ARGUMENT, "the address is incomplete or malformed; violations say where"
)
ADDRESS_NOT_FOUND = REASONS.add("ADDRESS_NOT_FOUND", Status.NOT_FOUND, "no address has this id")
ADDRESS_STATE_CONFLICT = REASONS.add(
    "ADDRESS_STATE_CONFLICT", Status.FAILED_PRECONDITION, "the state of the address does not allow it; details: state"
)
ADDRESS_UNIT_INVALID = REASONS.add(
    "ADDRESS_UNIT_INVALID",
    Status.INVALID_ARGUMENT,
    "the address cannot lie in this unit; violations say why, details name the candidates",
)
HAMLET_ELSEWHERE = REASONS.add(
    "HAMLET_ELSEWHERE", Status.FAILED_PRECONDITION, "the hamlet is known to have gone elsewhere; details: unit_code"
)
BOUNDARIES_UNAVAILABLE = REASONS.add(
    "BOUNDARIES_UNAVAILABLE",
    Status.FAILED_PRECONDITION,
    "this installation has no boundaries of units; name the hamlet instead",
)
AGENCY_WITHOUT_RESIDENTS = REASONS.add(
    "AGENCY_WITHOUT_RESIDENTS",
    Status.PERMISSION_DENIED,
    "the officer's agencies look after the residence of nobody: neither a commune's nor the province's",
)
