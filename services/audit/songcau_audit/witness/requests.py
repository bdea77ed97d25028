"""The form in which a log asks a witness (https://c2sp.org/tlog-witness): old size, proof, empty line, checkpoint."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from songcau_kit.merkle.hashing import HASH_BYTES

MOST_HASHES = 63


class RequestError(ValueError):
    """The request is malformed."""


@dataclass(frozen=True)
class CosignRequest:
    """A checkpoint, and the proof that it continues the one of the size the witness is thought to know."""

    old_size: int
    proof: Sequence[bytes]
    note: str

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a request; raises RequestError."""
        try:
            head, separator, note = body.decode().partition("\n\n")
            first, *hashes = head.split("\n")
            word, _, size = first.partition(" ")
            proof = [base64.b64decode(line, validate=True) for line in hashes]
        except (UnicodeDecodeError, binascii.Error):
            raise RequestError("the request is not made of lines of base64") from None
        is_size = size.isascii() and size.isdigit() and str(int(size)) == size
        if word != "old" or not is_size or not separator or len(proof) > MOST_HASHES:
            raise RequestError("a request has a line `old <size>`, at most 63 hashes, an empty line and a checkpoint")
        if any(len(part) != HASH_BYTES for part in proof):
            raise RequestError("the hashes of a proof have 32 bytes")
        return cls(int(size), proof, note)

    @property
    def body(self) -> bytes:
        """The request as `parse` reads it."""
        lines = [f"old {self.old_size}", *(base64.b64encode(part).decode() for part in self.proof)]
        return ("\n".join(lines) + "\n\n" + self.note).encode()
