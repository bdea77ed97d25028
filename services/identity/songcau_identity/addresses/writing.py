"""Reads an address as it arrives: strictly, in NFC, every wrong field named."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_identity.address_errors import ADDRESS_INVALID
from songcau_identity.addresses.model import AddressKind, WrittenAddress
from songcau_identity.addresses.period import read_first_day, read_last_day

T = TypeVar("T")
LONGEST_TEXT = 500
LONGEST_HAMLET = 100
EARLIEST = date(1945, 9, 2)


@dataclass(frozen=True)
class StatedAddress:
    """An address as it arrives; `written_on` is empty for today, coordinates are degrees (WGS 84).

    `valid_from` and `valid_to` are the first and the last day of a temporary residence, empty for other kinds.
    """

    kind: AddressKind | None
    text: Personal
    hamlet: Personal
    written_on: str
    coordinates: tuple[float, float] | None
    valid_from: str = ""
    valid_to: str = ""


def read_address(stated: StatedAddress, *, today: date) -> tuple[AddressKind, WrittenAddress]:
    """Return the address in NFC, its words otherwise as entered; raises ADDRESS_INVALID naming each wrong field."""
    violations: list[Violation] = []

    def read(pointer: str, reader: Callable[[], T]) -> T | None:
        try:
            return reader()
        except LegacyEncodingError as error:
            violations.append(Violation(pointer, "LEGACY_ENCODING", str(error)))
        except ValueError as error:
            violations.append(Violation(pointer, str(error)))
        return None

    text = read("/address/text", lambda: _line(stated.text, LONGEST_TEXT, required=True))
    hamlet = read("/address/hamlet", lambda: read_hamlet(stated.hamlet))
    written_on = read("/address/written_on", lambda: _day(stated.written_on, today))
    read("/address/coordinates", lambda: _check_coordinates(stated.coordinates))
    first = read(
        "/address/valid_from",
        lambda: read_first_day(stated.kind, stated.valid_from, earliest=EARLIEST, today=today),
    )
    last = read("/address/valid_to", lambda: read_last_day(stated.kind, stated.valid_to, first=first, today=today))
    if stated.kind is None:
        violations.append(Violation("/address/kind", "REQUIRED"))
    if violations or stated.kind is None or not isinstance(written_on, date):
        raise DomainError(ADDRESS_INVALID, violations=violations)
    latitude, longitude = stated.coordinates or (None, None)
    return stated.kind, WrittenAddress(str(text), written_on, str(hamlet), latitude, longitude, first, last)


def read_hamlet(hamlet: Personal) -> str:
    """Return the name of a hamlet in NFC; raises ValueError with a code, LegacyEncodingError."""
    return _line(hamlet, LONGEST_HAMLET, required=False)


def hamlet_key(hamlet: str) -> str:
    """Return the name hamlets are compared by: accents count, case and the place of the tone do not."""
    return normalize(hamlet).lower()


def _line(text: Personal, longest: int, *, required: bool) -> str:
    line = " ".join(unicodedata.normalize("NFC", text.reveal()).split())
    normalize(line)  # an old font encoding is told as such
    if required and not line:
        raise ValueError("REQUIRED")
    if len(line) > longest:
        raise ValueError("LENGTH_OUT_OF_RANGE")
    if not line.isprintable():
        raise ValueError("INVALID")
    return line


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise ValueError("INVALID") from None
    if not EARLIEST <= day <= today:
        raise ValueError("OUT_OF_RANGE")
    return day


def _check_coordinates(coordinates: tuple[float, float] | None) -> None:
    # Written so that what is no number fails, too.
    if coordinates and not (-90 <= coordinates[0] <= 90 and -180 <= coordinates[1] <= 180):
        raise ValueError("OUT_OF_RANGE")
