"""What this service knows of a citizen: whether services are open to them. Nothing personal."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class CitizenStatus(StrEnum):
    """What identity said last."""

    ACTIVE = "ACTIVE"
    UNLINKED = "UNLINKED"
    BLOCKED = "BLOCKED"
    DECEASED = "DECEASED"


@dataclass(frozen=True)
class Citizen:
    """The local copy; `citizen_no` is the small number that goes into the ranges of the exclusion constraints."""

    citizen_id: UUID
    citizen_no: int
    status: CitizenStatus
    is_person: bool


@dataclass(frozen=True)
class CitizenNews:
    """What an event of identity says of a citizen; None leaves what is known."""

    citizen_id: UUID
    version: int
    status: CitizenStatus | None
    is_person: bool | None
