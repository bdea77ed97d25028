"""Signed notes: texts with Ed25519 signatures of named keys, and the cosignatures of witnesses.

Forms: https://c2sp.org/signed-note and https://c2sp.org/tlog-cosignature (v1, Ed25519).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

KEY_ID_BYTES = 4
TIME_BYTES = 8
FILE = "file:"
LINE = "— {} {}\n"

# Anybody may add a line of their own to a note: no database keeps a name with a NUL.
_LETTERS = r"[^\s+\x00-\x1f\x7f]+"
_NAME = re.compile(_LETTERS)
_LINE = re.compile(rf"— ({_LETTERS}) ([A-Za-z0-9+/]+={{0,2}})")


class NoteError(ValueError):
    """A note, a key or a signature is malformed, or a signature that was asked for is missing or wrong."""


class Use(IntEnum):
    """What a key signs: a note itself, or that it saw one at a certain time."""

    NOTE = 0x01
    COSIGNATURE = 0x04


def new_private_key() -> str:
    """Return a fresh Ed25519 key as PEM (PKCS #8)."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True)
class NoteVerifier:
    """A public key with its name; `text` is its form to hand on, `name+key id+key`."""

    name: str
    use: Use
    _public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key of the form `name+hexadecimal key id+base64`; raises NoteError."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        content = _unbase64(encoded)
        if len(content) != 33 or content[0] not in tuple(Use) or not _NAME.fullmatch(name):
            raise NoteError("a verifier key is `name+key id+base64` of an Ed25519 key")
        found = cls(name, Use(content[0]), content[1:])
        if found.key_id.hex() != key_id:
            raise NoteError("the key id of a verifier key is not that of its key")
        return found

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature says whose it is."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.use]) + self._public).digest()[:KEY_ID_BYTES]

    @property
    def timed(self) -> "NoteVerifier":
        """The same key as one of cosignatures: how the key of a log says when it signed."""
        return NoteVerifier(self.name, Use.COSIGNATURE, self._public)

    @property
    def text(self) -> str:
        """The key as `parse` reads it."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.use]) + self._public).decode()}"

    def check(self, text: str, signature: bytes) -> datetime | None:
        """Return when a cosignature was made, None for a signature of the note itself; raises NoteError."""
        content, time = text.encode(), None
        if self.use is Use.COSIGNATURE:
            seconds = int.from_bytes(signature[:TIME_BYTES])
            signature, content = signature[TIME_BYTES:], _cosigned(text, seconds)
            time = datetime.fromtimestamp(min(seconds, 1 << 36), UTC)
        try:
            Ed25519PublicKey.from_public_bytes(self._public).verify(signature, content)
        except InvalidSignature:
            raise NoteError(f"the signature of {self.name} is wrong") from None
        return time


def parse_verifiers(keys: str) -> list[NoteVerifier]:
    """Read verifier keys, or `file:/path` of files that hold some, with blanks between them; raises NoteError."""
    found = []
    for word in keys.split():
        found += [NoteVerifier.parse(key) for key in (_read(word) if word.startswith(FILE) else [word])]
    return found


def _read(word: str) -> list[str]:
    try:
        return Path(word.removeprefix(FILE)).read_text().split()
    except OSError as error:
        raise NoteError(f"{word} holds no keys: {error.strerror}") from None


class NoteSigner:
    """A private key with its name."""

    def __init__(self, name: str, use: Use, private_key: Ed25519PrivateKey) -> None:
        if not _NAME.fullmatch(name):
            raise NoteError("the name of a key has neither blanks nor plus signs")
        self._private = private_key
        self.verifier = NoteVerifier(name, use, private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def from_pem(cls, name: str, use: Use, pem: bytes) -> Self:
        """Read a key as `new_private_key` gives it; raises NoteError, which never repeats the content."""
        try:
            key = load_pem_private_key(pem, password=None)
        except ValueError:
            raise NoteError("a signing key is the PEM of an Ed25519 key") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise NoteError("a signing key is the PEM of an Ed25519 key")
        return cls(name, use, key)

    @property
    def timed(self) -> "NoteSigner":
        """The same key as one that makes cosignatures; what is signed begins otherwise, so neither passes for both."""
        return NoteSigner(self.verifier.name, Use.COSIGNATURE, self._private)

    def sign(self, text: str, *, at: datetime) -> str:
        """Return the signature line of a text; only a cosignature says the time."""
        key = self.verifier
        if key.use is Use.COSIGNATURE:
            seconds = int(at.timestamp())
            signature = seconds.to_bytes(TIME_BYTES) + self._private.sign(_cosigned(text, seconds))
        else:
            signature = self._private.sign(text.encode())
        return LINE.format(key.name, base64.b64encode(key.key_id + signature).decode())


@dataclass(frozen=True)
class SignedNote:
    """A text, which ends with a line break, and its signature lines."""

    text: str
    lines: tuple[str, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Take a note apart without believing any signature; raises NoteError."""
        text, separator, tail = note.rpartition("\n\n")
        lines = tail.splitlines(keepends=True)
        if not separator or not lines or any(not _LINE.fullmatch(line.removesuffix("\n")) for line in lines):
            raise NoteError("a signed note is a text, an empty line and signature lines")
        if not tail.endswith("\n"):
            raise NoteError("the last line of a signed note has no end")
        return cls(text + "\n", tuple(lines))

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(self.lines)}"

    def with_lines(self, lines: Sequence[str]) -> "SignedNote":
        """Return the note with further signatures."""
        return SignedNote(self.text, (*self.lines, *lines))

    def check(self, key: NoteVerifier) -> datetime | None:
        """Return as `NoteVerifier.check`; raises NoteError where the key did not sign, or signed another text."""
        for line in self.lines:
            found = _LINE.fullmatch(line.removesuffix("\n"))
            signature = _unbase64(found[2]) if found else b""
            if found and found[1] == key.name and signature[:KEY_ID_BYTES] == key.key_id:
                return key.check(self.text, signature[KEY_ID_BYTES:])
        raise NoteError(f"{key.name} did not sign this note")


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("a note holds broken base64") from None
