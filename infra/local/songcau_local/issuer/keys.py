"""RSA signing keys of the development issuer, made once and kept with the stack's state."""

from __future__ import annotations

import os
from pathlib import Path

from joserfc.jwk import KeySet, RSAKey


def load_or_create(file: Path) -> RSAKey:
    """Return the key in `file`, making it (2048 bits, readable by its owner only) where there is none."""
    if not file.exists():
        key = RSAKey.generate_key(2048, private=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(key.as_pem(private=True))
    key = RSAKey.import_key(file.read_bytes(), {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key


def public_set(*keys: RSAKey) -> dict[str, object]:
    """Return the keys' public halves as a JSON Web Key Set."""
    return dict(KeySet(list(keys)).as_dict(private=False))
