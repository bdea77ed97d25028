"""Versioned wrapping keys as text, held in memory; they wrap every citizen's data key.

Knows nothing of tables or of what the wrapped keys protect.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from songcau_kit.errors import DomainError
from songcau_kit.protection_errors import DATA_KEY_INVALID, WRAPPING_VERSION_UNKNOWN

KEY_BYTES = 32
NONCE_BYTES = 12


class KeyringError(Exception):
    """The wrapping keys of an installation are not usable as they are given; the text says why and shows no key."""


@dataclass(frozen=True)
class Wrapped:
    """A key that only the wrapping key of `version` opens."""

    version: int
    blob: bytes


@dataclass(frozen=True)
class Keyring:
    """All wrapping keys that may still be needed; the last one given wraps from now on."""

    current: int
    _keys: Mapping[int, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1:<base64 of 32 bytes>,2:…`, commas or line ends between; the last entry is the current one.

        Raises KeyringError without ever repeating the text.
        """
        entries = [_parse_entry(entry) for entry in re.split(r"[,\n]", text) if entry.strip()]
        if not entries:
            raise KeyringError("no wrapping key is set: give `1:<base64 of 32 random bytes>`")
        keys = dict(entries)
        if len(keys) != len(entries):
            raise KeyringError("two wrapping keys carry the same version")
        return cls(current=entries[-1][0], _keys=keys)

    @property
    def versions(self) -> frozenset[int]:
        """Every version that opens."""
        return frozenset(self._keys)

    def wrap(self, key: bytes, *, bound_to: bytes) -> Wrapped:
        """Wrap `key` under the current version; it opens again only with the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._keys[self.current]).encrypt(nonce, key, associated_data(self.current, bound_to))
        return Wrapped(self.current, nonce + sealed)

    def unwrap(self, wrapped: Wrapped, *, bound_to: bytes) -> bytes:
        """Open a wrapped key.

        Raises WRAPPING_VERSION_UNKNOWN, or DATA_KEY_INVALID when anything was changed or it is bound to something else.
        """
        key = self._keys.get(wrapped.version)
        if key is None:
            raise version_unknown(wrapped.version)
        nonce, sealed = wrapped.blob[:NONCE_BYTES], wrapped.blob[NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, sealed, associated_data(wrapped.version, bound_to))
        except (InvalidTag, ValueError):
            raise data_key_invalid(wrapped.version) from None

    def refresh(self) -> None:
        """Do nothing: what was parsed stands fast."""


def new_key() -> bytes:
    """Return 32 fresh random bytes."""
    return os.urandom(KEY_BYTES)


def entry_of(version: int, key: bytes) -> str:
    """Return a key as `Keyring.parse` reads it."""
    return f"{version}:{base64.b64encode(key).decode()}"


def _parse_entry(entry: str) -> tuple[int, bytes]:
    version, separator, encoded = entry.strip().partition(":")
    if not separator or not version.isascii() or not version.isdigit() or int(version) == 0:
        raise KeyringError("a wrapping key has the form `<version>:<base64>`, versions count from 1")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyringError(f"wrapping key version {version} is not the base64 of {KEY_BYTES} bytes") from None
    return int(version), key


def associated_data(version: int, bound_to: bytes) -> bytes:
    """Return what every kind of wrapping key authenticates beside the wrapped key: its own version and the binding."""
    return b"songcau.wrap.1\x00" + version.to_bytes(4, "big") + bound_to


def version_unknown(version: int) -> DomainError:
    """Return the refusal for a version that is not at hand."""
    return DomainError(WRAPPING_VERSION_UNKNOWN, details={"version": str(version)})


def data_key_invalid(version: int) -> DomainError:
    """Return the refusal for a wrapped key that does not open."""
    return DomainError(DATA_KEY_INVALID, details={"version": str(version)})
