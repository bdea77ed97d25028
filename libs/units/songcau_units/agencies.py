"""The agencies of the province as this release ships them (data/agencies.csv), and whom they look after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from songcau_units.shipped import read_day, read_rows


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


@dataclass(frozen=True)
class Area:
    """Where agencies look after residents: communes of today by code, or the whole province."""

    communes: frozenset[str]
    is_province: bool

    @property
    def is_empty(self) -> bool:
        """Return whether the agencies look after nobody's residence: departments, offices."""
        return not self.communes and not self.is_province


def shipped_agencies() -> list[tuple[Agency, str]]:
    """Return the agencies and on what each record rests."""
    return [
        (
            Agency(
                code=row["code"],
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=read_day(row["valid_to"]),
                kind=AgencyKind(row["kind"]),
                name=row["name"],
                parent_code=row["parent_code"] or None,
                unit_code=row["unit_code"] or None,
                successor_code=row["successor_code"] or None,
                receives_dossiers=row["receives_dossiers"] == "true",
                week_pattern=row["week_pattern"],
            ),
            row["basis"],
        )
        for row in read_rows("agencies.csv")
    ]


def area_of(codes: Iterable[str]) -> Area:
    """Return the area of the agencies with these codes that exist today; unknown ones have none.

    A commune's committee and police, who register residence (Law on Residence 68/2020/QH14, Art. 2), look after their
    commune, the province's committee and police after every commune.
    """
    present = [_present()[code] for code in codes if code in _present()]
    local = frozenset(one.unit_code for one in present if one.unit_code and one.kind is not AgencyKind.PROVINCE)
    return Area(local, any(_is_provincial(one) for one in present))


def _is_provincial(agency: Agency) -> bool:
    return agency.kind is AgencyKind.PROVINCE or (agency.kind is AgencyKind.POLICE and agency.unit_code is None)


@cache
def _present() -> dict[str, Agency]:
    return {agency.code: agency for agency, _ in shipped_agencies() if agency.valid_to is None}
