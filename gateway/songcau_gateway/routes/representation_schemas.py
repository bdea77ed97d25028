"""What the API says about who may act for whom."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.citizen_record_schemas import DocumentEvidence
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, LegalDate, Line, Page, known

Scope = Literal[
    "IDENTITY_READ",
    "ACCESS_READ",
    "CONSENT_WRITE",
    "DOSSIER_READ",
    "DOSSIER_WRITE",
    "CONSULTATION_READ",
    "CONSULTATION_WRITE",
]
PersonalNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$"), Field(examples=["019185000005"])]


class NewRepresentation(Body):
    """What an officer enters: who stands for whom, in what, from when to when, on which document."""

    kind: Literal["PARENT", "GUARDIAN", "LIMITED_CAPACITY", "AUTHORISATION", "HEIR"] = Field(
        examples=["PARENT"], description="who acts for an organisation is a member of it: `/v1/organisations`"
    )
    represented_kind: Literal["CITIZEN"] = "CITIZEN"
    represented_id: Id
    representative_id: Id
    scopes: list[Scope] = Field(
        default=[],
        max_length=7,
        description="empty: all that the kind has; of limited capacity: those a court names",
    )
    valid_from: LegalDate | None = Field(default=None, description="today where it is absent")
    valid_until: LegalDate | None = Field(
        default=None, description="last day; an authorisation has one, a child's ends at 18 by itself"
    )
    evidence: DocumentEvidence


class NewAuthorisation(Body):
    """Whom the signed-in citizen authorises: number and name must be those of one citizen of the platform."""

    representative_number: PersonalNumber
    representative_name: Line = Field(examples=["Nông Văn Thử"])
    purpose: Literal["PUBLIC_SERVICES", "CARE"] = Field(examples=["PUBLIC_SERVICES"])
    valid_until: LegalDate = Field(description="last day, a year from today at most")


class ChildAnswer(Body):
    """What a child of 7 or more says to a parent's or guardian's representation."""

    answer: Literal["CONFIRMED", "OBJECTED"] = Field(examples=["CONFIRMED"])


class RepresentationEnding(Body):
    """Why an officer ends a representation, and the document that says so."""

    cause: Literal["COURT_DECISION", "DEATH", "ENTERED_WRONGLY"] = Field(examples=["COURT_DECISION"])
    evidence: DocumentEvidence


class Representation(Answer):
    """One representation; `scopes` is what may be done now."""

    id: Id
    version: int = Field(examples=[1])
    kind: str = known("PARENT", "GUARDIAN", "LIMITED_CAPACITY", "ORGANISATION", "AUTHORISATION", "HEIR")
    represented_kind: str = known("CITIZEN", "ORGANISATION")
    represented_id: Id
    representative_id: Id
    scopes: list[str] = Field(examples=[["DOSSIER_READ", "DOSSIER_WRITE"]], description="empty once it is over")
    status: str = known("ACTIVE", "AWAITING_CHILD", "OBJECTED", "REVOKED", "ENDED")
    valid_from: LegalDate
    valid_until: LegalDate | None = Field(description="last day; null: until it is ended, a child's until 18")
    end_cause: str | None = Field(examples=[None])
    ended_at: Instant | None = Field(examples=[None])


class RepresentationPage(Page[Representation]):
    """A page of representations, newest first."""
