"""What the API says about people whom officers enter on papers: newborns, foreigners without electronic identity."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.citizen_record_schemas import DocumentEvidence
from songcau_gateway.routes.citizen_schemas import Citizen
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, LegalDate, Line, PartialDate, known

Sex = Annotated[Literal["MALE", "FEMALE"], Field(examples=["FEMALE"])]
State = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{1,3}$"), Field(examples=["FRA"], description="ISO 3166-1, three letters")
]
PersonalNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$"), Field(examples=["019326000001"])]


class NewNewborn(Body):
    """A child as the birth certificate has it; the evidence is that certificate."""

    full_name: Line = Field(examples=["Nguyễn Thị Sao Băng"])
    birth_date: LegalDate
    sex: Sex
    birth_order: int = Field(
        default=1, ge=1, le=9, examples=[1], description="tells twins of one certificate apart: 1, 2, …"
    )
    evidence: DocumentEvidence = Field(
        examples=[
            {
                "kind": "BIRTH_CERTIFICATE",
                "document_number": "12/2026",
                "issuer": "Bệnh viện A Thái Nguyên",
                "issued_on": "2026-11-23",
            }
        ]
    )


class NumberIssue(Body):
    """The personal number issued to a child."""

    number: PersonalNumber
    evidence: DocumentEvidence


class NewbornVoiding(Body):
    """Why the entry of a child counts no more, and what shows it."""

    reason: Literal["ENTERED_IN_ERROR", "ENTERED_TWICE", "DECEASED"] = Field(examples=["ENTERED_TWICE"])
    evidence: DocumentEvidence


class NewForeigner(Body):
    """A foreigner as the passport has them."""

    full_name: Line = Field(examples=["CLAIRE INVENTÉE"])
    birth_date: PartialDate
    sex: Sex | None = Field(default=None, examples=["FEMALE"])
    nationality: State | None = Field(default=None, examples=["FRA"], description="left out: the issuing state")
    passport_number: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)] = Field(
        examples=["12AB34567"]
    )
    issuing_state: State
    evidence: DocumentEvidence


class Newborn(Citizen):
    """A child as it was entered; the citizen's id is the child's for good."""

    mother_citizen_id: Id
    birth_order: int = Field(examples=[1])
    temporary_key: str = Field(examples=["SS-7K3M-9QXT"], description="stands for the number until it is issued")
    state: str = known("TEMPORARY", "REPLACED", "VOIDED")
    registered_at: Instant


class NumberedNewborn(Newborn):
    """A child after the personal number was issued."""

    warnings: list[str] = Field(examples=[[]], description="what looks odd now and waits under /v1/record-doubts")


class OwnNewborn(Newborn):
    """A child as its mother sees it."""

    full_name: str = Field(examples=["Nguyễn Thị Sao Băng"])
    birth_date: PartialDate
    masked_number: str = Field(examples=["SS-7K3M-9QXT"], description="the temporary key, later the masked number")


class OwnNewborns(Answer):
    """The citizen's children who were entered as newborns, the youngest entry first."""

    items: list[OwnNewborn]


class RegisteredForeigner(Citizen):
    """A foreigner after the entry."""

    paper_id: Id = Field(description="the passport, as /v1/citizens/{citizen_id}/papers lists it")
