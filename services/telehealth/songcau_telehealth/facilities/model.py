"""Facilities, practitioners, their declarations, contracts and hours; and the parts of a local day a slot lies in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

MINUTES_OF_A_DAY = 1440


class FacilityKind(StrEnum):
    """What a facility is to the platform."""

    COMMUNE_STATION = "COMMUNE_STATION"
    HOSPITAL = "HOSPITAL"


class RemoteMode(StrEnum):
    """The four legal ways of care at a distance (Decree 96/2023 articles 87 and 88, Law 15/2023 article 64)."""

    DIRECT_TO_PATIENT = "DIRECT_TO_PATIENT"
    VIA_RECEIVING_FACILITY = "VIA_RECEIVING_FACILITY"
    INTER_FACILITY_SUPPORT = "INTER_FACILITY_SUPPORT"
    TELECONSULT_MDT = "TELECONSULT_MDT"

    @property
    def is_local_practitioner_responsible(self) -> bool:
        """Whether the local practitioner decides and the far end only advises."""
        return self in (RemoteMode.INTER_FACILITY_SUPPORT, RemoteMode.TELECONSULT_MDT)


@dataclass(frozen=True)
class PractitionerCard:
    """What the law wants shown of a practitioner before a session."""

    practitioner_id: UUID
    practitioner_no: int
    full_name: str
    title: str
    licence_number: str


@dataclass(frozen=True)
class Declaration:
    """A service a facility may give at a distance, from and (when withdrawn) to a day, both included."""

    service_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Contract:
    """A contract about care at a distance between two facilities."""

    contract_id: UUID
    number: str
    supporting_facility_code: str
    supported_facility_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Facility:
    """A licensed facility."""

    facility_code: str
    kind: FacilityKind
    name: str
    unit_code: str
    declarations: tuple[Declaration, ...] = ()
    contracts: tuple[Contract, ...] = ()


@dataclass(frozen=True)
class WorkingHours:
    """Declared weekly hours at one facility, minutes after local midnight; weekday 1 is Monday."""

    facility_code: str
    weekday: int
    start_minute: int
    end_minute: int
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class Practitioner:
    """A practitioner with the scope of the licence and the declared hours."""

    card: PractitionerCard
    service_codes: tuple[str, ...]
    hours: tuple[WorkingHours, ...] = ()


@dataclass(frozen=True)
class LocalSpan:
    """The part of a period that lies in one local day."""

    day: date
    start_minute: int
    end_minute: int

    @property
    def weekday(self) -> int:
        """1 Monday … 7 Sunday."""
        return self.day.isoweekday()


def local_spans(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> tuple[LocalSpan, ...]:
    """Cut a period at every local midnight, because declared hours are kept per weekday."""
    spans = []
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), time(), tzinfo=zone)
        part_end = min(end, midnight)
        end_minute = MINUTES_OF_A_DAY if part_end == midnight else part_end.hour * 60 + part_end.minute
        spans.append(LocalSpan(start.date(), start.hour * 60 + start.minute, end_minute))
        start = part_end
    return tuple(spans)
