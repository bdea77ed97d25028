"""The bridge's RSA keys: signs id tokens and client assertions, publishes the public halves."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from songcau_kit.legacy_envelope import new_private_key

ALGORITHM = "RS256"
NAMES = ("bridge-signing.pem", "bridge-linker.pem", "vneid-decryption.pem")


class KeyMissingError(OSError):
    """A key file is not there or cannot be read; the text names it."""


class SigningKey:
    """One RSA key; its id is the thumbprint (RFC 7638), the same in every process."""

    def __init__(self, pem: bytes) -> None:
        self._key = RSAKey.import_key(pem, {"use": "sig", "alg": ALGORITHM})
        self._key.ensure_kid()

    @property
    def key(self) -> RSAKey:
        """The key itself, for the key set."""
        return self._key

    def sign(self, claims: Mapping[str, Any], *, kind: str = "JWT") -> str:
        """Return a signed token with these claims."""
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid, "typ": kind}, dict(claims), self._key)


def public_keys(keys: Sequence[SigningKey]) -> Mapping[str, Any]:
    """Return the JSON Web Key Set of the public halves."""
    return dict(KeySet([key.key for key in keys]).as_dict(private=False))


def read_key_file(setting: str, file: Path | str) -> bytes:
    """Return a key file's content; raises KeyMissingError naming the setting."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise KeyMissingError(f"{setting} names no readable key file: {error.strerror}") from None


def create_missing_keys(folder: Path) -> list[Path]:
    """Make the three keys of a bridge (2048 bits, readable by their owner only) and return all their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in NAMES]
    for file in files:
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(new_private_key())
    return files
