"""How an access ends that did not come about: who asked may not, or what was asked could not be done."""

from dataclasses import dataclass

from songcau_kit.audit import Outcome
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, DomainError, Status

from songcau_identity.errors import LOOK_UP_LIMIT_REACHED, NAMING_LIMIT_REACHED, PURPOSE_REQUIRED, PURPOSE_UNKNOWN

DENIED = (
    PURPOSE_REQUIRED,
    PURPOSE_UNKNOWN,
    AUTHENTICATION_INSUFFICIENT,
    LOOK_UP_LIMIT_REACHED,
    NAMING_LIMIT_REACHED,
)


@dataclass(frozen=True)
class Ending:
    """How an access ended that did not come about, and why."""

    outcome: Outcome
    reason: str


def ending_of(error: DomainError) -> Ending:
    """Return DENIED where who asked may not, FAILED where what was asked could not be done."""
    is_denied = error.reason.status is Status.PERMISSION_DENIED or error.reason in DENIED
    return Ending("DENIED" if is_denied else "FAILED", error.reason.code)
