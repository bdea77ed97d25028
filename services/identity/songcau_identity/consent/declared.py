"""What people decide about their consents as it reaches the platform, and what they are answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from songcau_identity.consent.model import Consent, ConsentAct, Decider, Decision, Half, Proof
from songcau_identity.consent.texts import Purpose


@dataclass(frozen=True)
class Choice:
    """What is decided: which act, for which purpose, on which text, and whether yes was said by an act of one's own."""

    act: ConsentAct
    purpose: str
    text_version: str = ""
    agreed: bool = True


@dataclass(frozen=True)
class Declared:
    """A choice as it reached the platform: for whom, how it is proved, and the document where there is one."""

    choice: Choice
    citizen_id: UUID | None
    proof: Proof
    evidence: Mapping[str, str] | None = None

    def fingerprint(self) -> bytes:
        """Return what tells two requests apart."""
        words = "\x00".join((self.evidence or {}).values())
        return f"{self.citizen_id} {self.choice} {self.proof.channel} {self.proof.decided_by} {words}".encode()


@dataclass(frozen=True)
class Waiting:
    """A yes that has no effect until the other side agrees too: for whom, to what, and who has not decided."""

    half_id: UUID
    citizen_id: UUID
    purpose: str
    text_version: str
    waits_for: Decider
    decided_at: datetime

    @classmethod
    def of(cls, half: Half) -> "Waiting":
        """Return what people are told of a half."""
        return cls(half.half_id, half.citizen_id, half.purpose, half.text_version, half.waits_for, half.decided_at)


@dataclass(frozen=True)
class ConsentAnswer:
    """What holds after a decision, or what waits where nothing holds by it yet."""

    consent: Consent | None = None
    waiting: Waiting | None = None

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [one.citizen_id for one in (self.consent, self.waiting) if one is not None]


CONSENT_ANSWER = TypeAdapter(ConsentAnswer)


@dataclass(frozen=True)
class OwnConsent:
    """One purpose as it stands for a person: None where nothing was decided; the newest decision first."""

    purpose: Purpose
    consent: Consent | None
    decisions: tuple[Decision, ...]
    waiting: Waiting | None = None
