"""An address as it was written, what it was resolved to, and the states it goes through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class AddressKind(StrEnum):
    """Which residence it is (Law on Residence: thường trú, tạm trú, nơi ở hiện tại)."""

    PERMANENT = "PERMANENT"
    TEMPORARY = "TEMPORARY"
    CURRENT = "CURRENT"


class AddressState(StrEnum):
    """Where an address stands; ENDED was on record, REPLACED was a proposal the citizen made anew."""

    PROPOSED = "PROPOSED"
    RECORDED = "RECORDED"
    ENDED = "ENDED"
    REFUSED = "REFUSED"
    REPLACED = "REPLACED"


class AddressAct(StrEnum):
    """What changes the state of an address."""

    RECORD = "RECORD"
    REFUSE = "REFUSE"
    REPLACE = "REPLACE"
    END = "END"


# The whole lifecycle; an address entered by a citizen begins PROPOSED, one entered by an officer RECORDED.
TRANSITIONS: Mapping[tuple[AddressState, AddressAct], AddressState] = {
    (AddressState.PROPOSED, AddressAct.RECORD): AddressState.RECORDED,
    (AddressState.PROPOSED, AddressAct.REFUSE): AddressState.REFUSED,
    (AddressState.PROPOSED, AddressAct.REPLACE): AddressState.REPLACED,
    (AddressState.RECORDED, AddressAct.END): AddressState.ENDED,
}


OPEN_STATES = (AddressState.PROPOSED, AddressState.RECORDED)


class AddressDoubt(StrEnum):
    """Why an address waits for an officer.

    HAMLET_UNKNOWN is a hamlet of a split unit of which nobody knows where it went, DISTRICT_ABOLISHED a district that
    was written on or after 1 July 2025.
    """

    UNIT_AMBIGUOUS = "UNIT_AMBIGUOUS"
    UNIT_UNKNOWN = "UNIT_UNKNOWN"
    HAMLET_UNKNOWN = "HAMLET_UNKNOWN"
    DISTRICT_ABOLISHED = "DISTRICT_ABOLISHED"


class AddressRefusal(StrEnum):
    """Why an officer did not take a proposal over."""

    NOT_PROVED = "NOT_PROVED"
    INCOMPLETE = "INCOMPLETE"
    NOT_RESIDENT = "NOT_RESIDENT"


class EnteredBy(StrEnum):
    """Who wrote the address."""

    CITIZEN = "CITIZEN"
    OFFICER = "OFFICER"


class Basis(StrEnum):
    """What told the unit of today."""

    TEXT = "TEXT"
    HAMLET = "HAMLET"
    COORDINATES = "COORDINATES"


@dataclass(frozen=True)
class UnitRef:
    """A unit by code and first day (codes are used again), with its name as it was then."""

    code: str
    valid_from: date
    name: str


@dataclass(frozen=True)
class UnitChoice:
    """A unit of today that may be meant; `then` is the unit the text names where that one is gone."""

    now: UnitRef
    then: UnitRef | None
    partial: bool


@dataclass(frozen=True)
class WrittenAddress:
    """What somebody wrote: the text as entered, and what helps where the text leaves the unit open.

    A temporary residence has a first and a last day; those that an older release entered have none.
    """

    text: str
    written_on: date
    hamlet: str = ""
    latitude: float | None = None
    longitude: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Placement:
    """What an address was resolved to; `then` the unit its words name, `now` None while the unit is open."""

    resolution: str
    then: UnitRef | None
    now: UnitRef | None
    basis: Basis | None
    candidates: tuple[UnitChoice, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class AddressValue:
    """Everything about an address that tells where; sealed as a whole."""

    written: WrittenAddress
    placement: Placement


@dataclass(frozen=True)
class HeldAddress:
    """An address a citizen has or had, closed."""

    address_id: UUID
    citizen_id: UUID
    kind: AddressKind
    state: AddressState
    resolution: str
    value_enc: bytes
    entered_by: EnteredBy
    entered_at: datetime
    recorded_at: datetime | None = None
    ended_at: datetime | None = None
    refusal: AddressRefusal | None = None
