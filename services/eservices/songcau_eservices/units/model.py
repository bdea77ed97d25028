"""The agencies of the province, as they were and are."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AgencyKind(StrEnum):
    """What an agency is."""

    PROVINCE = "PROVINCE"
    DEPARTMENT = "DEPARTMENT"
    COMMUNE = "COMMUNE"
    POLICE = "POLICE"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Agency:
    """An agency of the province; its working week is named by `week_pattern`."""

    code: str
    valid_from: date
    valid_to: date | None
    kind: AgencyKind
    name: str
    parent_code: str | None
    unit_code: str | None
    successor_code: str | None
    receives_dossiers: bool
    week_pattern: str = "STANDARD"
