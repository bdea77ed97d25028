"""What the API says about where citizens live."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.citizen_record_schemas import DocumentEvidence
from songcau_gateway.routes.citizen_schemas import Citizen
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, LegalDate, Line, Page, known

Kind = Annotated[Literal["PERMANENT", "TEMPORARY", "CURRENT"], Field(examples=["PERMANENT"])]
Hamlet = Annotated[Line, StringConstraints(max_length=100)]
CommuneCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$"), Field(examples=["05500"])]
RefusalReason = Annotated[Literal["NOT_PROVED", "INCOMPLETE", "NOT_RESIDENT"], Field(examples=["NOT_PROVED"])]
_HELPS = "decides where an old unit was split"


class Coordinates(Body):
    """A place on earth in degrees (WGS 84)."""

    latitude: float = Field(ge=-90, le=90, examples=[21.5614])
    longitude: float = Field(ge=-180, le=180, examples=[105.8764])


class NewAddress(Body):
    """An address as somebody wrote it; the words are kept as entered."""

    kind: Kind
    text: Annotated[Line, StringConstraints(max_length=500)] = Field(examples=["Xã Cúc Đường, huyện Võ Nhai"])
    hamlet: Hamlet | None = Field(default=None, examples=["Xóm Mỏ Chì"], description=_HELPS)
    written_on: LegalDate | None = Field(default=None, description="day the address was written; today when absent")
    coordinates: Coordinates | None = Field(default=None, description=_HELPS)
    valid_from: LegalDate | None = Field(
        default=None, examples=[None], description="first day; required of TEMPORARY, refused of other kinds"
    )
    valid_to: LegalDate | None = Field(
        default=None, examples=[None], description="last day, two years after the first at the latest; as `valid_from`"
    )


class AddressRecording(Body):
    """An address and the document that shows it."""

    address: NewAddress
    evidence: DocumentEvidence


class AddressAcceptance(Body):
    """The document that shows that a proposed address is right."""

    evidence: DocumentEvidence


class AddressRefusal(Body):
    """Why a proposal is refused, and what shows it."""

    refusal: RefusalReason
    evidence: DocumentEvidence


class AddressResolution(Body):
    """The unit of today an address in doubt lies in; hamlet, coordinates or both tell it where its words did not."""

    unit_code: CommuneCode
    hamlet: Hamlet | None = Field(default=None, examples=["Xóm Mỏ Chì"], description="decides later addresses, too")
    coordinates: Coordinates | None = None
    evidence: DocumentEvidence


class AddressHolder(Citizen):
    """A citizen after an act on one of their addresses."""

    address_id: Id
    resolution: str = known("RESOLVED", "AMBIGUOUS", "UNKNOWN")
    warnings: list[str] = Field(examples=[["DISTRICT_ABOLISHED", "OLD_UNIT_NAME"]], description="how it was written")


class AddressUnit(Answer):
    """A unit by code and first day: codes are used again for other places."""

    code: str = Field(examples=["05740"])
    valid_from: LegalDate
    name: str = Field(examples=["Xã La Hiên"])


class AddressCandidate(Answer):
    """A unit of today that may be meant."""

    unit_now: AddressUnit
    unit_then: AddressUnit | None = Field(description="the unit the words name, when it no longer exists")
    partial: bool = Field(description="only part of the old unit went there")


class Place(Answer):
    """A place on earth in degrees (WGS 84)."""

    latitude: float = Field(examples=[21.5614])
    longitude: float = Field(examples=[105.8764])


class HeldAddress(Answer):
    """An address a citizen has, had or proposed."""

    id: Id
    kind: str = known("PERMANENT", "TEMPORARY", "CURRENT")
    text: str = Field(examples=["Xã Cúc Đường, huyện Võ Nhai"], description="as entered")
    hamlet: str | None = Field(examples=["Xóm Mỏ Chì"])
    written_on: LegalDate
    coordinates: Place | None
    valid_from: LegalDate | None = Field(examples=[None], description="first day of a temporary residence")
    valid_to: LegalDate | None = Field(
        examples=[None], description="last day of a temporary residence, which is ENDED from the next day on"
    )
    state: str = known("PROPOSED", "RECORDED", "ENDED", "REFUSED", "REPLACED")
    resolution: str = known("RESOLVED", "AMBIGUOUS", "UNKNOWN")
    unit_then: AddressUnit | None = Field(description="the unit the words name; null while several may be named")
    unit_now: AddressUnit | None = Field(description="the unit of today; null while it is open")
    basis: str | None = known("TEXT", "HAMLET", "COORDINATES")
    candidates: list[AddressCandidate] = Field(description="what may be meant, while the unit is open")
    warnings: list[str] = Field(examples=[["OLD_UNIT_NAME"]])
    entered_by: str = known("CITIZEN", "OFFICER")
    entered_at: Instant
    recorded_at: Instant | None
    ended_at: Instant | None
    refusal: str | None = known("NOT_PROVED", "INCOMPLETE", "NOT_RESIDENT")
    citizen_id: Id = Field(description="the citizen's own record, or one merged into it")


class AddressDoubt(HeldAddress):
    """An address whose unit of today is in doubt and waits for an officer."""

    doubts: list[str] = Field(
        examples=[["UNIT_AMBIGUOUS", "HAMLET_UNKNOWN"]],
        description="why: UNIT_AMBIGUOUS, UNIT_UNKNOWN, HAMLET_UNKNOWN, DISTRICT_ABOLISHED",
    )
    citizen_version: int = Field(examples=[3], description="name it in If-Match to resolve the address")


class AddressDoubtPage(Page[AddressDoubt]):
    """A page of addresses in doubt, the oldest first."""


class HeldAddresses(Answer):
    """Every address of a citizen, newest first."""

    items: list[HeldAddress]
