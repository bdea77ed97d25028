"""What the API says about mending the records of citizens."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.citizen_schemas import Citizen
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, LegalDate, Line, Page, PartialDate, known

DocumentNumber = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Issuer = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Number = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{10,12}(-?[0-9]{3})?$"),
    Field(examples=["019185000005"], description="personal number of a person, tax code of an organisation"),
]
_VERSION = Annotated[int, Field(ge=1, le=2**62, examples=[3])]


class DocumentEvidence(Body):
    """The document an officer's act rests on; kept encrypted with the record."""

    kind: Literal[
        "COURT_DECISION",
        "CIVIL_STATUS_RECORD",
        "POLICE_NOTICE",
        "IDENTITY_PAPER",
        "BIRTH_CERTIFICATE",
        "OFFICE_RECORD",
        "DEATH_RECORD",
        "INHERITANCE_AGREEMENT",
        "INHERITANCE_DECLARATION",
    ] = Field(examples=["POLICE_NOTICE"])
    document_number: DocumentNumber = Field(examples=["12/TB-CA"])
    issuer: Issuer = Field(examples=["Công an xã La Hiên"])
    issued_on: LegalDate


class CitizenMerge(Body):
    """Which record is the same person as the one of the path, and what shows it."""

    merged_citizen_id: Id
    merged_version: _VERSION = Field(description="version of that record, as its ETag had it")
    evidence: DocumentEvidence


class EvidencedAct(Body):
    """An act that needs nothing but its evidence."""

    evidence: DocumentEvidence


class DeathEvidence(DocumentEvidence):
    """What proves a death; kept encrypted with the record."""

    kind: Literal["DEATH_RECORD", "COURT_DECISION"] = Field(
        examples=["DEATH_RECORD"], description="extract of the death register, or a court declares the person dead"
    )


class AnnulmentEvidence(DocumentEvidence):
    """What proves that a death counts no more; kept encrypted with the record."""

    kind: Literal["CIVIL_STATUS_RECORD", "COURT_DECISION", "OFFICE_RECORD"] = Field(
        examples=["CIVIL_STATUS_RECORD"],
        description="the register takes the extract back, a court its declaration, or the agency its own mistake",
    )


class DeathRecording(Body):
    """On which document a death is entered."""

    evidence: DeathEvidence


class DeathAnnulment(Body):
    """On which document a death is taken back."""

    evidence: AnnulmentEvidence


class NumberReplacement(Body):
    """The number issued in place of the present one."""

    number: Number
    evidence: DocumentEvidence


class CitizenCorrection(Body):
    """The right facts; what is left out is not corrected."""

    full_name: Line | None = Field(default=None, examples=["Nguyễn Thị Sao Mai"])
    birth_date: PartialDate | None = None
    sex: Literal["MALE", "FEMALE"] | None = Field(default=None, examples=["FEMALE"])
    evidence: DocumentEvidence


class MergedCitizens(Answer):
    """Both records after a merge, or after it was undone."""

    survivor: Citizen
    other: Citizen


class MendedCitizen(Citizen):
    """A citizen after an act of an officer."""

    warnings: list[str] = Field(
        examples=[["BIRTH_YEAR_MISMATCH"]], description="what looks odd now and waits under /v1/record-doubts"
    )
    act_id: Id | None = Field(
        default=None, description="of a correction: the act that completing a request to correct names"
    )


class HeldIdentifier(Answer):
    """A number a citizen has or had."""

    kind: str = known("PERSONAL_NUMBER", "TAX_CODE", "CMND_9", "PASSPORT", "FOREIGNER_EID")
    masked_value: str = Field(examples=["019•••••0001"])
    active: bool
    active_from: Instant
    cancelled_at: Instant | None
    citizen_id: Id = Field(description="the citizen's own record, or one merged into it")


class HeldIdentifiers(Answer):
    """Every number of a citizen, newest first."""

    items: list[HeldIdentifier]


class RecordDoubt(Answer):
    """Something about a record that does not fit together, without its values."""

    id: Id
    citizen_id: Id
    citizen_version: int = Field(examples=[3], description="name it in If-Match to settle the doubt")
    doubt: str = known("PLACE_CODE_UNASSIGNED", "BIRTH_YEAR_MISMATCH", "SEX_MISMATCH", "PROVIDER_DIFFERS")
    raised_at: Instant


class RecordDoubtPage(Page[RecordDoubt]):
    """A page of doubts that wait for an officer, the oldest first."""
