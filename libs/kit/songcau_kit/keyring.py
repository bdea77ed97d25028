"""The versioned wrapping keys, which live in settings outside the database and wrap every citizen's data key.

Knows nothing of tables or of what the wrapped keys protect.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class KeyringError(Exception):
    """The wrapping keys cannot be read, or do not open what they are asked to open."""


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
    def parse(cls, text: str) -> "Keyring":
        """Read `1:<base64 of 32 bytes>,2:…`; the last entry is the current one.

        Raises KeyringError without ever repeating the text.
        """
        entries = [_parse_entry(entry) for entry in text.split(",") if entry.strip()]
        if not entries:
            raise KeyringError("no wrapping key is set: give `1:<base64 of 32 random bytes>`")
        keys = dict(entries)
        if len(keys) != len(entries):
            raise KeyringError("two wrapping keys carry the same version")
        return cls(current=entries[-1][0], _keys=keys)

    def wrap(self, key: bytes, *, bound_to: bytes) -> Wrapped:
        """Wrap `key` under the current version; it opens again only with the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._keys[self.current]).encrypt(nonce, key, _associated(self.current, bound_to))
        return Wrapped(self.current, nonce + sealed)

    def unwrap(self, wrapped: Wrapped, *, bound_to: bytes) -> bytes:
        """Open a wrapped key; raises KeyringError when its version is not at hand or anything was changed."""
        key = self._keys.get(wrapped.version)
        if key is None:
            raise KeyringError(f"wrapping key version {wrapped.version} is not in the settings")
        nonce, sealed = wrapped.blob[:NONCE_BYTES], wrapped.blob[NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, sealed, _associated(wrapped.version, bound_to))
        except (InvalidTag, ValueError) as error:
            raise KeyringError(f"a key wrapped under version {wrapped.version} does not open") from error


def new_key() -> bytes:
    """Return 32 fresh random bytes."""
    return os.urandom(KEY_BYTES)


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


def _associated(version: int, bound_to: bytes) -> bytes:
    return b"songcau.wrap.1\x00" + version.to_bytes(4, "big") + bound_to
