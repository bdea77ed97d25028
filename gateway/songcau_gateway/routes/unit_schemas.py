"""What the API says about administrative units and agencies."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.fields import Answer, Body, LegalDate, Line, Page, PageQuery, UnitCode, known


class UnitQuery(PageQuery):
    """Which units."""

    kind: Literal["PROVINCE", "DISTRICT", "COMMUNE", "WARD", "TOWNSHIP"] | None = None
    on: date | None = Field(default=None, description="validity date in Vietnam; today when absent")


class AgencyQuery(PageQuery):
    """Which agencies."""

    kind: Literal["PROVINCE", "DEPARTMENT", "COMMUNE", "POLICE", "OTHER"] | None = None
    unit_code: UnitCode | None = Field(default=None, description="only agencies that serve this unit")
    on: date | None = Field(default=None, description="validity date in Vietnam; today when absent")


class Unit(Answer):
    """A unit, keyed by code and first day: codes are used again for other places."""

    code: str = Field(examples=["05740"])
    valid_from: LegalDate | None
    valid_to: LegalDate | None = Field(description="first day the unit no longer exists")
    kind: str | None = known("COMMUNE", "WARD", "TOWNSHIP", "DISTRICT", "PROVINCE")
    name: str = Field(examples=["Xã La Hiên"])
    parent_code: str | None = Field(examples=["19"])
    parent_name: str | None = Field(examples=["Tỉnh Thái Nguyên"])


class UnitLink(Answer):
    """A link of the succession of units."""

    unit: Unit
    partial: bool = Field(description="only part of the old unit's land went there")


class UnitHistory(Unit):
    """A unit with what it was formed from and what became of it."""

    predecessors: list[UnitLink]
    successors: list[UnitLink]


class UnitPage(Page[Unit]):
    """A page of units, ordered by code."""


class AddressSearch(Body):
    """An address as somebody wrote it."""

    text: Annotated[Line, StringConstraints(max_length=500)] = Field(examples=["Xã Cúc Đường, huyện Võ Nhai"])
    written_on: LegalDate | None = Field(default=None, description="day the address was written; today when absent")


class UnitCandidate(Answer):
    """A unit of today that may be meant."""

    unit: Unit
    named: Unit | None = Field(description="the unit the text names, when it no longer exists")
    partial: bool


class Resolution(Answer):
    """Today's unit for an address."""

    resolution: str = known("RESOLVED", "AMBIGUOUS", "UNKNOWN")
    candidates: list[UnitCandidate]
    warnings: list[str] = Field(examples=[["DISTRICT_ABOLISHED", "OLD_UNIT_NAME"]])


class Agency(Answer):
    """An agency that may receive dossiers."""

    code: str = Field(examples=["H55.242"])
    valid_from: LegalDate | None
    valid_to: LegalDate | None
    kind: str | None = known("COMMUNE", "DEPARTMENT", "POLICE", "PROVINCE", "OTHER")
    name: str = Field(examples=["Ủy ban nhân dân xã La Hiên"])
    parent_code: str | None = Field(examples=["H55"])
    unit_code: str | None = Field(examples=["05740"])
    successor_code: str | None = Field(examples=[None])
    receives_dossiers: bool = Field(examples=[True])


class AgencyPage(Page[Agency]):
    """A page of agencies, ordered by code."""
