"""Account actions at the token issuer, behind one small face: python-keycloak's calls, our reasons, bounded retries.

Nothing here runs per request of a citizen; tokens are verified in this process (docs/adr/0007).
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakConnectionError, KeycloakError
from songcau_kit.clock import Clock
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger

from songcau_gateway.errors import (
    ACCOUNT_LINKED_ELSEWHERE,
    ACCOUNT_NOT_FOUND,
    ACCOUNT_PROTECTED,
    ISSUER_UNAVAILABLE,
)

T = TypeVar("T")
PROVIDER = "vneid"
AGENCIES = "agencies"
AGENCY_ATTRIBUTE = "agency_codes"
OPENED_ATTRIBUTE = "opened_at"  # milliseconds since 1970, as Keycloak writes its own times
# What only looks; the issuer lets us see every person, so what it hides is no account of a person.
LOOKS = frozenset({"read", "find", "read links"})
ATTEMPTS = 3
PAUSE_SECONDS = 0.2

_log = get_logger(__name__)


@dataclass(frozen=True)
class AccountState:
    """An account as the issuer holds it, in internal ids and codes; `citizen_id` is empty for staff."""

    account_id: str
    kind: Literal["CITIZEN", "STAFF", "SYSTEM"]
    is_enabled: bool
    citizen_id: str
    is_linked: bool
    agency_codes: tuple[str, ...]

    @property
    def version(self) -> int:
        """Return a number of at most 15 digits that is another one after every change, as the issuer keeps none."""
        digest = hashlib.sha256(repr((self.is_enabled, self.is_linked, self.agency_codes)).encode()).digest()
        return int.from_bytes(digest[:8]) % 10**15 + 1


class Accounts:
    """Acts on accounts by their id; every action may be repeated without harm.

    Raises ACCOUNT_NOT_FOUND, ACCOUNT_LINKED_ELSEWHERE, ACCOUNT_PROTECTED, ISSUER_UNAVAILABLE.
    """

    def __init__(
        self, admin: KeycloakAdmin, clock: Clock, *, attempts: int = ATTEMPTS, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self._admin = admin
        self._clock = clock
        self._attempts = attempts
        self._pause = pause_seconds

    async def get(self, account_id: str) -> AccountState:
        """Return an account."""
        return await self._do("read", self._state, account_id)

    async def find(self, *, username: str | None = None, citizen_id: str | None = None) -> list[AccountState]:
        """Return the people's accounts with exactly this user name, or those that sign in as this citizen."""
        query = {"idpAlias": PROVIDER, "idpUserId": citizen_id} if citizen_id else {"username": username, "exact": True}
        found = await self._do("find", self._admin.get_users, query)
        return [await self.get(user["id"]) for user in found if kind_of(user) != "SYSTEM"]

    def _state(self, account_id: str) -> AccountState:
        user = self._admin.get_user(account_id)
        links = self._admin.get_user_social_logins(account_id)
        groups = self._admin.get_user_groups(account_id)
        return AccountState(
            account_id=user["id"],
            kind=kind_of(user),
            is_enabled=user["enabled"],
            citizen_id=(user.get("attributes") or {}).get("citizen_id", [""])[0],
            is_linked=any(link["identityProvider"] == PROVIDER for link in links),
            agency_codes=tuple(sorted(group["name"] for group in groups if group["path"].startswith(f"/{AGENCIES}/"))),
        )

    async def link(self, account_id: str, citizen_id: str) -> None:
        """Link the account to a citizen as the VNeID bridge names them; raises ACCOUNT_LINKED_ELSEWHERE."""
        if citizen_id not in await self._linked(account_id):
            await self._do("link", self._admin.add_user_social_login, account_id, PROVIDER, citizen_id, citizen_id)

    async def unlink(self, account_id: str) -> None:
        """Take the account's link away and end its sessions."""
        if await self._linked(account_id):
            await self._do("unlink", self._admin.delete_user_social_login, account_id, PROVIDER)
        await self.end_sessions(account_id)

    async def disable(self, account_id: str) -> None:
        """Let nobody sign in with the account, and end what is open."""
        await self._do("disable", self._admin.disable_user, account_id)
        await self.end_sessions(account_id)

    async def enable(self, account_id: str) -> None:
        """Let the person sign in again; the days without a sign-in are counted from now."""
        await self._do("enable", self._open, account_id)

    async def end_sessions(self, account_id: str) -> None:
        """End every session of the account; the issuer tells the gateway, which refuses their tokens at once."""
        await self._do("end sessions", self._admin.user_logout, account_id)

    async def assign_agency(self, account_id: str, code: str) -> None:
        """Make the person a member of an agency, whose code their next token carries."""
        await self._do("assign agency", self._join, account_id, code)

    async def withdraw_agency(self, account_id: str, code: str) -> None:
        """End the membership; tokens that carry the code still are ended with the sessions."""
        await self._do("withdraw agency", self._leave, account_id, code)
        await self.end_sessions(account_id)

    async def _linked(self, account_id: str) -> list[str]:
        links = await self._do("read links", self._admin.get_user_social_logins, account_id)
        return [link["userId"] for link in links if link["identityProvider"] == PROVIDER]

    def _open(self, account_id: str) -> None:
        user = self._admin.get_user(account_id)
        if not user["enabled"]:
            opened = {OPENED_ATTRIBUTE: [str(int(self._clock.now().timestamp() * 1000))]}
            attributes = {**(user.get("attributes") or {}), **opened}
            self._admin.update_user(account_id, {**user, "enabled": True, "attributes": attributes})

    def _join(self, account_id: str, code: str) -> None:
        self._admin.group_user_add(account_id, self._group(code, make=True))

    def _leave(self, account_id: str, code: str) -> None:
        group = self._group(code, make=False)
        if group:
            self._admin.group_user_remove(account_id, group)

    def _group(self, code: str, *, make: bool) -> str:
        parent = self._admin.get_group_by_path(f"/{AGENCIES}")["id"]
        for group in self._admin.get_group_children(parent, {"search": code, "exact": "true"}):
            if group["name"] == code:
                return str(group["id"])
        if not make:
            return ""
        return str(self._admin.create_group({"name": code, "attributes": {AGENCY_ATTRIBUTE: [code]}}, parent=parent))

    async def _do(self, action: str, call: Callable[..., T], *arguments: Any) -> T:
        """Call the issuer on another thread; what may be over in a moment is tried again, what is refused is not."""
        for attempt in range(self._attempts):
            try:
                return await asyncio.to_thread(call, *arguments)
            except KeycloakError as error:
                if not _may_pass(error):
                    _log.warning("account_action_refused", action=action, status=error.response_code)
                    raise _reason_of(error, action) from None
            await asyncio.sleep(self._pause * 2**attempt)
        _log.warning("account_action_given_up", action=action, attempts=self._attempts)
        raise DomainError(ISSUER_UNAVAILABLE)


def kind_of(user: Mapping[str, Any]) -> Literal["CITIZEN", "STAFF", "SYSTEM"]:
    """Return whose an account is: of a system, of a citizen whom VNeID brought, or of a member of staff."""
    if user["username"].startswith("service-account-"):
        return "SYSTEM"
    brought = user["username"].startswith(f"{PROVIDER}.") or "citizen_id" in (user.get("attributes") or {})
    return "CITIZEN" if brought else "STAFF"


def _may_pass(error: KeycloakError) -> bool:
    return isinstance(error, KeycloakConnectionError) or (error.response_code or 503) >= 500


def _reason_of(error: KeycloakError, action: str) -> DomainError:
    forbidden = ACCOUNT_NOT_FOUND if action in LOOKS else ACCOUNT_PROTECTED
    known = {403: forbidden, 404: ACCOUNT_NOT_FOUND, 409: ACCOUNT_LINKED_ELSEWHERE}
    return DomainError(known.get(error.response_code or 0, ISSUER_UNAVAILABLE))
