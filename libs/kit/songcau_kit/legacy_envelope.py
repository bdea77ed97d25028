"""RSA PKCS#1 v1.5 around an AES key, AES in ECB mode around the data: weak, and the wire form of older state systems.

ECB shows equal blocks and nothing here proves that the data was not changed, so an envelope is only ever trusted as
far as the TLS connection it came over. It exists because outside systems speak it; design nothing of ours on it.
"""

import base64
import binascii
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

AES_KEY_BYTES = (16, 24, 32)
BLOCK_BITS = 128
RSA_BITS = 2048


class EnvelopeError(Exception):
    """The envelope is not for this key, or is no envelope; the text never says which."""


@dataclass(frozen=True)
class Envelope:
    """Data under an AES key, and that key under an RSA key; both base64."""

    data: str
    key: str


class EnvelopeOpener:
    """Opens envelopes addressed to one RSA key."""

    def __init__(self, private_key_pem: bytes) -> None:
        key = serialization.load_pem_private_key(private_key_pem, password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("an envelope is opened with an RSA private key")
        self._key = key

    def open(self, envelope: Envelope) -> bytes:
        """Return the data; raises EnvelopeError."""
        try:
            wrapped = base64.b64decode(envelope.key, validate=True)
            sealed = base64.b64decode(envelope.data, validate=True)
            # OpenSSL answers a wrong padding with a random key (implicit rejection), so there is no padding oracle.
            secret = self._key.decrypt(wrapped, padding.PKCS1v15())
            if len(secret) not in AES_KEY_BYTES:
                raise ValueError("length")
            decryptor = Cipher(algorithms.AES(secret), modes.ECB()).decryptor()  # noqa: S305 -- see the module's text
            unpadder = block_padding.PKCS7(BLOCK_BITS).unpadder()
            return unpadder.update(decryptor.update(sealed) + decryptor.finalize()) + unpadder.finalize()
        except (binascii.Error, ValueError):
            raise EnvelopeError("the envelope cannot be opened") from None


def close_envelope(data: bytes, public_key_pem: bytes) -> Envelope:
    """Return an envelope for the owner of a public key; for simulators and tests."""
    key = serialization.load_pem_public_key(public_key_pem)
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("an envelope is addressed to an RSA public key")
    secret = os.urandom(32)
    padder = block_padding.PKCS7(BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES(secret), modes.ECB()).encryptor()  # noqa: S305 -- see the module's text
    sealed = encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
    wrapped = key.encrypt(secret, padding.PKCS1v15())
    return Envelope(base64.b64encode(sealed).decode(), base64.b64encode(wrapped).decode())


def new_private_key() -> bytes:
    """Return a new RSA key of 2048 bits as PEM (PKCS #8, not encrypted)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_key_of(private_key_pem: bytes) -> bytes:
    """Return the public half of an RSA key as PEM."""
    key = serialization.load_pem_private_key(private_key_pem, password=None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
