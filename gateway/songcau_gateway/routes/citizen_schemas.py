"""What the API says about citizens."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from songcau_gateway.routes.fields import Answer, Body, Id, Instant, Line, PartialDate, Phone, known


class Citizen(Answer):
    """The state of one citizen without any personal value."""

    id: Id
    version: int = Field(examples=[3])
    status: str = known("ACTIVE", "UNLINKED", "BLOCKED", "DECEASED")
    account_kind: str = known("CITIZEN", "ORGANISATION")
    identity_level: int | None = Field(
        examples=[2],
        description="level of the VNeID account, 1 or 2; 0 without one; null for a level this release does not know",
    )
    merged_into_citizen_id: str | None = Field(
        default=None, examples=[None], description="the record that stands for this one since they were merged"
    )


class Profile(Citizen):
    """The calling citizen's own profile; the number is masked."""

    full_name: str = Field(examples=["Nguyễn Thị Sao Mai"])
    masked_number: str = Field(examples=["019•••••0001"])
    birth_date: PartialDate | None
    phone_number: str | None = Field(examples=["+84912000111"])
    linked_at: Instant | None
    last_verified_at: Instant | None


class PaperNumber(Body):
    """The number of a paper."""

    kind: Literal["HO_CHIEU", "CMND_9", "CCCD", "GIAY_KHAI_SINH", "SO_BHXH", "THE_BHYT"] = Field(examples=["HO_CHIEU"])
    number: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)] = Field(
        examples=["C1234567"], description="as printed; blanks and case do not matter"
    )
    issuer: Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{1,3}|[0-9]{5})$")] | None = Field(
        default=None,
        examples=["VNM"],
        description="state of a passport (ISO 3166-1, three letters); unit that registered a birth (five digits)",
    )


class CitizenSearch(Body):
    """A look-up by number, by telephone number, by paper or by exact name; one of the four."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{9,13}(-[0-9]{3})?$")] | None = Field(
        default=None, examples=["019062000001"], description="personal number, old identity card or tax code"
    )
    full_name: Line | None = Field(default=None, examples=[None])
    phone_number: Phone | None = Field(default=None, examples=[None], description="a family may share one")
    paper: PaperNumber | None = Field(default=None, examples=[None], description="a paper beside the personal number")
    birth_date: PartialDate | None = Field(default=None, examples=[None], description="narrows a search by name")

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, values: Any) -> Any:
        ways = ("number", "full_name", "phone_number", "paper")
        given = [name for name in ways if isinstance(values, dict) and values.get(name) is not None]
        if isinstance(values, dict) and len(given) != 1:
            raise ValueError("give number, full_name, phone_number or paper, one of them")
        return values


class FoundCitizen(Citizen):
    """One hit of a look-up, as much as an officer needs to recognise the person before them."""

    full_name: str = Field(examples=["Nguyễn Thị Sao Mai"])
    masked_number: str = Field(examples=["019•••••0001"])
    birth_year: int | None = Field(examples=[1962])


class FoundCitizens(Answer):
    """The hits of a look-up, at most 20."""

    items: list[FoundCitizen]
    more_exist: bool = Field(description="more matched; a birth date narrows the search")


CitizenStatus = Literal["ACTIVE", "UNLINKED", "BLOCKED"]
