"""Calls of one PKCS#11 token: signed in once for the whole process, signed in again after the token was away.

The binding initialises a module without locks, and a module may be initialised once in a process only. So threads take
turns at each module, whatever tokens and keys they want of it, and one session for each token is all they can use.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

import pkcs11
from pkcs11 import exceptions

from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.protection_errors import WRAPPING_KEY_UNAVAILABLE

T = TypeVar("T")
Work = Callable[[pkcs11.Session], T]

TURN_S = 5.0
REST_S = 1.0
PIN_REFUSED = (
    exceptions.PinIncorrect,
    exceptions.PinInvalid,
    exceptions.PinLenRange,
    exceptions.PinExpired,
    exceptions.PinLocked,
    exceptions.UserPinNotInitialized,
)

_log = get_logger(__name__)


def unavailable(cause: str) -> DomainError:
    """Return the refusal of a token that cannot be used now."""
    return DomainError(WRAPPING_KEY_UNAVAILABLE, details={"cause": cause})


class Module:
    """A PKCS#11 library in this process; whoever calls it holds `turn`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turn = threading.Lock()
        self.starts = 0

    def restart(self) -> None:
        """Let the library look at its slots anew; every session of every token ends."""
        self.starts += 1
        library = pkcs11.lib(str(self.path))
        with suppress(exceptions.PKCS11Error):
            library.finalize()

    def find(self, label: str, serial: str) -> pkcs11.Token:
        """Return a token that is there; raises NoSuchToken, MultipleTokensReturned."""
        wanted = {"token_label": label} | ({"token_serial": serial.encode()} if serial else {})
        return pkcs11.lib(str(self.path)).get_token(**wanted)


class TokenDoor:
    """The way into one token with one PIN."""

    def __init__(self, module: Module, label: str, serial: str, *, pin: str) -> None:
        self._module = module
        self._label = label
        self._serial = serial
        self._pin = pin
        self._session: pkcs11.Session | None = None
        self._start = -1
        self._is_pin_refused = False
        self._rests_until = 0.0

    def run(self, work: Work[T]) -> T:
        """Do `work` with the session; where the token lost it, once more with a new one.

        Raises WRAPPING_KEY_UNAVAILABLE with a `cause`: TOKEN_AWAY, PIN_REFUSED, BUSY.
        """
        if not self._module.turn.acquire(timeout=TURN_S):
            raise unavailable("BUSY")
        try:
            return self._twice(work)
        finally:
            self._module.turn.release()

    def _twice(self, work: Work[T]) -> T:
        if time.monotonic() < self._rests_until:
            raise unavailable("TOKEN_AWAY")
        try:
            return work(self._signed_in())
        except exceptions.PKCS11Error as error:
            _log.warning("token_session_lost", token=self._label, cause=type(error).__name__)
        try:
            self._module.restart()
            return work(self._signed_in())
        except exceptions.PKCS11Error as error:
            self._rests_until = time.monotonic() + REST_S
            _log.error("token_away", token=self._label, cause=type(error).__name__)
            raise unavailable("TOKEN_AWAY") from None

    def _signed_in(self) -> pkcs11.Session:
        if self._session is None or self._start != self._module.starts:
            self._session = self._sign_in()
            self._start = self._module.starts
        return self._session

    def _sign_in(self) -> pkcs11.Session:
        # A token locks itself after a few wrong PINs, so one that was refused is not tried again by this process.
        if self._is_pin_refused:
            raise unavailable("PIN_REFUSED")
        token = self._module.find(self._label, self._serial)
        try:
            return token.open(user_pin=self._pin)
        except exceptions.UserAlreadyLoggedIn:
            return token.open()
        except PIN_REFUSED as error:
            self._is_pin_refused = True
            _log.error("token_pin_refused", token=self._label, cause=type(error).__name__)
            raise unavailable("PIN_REFUSED") from None


@cache
def module_at(path: Path) -> Module:
    """Return the one module of this process at a path."""
    return Module(path)


@cache
def door_of(path: Path, label: str, serial: str, *, pin: str) -> TokenDoor:
    """Return the one door of this process into a token."""
    return TokenDoor(module_at(path), label, serial, pin=pin)
