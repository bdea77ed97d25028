"""Administrative units as they were and are; a unit is keyed by code and first day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MERGED_ON = date(2025, 7, 1)
"""Day the districts were abolished and the communes of today were formed (Resolution 1683/NQ-UBTVQH15)."""


class UnitKind(StrEnum):
    """What a unit is; districts and townships ended on 1 July 2025."""

    PROVINCE = "PROVINCE"
    DISTRICT = "DISTRICT"
    COMMUNE = "COMMUNE"
    WARD = "WARD"
    TOWNSHIP = "TOWNSHIP"


@dataclass(frozen=True)
class Unit:
    """A unit in force from `valid_from` until the day before `valid_to`; `parent_code` as it was in that time."""

    code: str
    valid_from: date
    valid_to: date | None
    kind: UnitKind
    name: str
    parent_code: str | None
    parent_name: str = ""

    @property
    def current(self) -> bool:
        """Return whether the unit has no known end."""
        return self.valid_to is None


@dataclass(frozen=True)
class UnitLink:
    """A neighbour in the succession; partial when only part of the old unit went that way."""

    unit: Unit
    partial: bool


@dataclass(frozen=True)
class Succession:
    """What an old unit became, both named by code and first day; partial when only part of it went that way."""

    old: tuple[str, date]
    new: tuple[str, date]
    partial: bool
