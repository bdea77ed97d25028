"""What the API says about consents."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from songcau_gateway.routes.citizen_record_schemas import DocumentEvidence
from songcau_gateway.routes.consultation_consent_schemas import ConsultationConsentPage
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, Text, known

STATES = ("GIVEN", "WITHDRAWN", "LAPSED")
PURPOSES = ("REMOTE_CARE", "SHARE_CARE_RESULT", "REUSE_PAPERS")
RepresentativeId = Annotated[
    UUID | None,
    Field(strict=False, examples=[None], description="who declared it for the citizen; null where the citizen did"),
]
Purpose = Annotated[str, StringConstraints(pattern=r"^[A-Z]+(_[A-Z]+)*$", max_length=60)]
TextVersion = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z0-9]+)*$", max_length=60)]


class ConsentPurpose(Answer):
    """One purpose for which people are asked, with the text that is in use."""

    purpose: str = known(*PURPOSES)
    activity: str = Field(examples=["remote-examination"], description="the processing activity that rests on it")
    is_sensitive: bool = Field(description="health or other sensitive data is processed")
    text_version: str = Field(examples=["care-1"], description="name it when consent is given")
    title: Text
    body: Text


class ConsentPurposes(Answer):
    """Every purpose; nothing is ticked beforehand."""

    items: list[ConsentPurpose]


class PurposeConsent(Answer):
    """What holds for one person and one purpose."""

    id: Id
    citizen_id: Id = Field(description="whose data it is about")
    purpose: str = known(*PURPOSES)
    state: str | None = known(
        *STATES,
        "AWAITING_CHILD",
        "AWAITING_REPRESENTATIVE",
        note="nothing holds by a yes that waits for the child's or the representative's",
    )
    text_version: str = Field(examples=["care-1"])
    decided_at: Instant | None
    decisions: int = Field(examples=[1], description="how many decisions there were so far")


class ConsentHalf(Answer):
    """The proof of a yes that had no effect until the other side agreed too."""

    channel: str | None = known("APP", "PAPER", "RECORDED_CALL")
    decided_as: str = known("SELF", "REPRESENTATIVE")
    decided_by_citizen_id: Id
    recorded_by: str = Field(description="the account that entered it", examples=["3f0c7a52"])
    recorded_for: str | None = Field(description="agency or facility of an officer who entered it", examples=[None])
    client_id: str = Field(examples=["citizen-app"])
    decided_at: Instant | None


class ConsentDecision(Answer):
    """One decision and its proof."""

    state: str | None = known(*STATES, note="what held after it")
    text_version: str = Field(examples=["care-1"])
    text_sha256: str = Field(description="digest of the Vietnamese text of that version", examples=["9f86d081884c7d65"])
    channel: str | None = known("APP", "PAPER", "RECORDED_CALL", note="null where a text lapsed by itself")
    decided_as: str = known("SELF", "REPRESENTATIVE", "SYSTEM")
    decided_by_citizen_id: str | None = Field(examples=["019ab6c2-7c1e-7000-8000-000000000001"])
    recorded_by: str = Field(description="the account that entered it", examples=["3f0c7a52"])
    recorded_for: str | None = Field(description="agency or facility of an officer who entered it", examples=[None])
    client_id: str = Field(examples=["citizen-app"])
    decided_at: Instant | None
    first_half: ConsentHalf | None = Field(description="where a child and a representative both agreed: the first yes")


class OwnConsent(ConsentPurpose):
    """One purpose as it stands for the signed-in citizen."""

    consent: PurposeConsent | None = Field(description="null where nothing was decided yet")
    waiting: PurposeConsent | None = Field(description="a yes of one side that waits for the other's")
    is_asked: bool = Field(description="not decided yet, or it lapsed: a new text, or the child is 7 or 18 now")
    decisions: list[ConsentDecision] = Field(description="newest first")


class OwnConsents(Answer):
    """Every purpose as it stands for the signed-in citizen, and the consents to single consultations."""

    items: list[OwnConsent]
    consultations: ConsultationConsentPage | None = Field(
        description="the newest; further ones, and why it is null, by GET /v1/me/consents/consultations"
    )


class ConsentGrant(Body):
    """Yes to one purpose and one text; there is no way to agree to several at once."""

    purpose: Purpose = Field(examples=["REMOTE_CARE"], description="one purpose; a list is refused")
    text_version: TextVersion = Field(examples=["care-1"])
    agreed: bool = Field(examples=[True], description="true by an act of the person; never filled in beforehand")


class RecordedConsentGrant(Body):
    """Yes to one purpose, as a citizen declared it on paper or in a recorded call."""

    purpose: Purpose = Field(examples=["SHARE_CARE_RESULT"])
    text_version: TextVersion = Field(examples=["share-care-result-1"])
    channel: Literal["PAPER", "RECORDED_CALL"] = Field(examples=["PAPER"])
    evidence: DocumentEvidence
    representative_id: RepresentativeId = None


class RecordedConsentWithdrawal(Body):
    """A withdrawal, as a citizen declared it on paper or in a recorded call."""

    channel: Literal["PAPER", "RECORDED_CALL"] = Field(examples=["PAPER"])
    evidence: DocumentEvidence
    representative_id: RepresentativeId = None
