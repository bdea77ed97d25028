"""Hashes of RFC 6962 section 2.1 (SHA-256): of leaves, of nodes, of any stretch of leaves."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Subtrees(Protocol):
    """Knows the hashes of complete subtrees."""

    def hash_of(self, level: int, index: int) -> bytes:
        """Return the hash over the 2**level leaves that begin at leaf `index * 2**level`."""


class LeafHashes:
    """The subtrees of leaf hashes that are all in memory."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self._hashes = hashes

    def hash_of(self, level: int, index: int) -> bytes:
        """Return the hash of one complete subtree."""
        if level == 0:
            return self._hashes[index]
        return node_hash(self.hash_of(level - 1, 2 * index), self.hash_of(level - 1, 2 * index + 1))


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split_of(size: int) -> int:
    """Return the largest power of two smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def stretch_hash(subtrees: Subtrees, start: int, end: int) -> bytes:
    """Return MTH(D[start:end]), where no power of two up to the length that is no part of `start` is split."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtrees.hash_of(level, start >> level)
    middle = start + split_of(size)
    return node_hash(stretch_hash(subtrees, start, middle), stretch_hash(subtrees, middle, end))


def root_hash(subtrees: Subtrees, size: int) -> bytes:
    """Return the root of the tree over the first `size` leaves."""
    return stretch_hash(subtrees, 0, size) if size else EMPTY_ROOT
