"""Checkpoints (https://c2sp.org/tlog-checkpoint): origin, size and root of the tree, one line each.

A signature says nothing of the time. Our signer adds a cosignature (https://c2sp.org/tlog-cosignature) of its own key.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from songcau_kit.merkle.hashing import HASH_BYTES
from songcau_kit.signed_notes import NoteError, NoteVerifier, SignedNote

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says of a log."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note; further lines are other people's; raises NoteError."""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise NoteError("a checkpoint has lines of origin, size and root")
        try:
            root = base64.b64decode(lines[2], validate=True)
        except binascii.Error:
            root = b""
        if len(root) != HASH_BYTES:
            raise NoteError("the root of a checkpoint is the base64 of 32 bytes")
        return cls(lines[0], int(lines[1]), root)

    @property
    def text(self) -> str:
        """The text to be signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def open_checkpoint(note: str, *keys: NoteVerifier) -> Checkpoint:
    """Return what a note says that each of these keys signed; raises NoteError. The first key is the log's."""
    signed = SignedNote.parse(note)
    for key in keys:
        signed.check(key)
    found = Checkpoint.parse(signed.text)
    if keys and found.origin != keys[0].name:
        raise NoteError("the checkpoint is of another log than its key")
    return found


def open_dated_checkpoint(note: str, keys: Sequence[NoteVerifier]) -> tuple[Checkpoint, datetime]:
    """Return what one of these keys of a log signed, and when it says it did; raises NoteError."""
    for key in keys:
        try:
            tree = open_checkpoint(note, key, key.timed)
        except NoteError:
            continue
        signed_at = SignedNote.parse(note).check(key.timed)
        if signed_at is not None:
            return tree, signed_at
    raise NoteError("no key that is believed signed this checkpoint and its time")
