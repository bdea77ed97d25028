"""The business register as seen from here: which organisations it has and whom it names.

The national register has no interface the platform may call, so an installation runs without one and officers confirm
on documents; a file plays it in development.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from songcau_identity.organisations.model import RegisterFinding


@dataclass(frozen=True)
class RegisterEntry:
    """What the register has of one organisation."""

    representative_number: str = field(repr=False)
    is_operating: bool


class BusinessRegister(Protocol):
    """Finds organisations by identifier."""

    @property
    def is_connected(self) -> bool:
        """Say whether there is a register to ask."""

    def find(self, identifier: str) -> RegisterEntry | None:
        """Return what the register has of an identifier."""


class NoRegister:
    """An installation that is not connected to the register."""

    is_connected = False

    def find(self, identifier: str) -> RegisterEntry | None:  # noqa: ARG002
        """Know nothing."""
        return None


class FileRegister:
    """A register of invented organisations, read once from a JSON file: a list of objects."""

    is_connected = True

    def __init__(self, path: Path) -> None:
        rows = json.loads(path.read_text(encoding="utf-8"))
        self._entries: Mapping[str, RegisterEntry] = {
            row["identifier"]: RegisterEntry(row["representative_number"], row["operating"]) for row in rows
        }

    def find(self, identifier: str) -> RegisterEntry | None:
        """Return what the file has of an identifier."""
        return self._entries.get(identifier)


def compare(register: BusinessRegister, entry: RegisterEntry | None, *, is_representative: bool) -> RegisterFinding:
    """Return what the register says of somebody who founds an organisation."""
    if not register.is_connected:
        return RegisterFinding.NOT_CONNECTED
    if entry is None:
        return RegisterFinding.NOT_FOUND
    return RegisterFinding.CONFIRMED if is_representative else RegisterFinding.REPRESENTATIVE_DIFFERS
