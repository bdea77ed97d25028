"""Parcels from one process to one other: sealed with HPKE (RFC 9180) for a key that is made for one exchange."""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from songcau_kit.errors import DomainError
from songcau_kit.protection_errors import CIPHERTEXT_INVALID

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PURPOSE = b"songcau.parcel.1\x00"


@dataclass(frozen=True)
class ParcelKey:
    """The key of one exchange: the public half is told, the private half opens, 32 bytes each."""

    public: bytes
    private: bytes = field(repr=False)


def new_parcel_key() -> ParcelKey:
    """Return a fresh key."""
    key = X25519PrivateKey.generate()
    return ParcelKey(key.public_key().public_bytes_raw(), key.private_bytes_raw())


def seal_parcel(public: bytes, content: bytes, *, label: str) -> bytes:
    """Seal content for whoever holds the private half; it opens under the same label only.

    Raises CIPHERTEXT_INVALID for what is no key.
    """
    try:
        return _SUITE.encrypt(content, X25519PublicKey.from_public_bytes(public), _PURPOSE + label.encode())
    except ValueError:
        raise DomainError(CIPHERTEXT_INVALID, details={"parcel": label}) from None


def open_parcel(private: bytes, parcel: bytes, *, label: str) -> bytes:
    """Open a parcel; raises CIPHERTEXT_INVALID where a bit was changed or it was sealed for another key or label."""
    try:
        return _SUITE.decrypt(parcel, X25519PrivateKey.from_private_bytes(private), _PURPOSE + label.encode())
    except (InvalidTag, ValueError):
        raise DomainError(CIPHERTEXT_INVALID, details={"parcel": label}) from None
