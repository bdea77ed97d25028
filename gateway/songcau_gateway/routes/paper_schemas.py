"""What the API says about the papers of citizens."""

from typing import Annotated, Literal

from pydantic import Field

from songcau_gateway.routes.citizen_record_schemas import DocumentEvidence, MendedCitizen
from songcau_gateway.routes.citizen_schemas import PaperNumber
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, known

KINDS = ("HO_CHIEU", "CMND_9", "CCCD", "GIAY_KHAI_SINH", "SO_BHXH", "THE_BHYT")
WithdrawalReason = Annotated[
    Literal["ENTERED_IN_ERROR", "REPLACED", "EXPIRED", "LOST", "REVOKED"], Field(examples=["REPLACED"])
]


class NewPaper(Body):
    """A paper the officer saw, and the document the entry rests on, mostly the paper itself."""

    paper: PaperNumber
    evidence: DocumentEvidence


class PaperWithdrawal(Body):
    """Why a paper counts no more, and what shows it."""

    withdrawal: WithdrawalReason
    evidence: DocumentEvidence


class PaperHolder(MendedCitizen):
    """A citizen after an act on one of their papers."""

    paper_id: Id


class HeldPaper(Answer):
    """A paper a citizen has or had; the number is masked."""

    id: Id
    kind: str = known(*KINDS)
    masked_number: str = Field(examples=["C••••567"])
    issuer: str | None = Field(examples=["VNM"], description="state of a passport, unit of a birth certificate")
    source: str = known("OFFICER", "VNEID")
    recorded_at: Instant
    active: bool
    withdrawal: str | None = Field(examples=[None], description="why it counts no more; null while active")
    withdrawn_at: Instant | None
    citizen_id: Id = Field(description="the citizen's own record, or one merged into it")


class HeldPapers(Answer):
    """Every paper of a citizen, newest first."""

    items: list[HeldPaper]
