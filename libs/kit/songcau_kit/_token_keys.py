"""Wrapping keys that never leave a token (PKCS#11): AES-256-GCM there, the binding as its associated data.

Needs the extra `hsm`. Every AES key of the token with the label of the address is a version, CKA_ID is its number
(big endian, at most 4 bytes), the highest wraps.
"""

import os
import time
from collections.abc import Iterator
from typing import Protocol, cast

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass, exceptions

from songcau_kit._token import TokenDoor, door_of, unavailable
from songcau_kit._token_address import TokenAddress
from songcau_kit.errors import DomainError
from songcau_kit.keyring import (
    KEY_BYTES,
    NONCE_BYTES,
    KeyringError,
    Wrapped,
    associated_data,
    data_key_invalid,
    version_unknown,
)
from songcau_kit.logs import get_logger

TAG_BITS = 128
# A new version is noticed this late by a process that meets no row of it before.
LIST_S = 10.0
REFRESH_S = 1.0
# PKCS #11 v2.40, 4.9: what keeps a secret key inside. No use but ours.
INSIDE = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
TEMPLATE = INSIDE | {
    Attribute.PRIVATE: True,
    Attribute.MODIFIABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
}

_log = get_logger(__name__)


class CipherKey(Protocol):
    """What the binding makes of a secret key that may encrypt and decrypt; its types do not say so."""

    id: bytes
    key_length: int

    def __getitem__(self, name: Attribute) -> object: ...

    def encrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Encrypt inside the token."""

    def decrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Decrypt inside the token."""


class TokenKeys:
    """The wrapping keys of one label in one token."""

    def __init__(self, door: TokenDoor, address: TokenAddress) -> None:
        self._door = door
        self._address = address
        self._session: pkcs11.Session | None = None
        self._keys: dict[int, CipherKey] = {}
        self._listed_at = -LIST_S
        self._wants_list = False

    @property
    def current(self) -> int:
        """The highest version; raises WRAPPING_KEY_UNAVAILABLE, with the cause KEY_MISSING where there is none."""
        versions = self.versions
        if not versions:
            _log.error("token_key_missing", token=self._address.token, label=self._address.label)
            raise unavailable("KEY_MISSING")
        return max(versions)

    @property
    def versions(self) -> frozenset[int]:
        """Every version in the token; while the token is away those that were seen there last."""
        now = time.monotonic()
        is_old = now - self._listed_at >= LIST_S
        if self._keys and not is_old and not (self._wants_list and now - self._listed_at >= REFRESH_S):
            return frozenset(self._keys)
        try:
            return frozenset(self._door.run(self._list))
        except DomainError:
            if not self._keys:
                raise
            return frozenset(self._keys)

    def wrap(self, key: bytes, *, bound_to: bytes) -> Wrapped:
        """Wrap inside the token."""
        version, nonce = self.current, os.urandom(NONCE_BYTES)
        parameters = GCMParams(nonce, associated_data(version, bound_to), TAG_BITS)

        def encrypt(session: pkcs11.Session) -> bytes:
            return self._key(session, version).encrypt(key, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)

        return Wrapped(version, nonce + self._door.run(encrypt))

    def unwrap(self, wrapped: Wrapped, *, bound_to: bytes) -> bytes:
        """Unwrap inside the token."""
        nonce, sealed = wrapped.blob[:NONCE_BYTES], wrapped.blob[NONCE_BYTES:]
        if len(sealed) < TAG_BITS // 8:
            raise data_key_invalid(wrapped.version)
        parameters = GCMParams(nonce, associated_data(wrapped.version, bound_to), TAG_BITS)

        def decrypt(session: pkcs11.Session) -> bytes:
            key = self._key(session, wrapped.version)
            try:
                return key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)
            except exceptions.PKCS11Error:
                # Tokens have many names for a wrong tag, SoftHSM's is CKR_GENERAL_ERROR. One that still does its work
                # with this key was given something false; any other is away.
                if _works(key):
                    raise data_key_invalid(wrapped.version) from None
                raise

        return self._door.run(decrypt)

    def refresh(self) -> None:
        """Look for new versions at the next call, but not more than once a second."""
        self._wants_list = True

    def add(self, version: int) -> None:
        """Make a key inside the token, which becomes the current one; raises KeyringError where one is there."""
        if self._address.key_id is not None:
            raise KeyringError("the address names one key by its id, a new one needs an address without")
        if version in self._door.run(self._list):
            raise KeyringError(f"the {self._address} has version {version} already")
        key_id, label = version.to_bytes(4, "big"), self._address.label

        def generate(session: pkcs11.Session) -> None:
            # The session that is signed in reads only; this one shares its sign-in.
            writing = session.token.open(rw=True)
            try:
                writing.generate_key(KeyType.AES, KEY_BYTES * 8, store=True, id=key_id, label=label, template=TEMPLATE)
            finally:
                writing.close()
            self._list(session)

        self._door.run(generate)

    def _key(self, session: pkcs11.Session, version: int) -> CipherKey:
        if session is not self._session:
            self._list(session)
        if version not in self._keys:
            raise version_unknown(version)
        return self._keys[version]

    def _list(self, session: pkcs11.Session) -> dict[int, CipherKey]:
        wanted: dict[Attribute, object] = {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.AES,
            Attribute.LABEL: self._address.label,
        }
        if self._address.key_id is not None:
            wanted[Attribute.ID] = self._address.key_id
        found = [
            (_version(key), key)
            for key in cast(Iterator[CipherKey], session.get_objects(wanted))
            if self._stays_inside(key)
        ]
        keys = dict(found)
        if len(keys) != len(found) or 0 in keys:
            _log.error("token_keys_ambiguous", token=self._address.token, label=self._address.label)
            raise unavailable("KEYS_AMBIGUOUS")
        self._session, self._keys = session, keys
        self._listed_at, self._wants_list = time.monotonic(), False
        return keys

    def _stays_inside(self, key: CipherKey) -> bool:
        is_fit = key.key_length == KEY_BYTES * 8 and all(key[name] is value for name, value in INSIDE.items())
        if not is_fit:
            _log.error("token_key_not_fit", token=self._address.token, label=self._address.label, id=key.id.hex())
        return is_fit


def open_token_keys(address: str, pin: str) -> TokenKeys:
    """Return the keys a `pkcs11:` address names; raises KeyringError where the address, the module or the PIN lacks."""
    named = TokenAddress.parse(address)
    if not named.module.is_file():
        raise KeyringError(f"there is no PKCS#11 module at {named.module}")
    if not pin:
        raise KeyringError(f"the {named} needs the PIN of its token, which has a setting of its own")
    return TokenKeys(door_of(named.module, named.token, named.serial, pin=pin), named)


def _version(key: CipherKey) -> int:
    """Return the version a key says it is, 0 where it says none."""
    return int.from_bytes(key.id, "big") if len(key.id) <= 4 else 0


def _works(key: CipherKey) -> bool:
    nonce, probe = os.urandom(NONCE_BYTES), os.urandom(KEY_BYTES)
    parameters = GCMParams(nonce, b"", TAG_BITS)
    try:
        sealed = key.encrypt(probe, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)
        return key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=parameters) == probe
    except exceptions.PKCS11Error:
        return False
