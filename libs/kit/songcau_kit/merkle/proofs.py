"""Proofs of RFC 6962, made as its sections 2.1.1 and 2.1.2 say, checked as RFC 9162 sections 2.1.3 and 2.1.4 say."""

from collections.abc import Sequence

from songcau_kit.merkle.hashing import EMPTY_ROOT, Subtrees, node_hash, split_of, stretch_hash


class ProofError(ValueError):
    """A proof does not prove what it should."""


def inclusion_proof(subtrees: Subtrees, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of the first `size` leaves."""
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            path.append(stretch_hash(subtrees, middle, end))
            end = middle
        else:
            path.append(stretch_hash(subtrees, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(subtrees: Subtrees, old_size: int, new_size: int) -> list[bytes]:
    """Return the proof that the tree of `old_size` leaves is the beginning of that of `new_size`."""
    if old_size in (0, new_size):
        return []
    path, start, end = [], 0, new_size
    while old_size != end:
        middle = start + split_of(end - start)
        if old_size <= middle:
            path.append(stretch_hash(subtrees, middle, end))
            end = middle
        else:
            path.append(stretch_hash(subtrees, start, middle))
            start = middle
    # The whole old tree is known to who asks; of a part of it the hash is told.
    return [*([stretch_hash(subtrees, start, end)] if start else []), *path[::-1]]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless the leaf of this hash stands at `index` in the tree of this size and root."""
    if not 0 <= index < size:
        raise ProofError("the entry lies beyond the tree")
    node, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            raise ProofError("the proof of inclusion is too long")
        if node & 1 or node == last:
            found = node_hash(part, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, part)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise ProofError("the entry is not in the tree")


def check_consistency(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> None:
    """Raise ProofError unless the new tree (size, root) continues the old one unchanged."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 <= old_size <= new_size:
        raise ProofError("the tree has become smaller")
    if old_size in (0, new_size):
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if proof or old_root != expected:
            raise ProofError("the same size has two roots")
        return
    parts = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not parts:
        raise ProofError("the proof of consistency is empty")
    if _roots_of(parts, old_size, new_size) != (old_root, new_root):
        raise ProofError("the tree was changed: it does not continue the older one")


def _roots_of(parts: Sequence[bytes], old_size: int, new_size: int) -> tuple[bytes, bytes]:
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_found = new_found = parts[0]
    for part in parts[1:]:
        if last == 0:
            raise ProofError("the proof of consistency is too long")
        if node & 1 or node == last:
            old_found, new_found = node_hash(part, old_found), node_hash(part, new_found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_found = node_hash(new_found, part)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof of consistency is too short")
    return old_found, new_found
