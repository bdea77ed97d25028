"""Equality search over encrypted fields: a keyed digest per field, useless without the key."""

import base64
import binascii
import hashlib
import hmac

MINIMUM_KEY_BYTES = 32


class BlindIndex:
    """Makes the searchable digest of a field's value.

    The caller normalises first (digits only, folded name …): equal values must be equal text.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < MINIMUM_KEY_BYTES:
            raise ValueError(f"the blind index key must have at least {MINIMUM_KEY_BYTES} bytes")
        self._key = key

    @classmethod
    def parse(cls, text: str) -> "BlindIndex":
        """Read the key from base64, as it stands in the settings."""
        try:
            return cls(base64.b64decode(text, validate=True))
        except binascii.Error:
            raise ValueError("the blind index key is not base64") from None

    def of(self, field: str, value: str) -> bytes:
        """Return the 32-byte digest of `value` in `field`; the same value in another field gives another digest."""
        name = field.encode()
        message = len(name).to_bytes(4, "big") + name + value.encode()
        return hmac.new(self._key, message, hashlib.sha256).digest()
