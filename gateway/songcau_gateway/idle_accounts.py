"""Closes staff accounts that nobody signed in to for 45 days, as a system of security level 3 must (domain.md 6.3).

Run once a day as a client of its own, which may read sign-in events; the gateway itself may not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from keycloak import KeycloakAdmin
from songcau_kit.logs import get_logger

from songcau_gateway.accounts import OPENED_ATTRIBUTE

# Citizens sign in through VNeID, which watches over their accounts; systems have keys.
STAFF_ROLES = (
    "officer",
    "leader",
    "station-officer",
    "clinician",
    "facility-manager",
    "data-officer",
    "operator",
    "digital-team",
)

_log = get_logger(__name__)


@dataclass(frozen=True)
class IdleAccount:
    """An account that was closed, and since when nobody used it."""

    account_id: str
    idle_since: datetime


def disable_idle(admin: KeycloakAdmin, *, now: datetime, idle: timedelta) -> list[IdleAccount]:
    """Close every staff account that was not used since `now - idle` and end its sessions; return them.

    Counts from the last sign-in, the making of the account or the day an administrator opened it again, whichever came
    last. Safe to repeat. Raises KeycloakError; what was closed before stays closed.
    """
    closed = []
    for user in _staff(admin):
        since = _used_at(admin, user)
        if user["enabled"] and since < now - idle:
            admin.disable_user(user["id"])
            admin.user_logout(user["id"])
            _log.info("idle_account_disabled", account=user["id"], idle_days=(now - since).days)
            closed.append(IdleAccount(user["id"], since))
    return closed


def _staff(admin: KeycloakAdmin) -> Iterator[dict[str, Any]]:
    """Yield each member of staff once, with attributes."""
    seen: set[str] = set()
    for role in STAFF_ROLES:
        for user in admin.get_realm_role_members(role):
            if user["id"] not in seen and not user["username"].startswith("service-account-"):
                seen.add(user["id"])
                yield user


def _used_at(admin: KeycloakAdmin, user: dict[str, Any]) -> datetime:
    signed_in = admin.get_events({"type": "LOGIN", "user": user["id"], "max": 1})
    opened = (user.get("attributes") or {}).get(OPENED_ATTRIBUTE, [])
    moments = [user["createdTimestamp"], *(event["time"] for event in signed_in), *map(int, opened)]
    return datetime.fromtimestamp(max(moments) / 1000, UTC)
