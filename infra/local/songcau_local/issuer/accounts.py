"""The people who can sign in: demo staff from the seed file, citizens as the VNeID bridge brings them."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID, uuid5

ACCOUNTS = UUID("019a0000-0000-7000-8000-000000000001")  # the namespace of stable account ids in development


@dataclass(frozen=True)
class Account:
    """An account as the realm would hold it: no personal data, attributes are internal ids and codes."""

    subject: str
    username: str
    roles: tuple[str, ...]
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class StaffAccount:
    """A demo account of the seed file with its development password and second factor."""

    account: Account
    password: str = field(repr=False)
    one_time_code: str = field(repr=False)


class Accounts:
    """All accounts; those brought by the broker are kept in a file so that a restart changes nobody's subject."""

    def __init__(self, staff: Mapping[str, StaffAccount], file: Path) -> None:
        self._staff = staff
        self._file = file
        self._lock = threading.Lock()
        self._brokered: dict[str, Account] = self._read() if file.exists() else {}

    def authenticate(self, username: str, password: str) -> StaffAccount | None:
        """Return the staff account whose password this is."""
        found = self._staff.get(username)
        matches = hmac.compare_digest((found.password if found else "-" * 14).encode(), password.encode())
        return found if found and matches else None

    def brokered(self, subject_at_bridge: str, *, role: str, attributes: Mapping[str, str]) -> Account:
        """Return the account of a person whom the bridge vouches for, made at the first sign-in, refreshed at each."""
        account = Account(
            subject=str(uuid5(ACCOUNTS, f"vneid:{subject_at_bridge}")),
            username=f"vneid.{subject_at_bridge}",
            roles=(role,),
            attributes={name: (value,) for name, value in attributes.items()},
        )
        with self._lock:
            self._brokered[account.subject] = account
            self._write()
        return account

    def find(self, subject: str) -> Account | None:
        """Return the account with this subject."""
        staff = (item.account for item in self._staff.values() if item.account.subject == subject)
        return next(staff, None) or self._brokered.get(subject)

    def _read(self) -> dict[str, Account]:
        rows = json.loads(self._file.read_text())
        return {
            row["subject"]: Account(
                subject=row["subject"],
                username=row["username"],
                roles=tuple(row["roles"]),
                attributes={name: tuple(values) for name, values in row["attributes"].items()},
            )
            for row in rows
        }

    def _write(self) -> None:
        staging = self._file.with_suffix(".new")
        staging.write_text(json.dumps([asdict(account) for account in self._brokered.values()]))
        staging.replace(self._file)


def staff_account(username: str, entry: Mapping[str, object]) -> StaffAccount:
    """Build a staff account from its entry in the seed file."""
    attributes = entry.get("attributes") or {}
    roles = entry.get("roles") or []
    assert isinstance(attributes, Mapping) and isinstance(roles, list)  # noqa: S101, PT018 - the shape of our own seed file
    values = {str(key): tuple(map(str, v if isinstance(v, list) else [v])) for key, v in attributes.items()}
    subject = str(uuid5(ACCOUNTS, f"staff:{username}"))
    account = Account(subject=subject, username=username, roles=tuple(map(str, roles)), attributes=values)
    return StaffAccount(account, password=str(entry["password"]), one_time_code=str(entry["one_time_code"]))
