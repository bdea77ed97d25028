"""Where wrapping keys come from: settings, a file, a token; one interface for all, several at once while moving.

See docs/adr/0027-wrapping-keys-have-providers.md.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import unquote, urlsplit

from songcau_kit._file_keys import FileKeys
from songcau_kit.errors import DomainError
from songcau_kit.keyring import Keyring, KeyringError, Wrapped, version_unknown
from songcau_kit.settings import DEVELOPMENT_WRAPPING_KEYS, ServiceSettings


class WrappingKeys(Protocol):
    """Versioned keys that wrap other keys. Threads share them.

    `wrap` and `unwrap` raise WRAPPING_KEY_UNAVAILABLE where what holds the keys cannot be used now.
    """

    @property
    def current(self) -> int:
        """The version that wraps from now on."""

    @property
    def versions(self) -> frozenset[int]:
        """Every version that opens."""

    def wrap(self, key: bytes, *, bound_to: bytes) -> Wrapped:
        """Wrap a key under the current version; it opens again only with the same `bound_to`."""

    def unwrap(self, wrapped: Wrapped, *, bound_to: bytes) -> bytes:
        """Open a wrapped key; raises WRAPPING_VERSION_UNKNOWN, and DATA_KEY_INVALID when anything was changed."""

    def refresh(self) -> None:
        """Look for new versions at the next call."""


@runtime_checkable
class GrowingKeys(Protocol):
    """Wrapping keys that can be given a new version from here."""

    def add(self, version: int) -> None:
        """Make a new key, which becomes the current one; raises KeyringError where it cannot be made."""


class JoinedKeys:
    """The keys of several sources; the last source wraps, each opens what it holds."""

    def __init__(self, sources: Sequence[WrappingKeys]) -> None:
        self._sources = sources

    @property
    def current(self) -> int:
        """The version that wraps from now on."""
        return self._sources[-1].current

    @property
    def versions(self) -> frozenset[int]:
        """Every version that opens; raises KeyringError where two sources have the same."""
        known = [version for source in self._sources for version in source.versions]
        if len(set(known)) != len(known):
            raise KeyringError("two sources of wrapping keys have the same version")
        return frozenset(known)

    def wrap(self, key: bytes, *, bound_to: bytes) -> Wrapped:
        """Wrap by the last source, never by another in its place."""
        return self._sources[-1].wrap(key, bound_to=bound_to)

    def unwrap(self, wrapped: Wrapped, *, bound_to: bytes) -> bytes:
        """Open by the one source that has the version, which is asked anew where none seems to have it."""
        source = self._find(wrapped.version)
        if source is None:
            self.refresh()
            source = self._find(wrapped.version)
        if source is None:
            raise version_unknown(wrapped.version)
        return source.unwrap(wrapped, bound_to=bound_to)

    def refresh(self) -> None:
        """Look for new versions at the next call."""
        for source in self._sources:
            source.refresh()

    def add(self, version: int) -> None:
        """Make a new key in the last source; raises KeyringError where that cannot be done from here."""
        last = self._sources[-1]
        if not isinstance(last, GrowingKeys):
            raise KeyringError("wrapping keys in a setting are changed there: append `<version>:<base64 of 32 bytes>`")
        last.add(version)

    def _find(self, version: int) -> WrappingKeys | None:
        """Return the source of a version; raises what a source raises that is away, where no other has it."""
        found, away = [], None
        for source in self._sources:
            try:
                found += [source] if version in source.versions else []
            except DomainError as error:
                away = error
        if len(found) > 1:
            raise KeyringError("two sources of wrapping keys have the same version")
        if not found and away is not None:
            raise away
        return found[0] if found else None


def open_wrapping_keys(settings: ServiceSettings) -> JoinedKeys:
    """Return the wrapping keys of a service; raises KeyringError where a source is not usable as it is given.

    A token that is away now is no such fault: it is asked at the first call.
    """
    sources = [_open(address, settings) for address in settings.wrapping_key_sources.split()]
    if not sources:
        raise KeyringError(f"{settings.variable('wrapping_key_sources')} names no source of wrapping keys")
    return JoinedKeys(sources)


def _open(address: str, settings: ServiceSettings) -> WrappingKeys:
    scheme = address.partition(":")[0]
    if address == "env:":
        return Keyring.parse(settings.wrapping_keys.get_secret_value())
    if scheme == "file":
        refused = "" if settings.environment == "development" else DEVELOPMENT_WRAPPING_KEYS.partition(":")[2]
        return FileKeys(_path(address), refused=refused)
    if scheme == "pkcs11":
        from songcau_kit._token_keys import open_token_keys

        return open_token_keys(address, settings.wrapping_token_pin.get_secret_value())
    raise KeyringError(f"a source of wrapping keys starts with env:, file: or pkcs11:, not {scheme!r}")


def _path(address: str) -> Path:
    parts = urlsplit(address)
    if parts.netloc or not parts.path.startswith("/"):
        raise KeyringError("a file of wrapping keys is given as `file:/path/of/the/file`")
    return Path(unquote(parts.path))
