"""The demo people of the seed file: persons whom the VNeID simulator knows, and staff accounts of the issuer."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from songcau_local.errors import StackError
from songcau_local.process_table import PEOPLE_FILE


@dataclass(frozen=True)
class DemoAccount:
    """Somebody who can sign in on this machine."""

    name: str
    sign_in: str
    description: str
    is_citizen: bool


@cache
def people() -> dict[str, Any]:
    """Read the seed file."""
    content: dict[str, Any] = yaml.safe_load(PEOPLE_FILE.read_text())
    return content


def demo_accounts() -> list[DemoAccount]:
    """Return everybody, citizens first."""
    citizens = [
        DemoAccount(
            name, f"VNeID {entry['personal_number']} / {entry['passcode']}", entry["description"], is_citizen=True
        )
        for name, entry in people()["citizens"].items()
    ]
    staff = [
        DemoAccount(name, f"{name} / {entry['password']}", entry["description"], is_citizen=False)
        for name, entry in people()["staff"].items()
    ]
    return citizens + staff


def get_citizen(name: str) -> dict[str, Any]:
    """Return a citizen's entry; raises StackError naming those there are."""
    return _get("citizens", name)


def get_staff(name: str) -> dict[str, Any]:
    """Return a staff account's entry; raises StackError naming those there are."""
    return _get("staff", name)


def _get(kind: str, name: str) -> dict[str, Any]:
    entries: dict[str, dict[str, Any]] = people()[kind]
    if name not in entries:
        everybody = ", ".join([*people()["citizens"], *people()["staff"]])
        raise StackError(f"there is no {name} in the seed file: {everybody}")
    return entries[name]
