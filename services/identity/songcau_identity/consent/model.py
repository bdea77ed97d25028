"""What holds for a person and a purpose, who may decide it, and the proof of each decision."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ConsentState(StrEnum):
    """What holds for one person and one purpose."""

    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


class ConsentAct(StrEnum):
    """What can be decided."""

    GIVE = "GIVE"
    WITHDRAW = "WITHDRAW"
    LAPSE = "LAPSE"


class ConsentFact(StrEnum):
    """What a decision makes known to the other services."""

    CONSENT_GIVEN = "CONSENT_GIVEN"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    CONSENT_LAPSED = "CONSENT_LAPSED"


class Decider(StrEnum):
    """As what somebody decides."""

    SELF = "SELF"
    REPRESENTATIVE = "REPRESENTATIVE"
    SYSTEM = "SYSTEM"


class ConsentChannel(StrEnum):
    """How a decision reached the platform."""

    APP = "APP"
    PAPER = "PAPER"
    RECORDED_CALL = "RECORDED_CALL"


@dataclass(frozen=True)
class ConsentTransition:
    """One legal step: from (None: nothing decided yet), to, who may, what the others learn."""

    before: ConsentState | None
    act: ConsentAct
    after: ConsentState
    who: frozenset[Decider]
    fact: ConsentFact


_PEOPLE = frozenset({Decider.SELF, Decider.REPRESENTATIVE})
_SYSTEM = frozenset({Decider.SYSTEM})


def _give(before: ConsentState | None) -> ConsentTransition:
    return ConsentTransition(before, ConsentAct.GIVE, ConsentState.GIVEN, _PEOPLE, ConsentFact.CONSENT_GIVEN)


def _withdraw(before: ConsentState | None) -> ConsentTransition:
    after, fact = ConsentState.WITHDRAWN, ConsentFact.CONSENT_WITHDRAWN
    return ConsentTransition(before, ConsentAct.WITHDRAW, after, _PEOPLE, fact)


CONSENT_LIFECYCLE: tuple[ConsentTransition, ...] = (
    _give(None),
    _give(ConsentState.WITHDRAWN),
    _give(ConsentState.LAPSED),
    # Only to a newer text; the same text again is no decision.
    _give(ConsentState.GIVEN),
    # Refused beforehand.
    _withdraw(None),
    _withdraw(ConsentState.GIVEN),
    _withdraw(ConsentState.LAPSED),
    ConsentTransition(ConsentState.GIVEN, ConsentAct.LAPSE, ConsentState.LAPSED, _SYSTEM, ConsentFact.CONSENT_LAPSED),
)


def find_consent_transition(before: ConsentState | None, act: ConsentAct) -> ConsentTransition | None:
    """Return the legal step of an act, None where it changes nothing."""
    return next((step for step in CONSENT_LIFECYCLE if step.before is before and step.act is act), None)


@dataclass(frozen=True)
class Consent:
    """What holds for one person (`citizen_id`, for whom) and one purpose.

    `lapses_at_age` is the age in years at which what was said for a child, or with one, is asked again.
    """

    consent_id: UUID
    citizen_id: UUID
    purpose: str
    state: ConsentState
    text_version: str
    version: int
    decided_at: datetime
    lapses_at_age: int | None = None


@dataclass(frozen=True)
class Proof:
    """Who decided, as what, how it reached the platform, and who entered it for which agency."""

    decided_as: Decider
    decided_by: UUID | None
    channel: ConsentChannel | None
    recorded_by: str
    recorded_for: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class Half:
    """What a child or its representative agreed to before the other did; nothing holds by it alone."""

    half_id: UUID
    citizen_id: UUID
    purpose: str
    text_version: str
    text_sha256: bytes
    proof: Proof
    decided_at: datetime
    evidence_enc: bytes | None = field(default=None, repr=False)

    @property
    def waits_for(self) -> Decider:
        """Who has not agreed yet."""
        return Decider.SELF if self.proof.decided_as is Decider.REPRESENTATIVE else Decider.REPRESENTATIVE


@dataclass(frozen=True)
class Decision:
    """One decision; `text_sha256` is the digest of the Vietnamese text that was in use.

    `first_half` is the agreement that waited for this one, where a child and a representative both had to agree.
    """

    purpose: str
    version: int
    state: ConsentState
    text_version: str
    text_sha256: bytes
    proof: Proof
    decided_at: datetime
    evidence_enc: bytes | None = field(default=None, repr=False)
    first_half: Half | None = None
