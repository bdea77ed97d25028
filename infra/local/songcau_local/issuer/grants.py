"""Short-lived things the issuer remembers: sign-ins under way, codes, sessions with one live refresh token each."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from .accounts import Account

T = TypeVar("T")


@dataclass(frozen=True)
class Authorization:
    """What an app asked for at the authorization endpoint."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    state: str
    nonce: str
    code_challenge: str


@dataclass(frozen=True)
class Brokering:
    """A sign-in that went on to the bridge: what the app asked for and our own proof key towards the bridge."""

    authorization: Authorization
    verifier: str
    nonce: str


@dataclass(frozen=True)
class Session:
    """A signed-in person at one app; times in seconds since 1970."""

    session_id: str
    account: Account
    client_id: str
    scopes: frozenset[str]
    acr: str
    auth_time: int
    nonce: str = ""
    refresh_id: str = ""
    refreshed_at: int = 0


@dataclass(frozen=True)
class Code:
    """An authorization code's content."""

    authorization: Authorization
    session: Session


class Vault(Generic[T]):
    """Values under unguessable names, each taken at most once, forgotten after `seconds`."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds = seconds
        self._now = now
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, T]] = {}

    def keep(self, value: T) -> str:
        """Keep the value and return its name."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_old()
            self._kept[name] = (self._now() + self._seconds, value)
        return name

    def take(self, name: str) -> T | None:
        """Return the value and forget it; None for an unknown, used or old name."""
        with self._lock:
            until, value = self._kept.pop(name, (0.0, None))
        return value if until > self._now() else None

    def _forget_old(self) -> None:
        self._kept = {name: kept for name, kept in self._kept.items() if kept[0] > self._now()}


class Sessions:
    """Sessions with refresh rotation: an older refresh token used again ends the session (RFC 9700 section 4.14)."""

    def __init__(self, *, idle_seconds: int, max_seconds: int, now: Callable[[], float]) -> None:
        self._idle = idle_seconds
        self._max = max_seconds
        self._now = now
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    def open(self, session: Session) -> Session:
        """Start the session with its first refresh token."""
        with self._lock:
            return self._renew(session)

    def rotate(self, session_id: str, refresh_id: str) -> Session | None:
        """Return the session with a new refresh token; None, and the session ended, where the token was used before."""
        with self._lock:
            session = self._open.get(session_id)
            if session is None or self._is_over(session):
                return None
            if session.refresh_id != refresh_id:
                del self._open[session_id]
                return None
            return self._renew(session)

    def is_open(self, session_id: str) -> bool:
        """Say whether the session still runs."""
        with self._lock:
            session = self._open.get(session_id)
            return session is not None and not self._is_over(session)

    def end(self, session_id: str) -> bool:
        """End the session; False where there was none."""
        with self._lock:
            return self._open.pop(session_id, None) is not None

    def _renew(self, session: Session) -> Session:
        renewed = replace(session, refresh_id=secrets.token_urlsafe(16), refreshed_at=int(self._now()))
        self._open[session.session_id] = renewed
        return renewed

    def _is_over(self, session: Session) -> bool:
        now = self._now()
        return now > session.refreshed_at + self._idle or now > session.auth_time + self._max


class FailedSignIns:
    """Counts wrong passwords and locks a name for a while, as the realm's brute-force protection does."""

    def __init__(self, *, limit: int, wait_seconds: int, now: Callable[[], float]) -> None:
        self._limit = limit
        self._wait = wait_seconds
        self._now = now
        self._failures: dict[str, tuple[int, float]] = {}

    def is_locked(self, username: str) -> bool:
        """Say whether the name must wait."""
        count, last = self._failures.get(username, (0, 0.0))
        return count >= self._limit and self._now() < last + self._wait

    def failed(self, username: str) -> None:
        """Count one wrong password."""
        self._failures[username] = (self._failures.get(username, (0, 0.0))[0] + 1, self._now())

    def succeeded(self, username: str) -> None:
        """Forget the failures of the name."""
        self._failures.pop(username, None)
