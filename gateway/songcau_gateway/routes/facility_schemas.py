"""What the API says about facilities, practitioners and slots of care at a distance."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from songcau_gateway.routes.fields import (
    Answer,
    Body,
    FacilityCode,
    Id,
    Instant,
    LegalDate,
    Page,
    PageQuery,
    ServiceCode,
    known,
)
from songcau_gateway.routes.result_schemas import SummaryPractitioner


class FacilityQuery(PageQuery):
    """Which facilities."""

    kind: Literal["HOSPITAL", "COMMUNE_STATION"] | None = None
    unit_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")] | None = Field(default=None, examples=["05740"])
    service_code: ServiceCode | None = Field(default=None, description="may give this service at a distance today")


class PractitionerQuery(PageQuery):
    """Which practitioners."""

    facility_code: FacilityCode | None = Field(default=None, description="with declared hours at this facility")
    service_code: ServiceCode | None = Field(default=None, description="whose scope has this service")


class SlotQuery(PageQuery):
    """Which slots of a facility."""

    facility_code: FacilityCode
    starts_at_gte: AwareDatetime | None = Field(default=None, description="start at or after; never before now")
    starts_at_lt: AwareDatetime | None = Field(default=None, description="start before")
    free_only: bool = Field(default=False, description="leave out slots that are held or booked")
    service_code: ServiceCode | None = None
    practitioner_id: UUID | None = None


class Declaration(Answer):
    """One service a facility has declared it may give at a distance."""

    service_code: str = Field(examples=["CARDIOLOGY"])
    valid_from: LegalDate | None
    valid_to: LegalDate | None


class Contract(Answer):
    """A contract between two facilities about care at a distance."""

    id: str = Field(examples=["019ab6c2-7c1e-7000-8000-000000000005"])
    number: str = Field(examples=["12/2026/HĐ-KCBTX"])
    supporting_facility_code: str = Field(examples=["19001"])
    supported_facility_code: str = Field(examples=["19123"])
    valid_from: LegalDate | None
    valid_to: LegalDate | None


class Facility(Answer):
    """A facility with what it has declared and contracted, in force today or later."""

    code: str = Field(examples=["19001"])
    kind: str | None = known("HOSPITAL", "COMMUNE_STATION")
    name: str = Field(examples=["Bệnh viện Trung ương Thái Nguyên"])
    unit_code: str | None = Field(examples=["05482"])
    declarations: list[Declaration]
    contracts: list[Contract]


class FacilityPage(Page[Facility]):
    """A page of facilities, ordered by code."""


class WorkingHours(Answer):
    """Declared weekly working hours at one facility, Vietnamese local time."""

    facility_code: str = Field(examples=["19001"])
    weekday: int = Field(examples=[1], description="1 Monday … 7 Sunday")
    start_minute: int = Field(examples=[450], description="minutes after local midnight")
    end_minute: int = Field(examples=[690])
    valid_from: LegalDate | None
    valid_to: LegalDate | None


class Practitioner(SummaryPractitioner):
    """A practitioner with licence number, scope and declared hours."""

    service_codes: list[str] = Field(examples=[["CARDIOLOGY"]])
    hours: list[WorkingHours]


class PractitionerPage(Page[Practitioner]):
    """A page of practitioners."""


class Slot(Answer):
    """A published time; who took it is never told."""

    id: Id
    facility_code: str = Field(examples=["19001"])
    practitioner_id: str = Field(examples=["019ab6c2-7c1e-7000-8000-000000000004"])
    starts_at: Instant
    ends_at: Instant
    free: bool = Field(examples=[True])


class SlotPage(Page[Slot]):
    """A page of slots that have not begun, ordered by start."""


class NewSlot(Body):
    """A time to be published: whole minutes, in the future, 5 to 240 minutes long."""

    starts_at: Instant
    ends_at: Instant = Field(examples=["2026-11-23T02:30:00Z"])


class NewSlots(Body):
    """Slots of one practitioner at one facility, all or none."""

    facility_code: FacilityCode
    practitioner_id: Id
    slots: list[NewSlot] = Field(min_length=1, max_length=200)


class PublishedSlots(Answer):
    """The slots that were published."""

    items: list[Slot]
