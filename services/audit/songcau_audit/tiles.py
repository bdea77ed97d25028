"""The tree in tiles of 256 hashes (https://c2sp.org/tlog-tiles): their numbers, their growth, the hashes they give."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from songcau_kit.merkle.hashing import HASH_BYTES, LeafHashes

HEIGHT = 8
WIDTH = 1 << HEIGHT
HIGHEST_LEVEL = 5  # 2**48 entries; the tiles of C2SP reach this far
LARGEST_ENTRY = (1 << 16) - 1
_FULL_BYTES = WIDTH * HASH_BYTES

# Returns the hashes of a tile as far as there are any.
ReadTile = Callable[[int, int], bytes]


@dataclass(frozen=True)
class TileChange:
    """A tile with all its hashes after an append."""

    level: int
    index: int
    hashes: bytes


class TileHashes:
    """Subtrees whose hashes lie in tiles; each tile is read once."""

    def __init__(self, read_tile: ReadTile) -> None:
        self._read_tile = read_tile
        self._read: dict[tuple[int, int], bytes] = {}

    def hash_of(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree; raises IndexError where the tiles do not reach so far."""
        tile_level, inside = divmod(level, HEIGHT)
        tile, offset = divmod(index << inside, WIDTH)
        hashes = self._tile(tile_level, tile)[offset * HASH_BYTES : (offset + (1 << inside)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << inside:
            raise IndexError("the tiles do not hold this subtree")
        return LeafHashes(split_hashes(hashes)).hash_of(inside, 0)

    def _tile(self, level: int, index: int) -> bytes:
        if (level, index) not in self._read:
            self._read[level, index] = self._read_tile(level, index)
        return self._read[level, index]


def append(read_tile: ReadTile, size: int, leaf_hashes: Sequence[bytes]) -> list[TileChange]:
    """Return the tiles that change when leaves are added to a tree of `size` leaves."""
    changes: list[TileChange] = []
    level, begin, new = 0, size, list(leaf_hashes)
    while new:
        grown = _grow(read_tile, level, begin, new)
        changes += grown
        full = [change for change in grown if len(change.hashes) == _FULL_BYTES]
        new = [LeafHashes(split_hashes(change.hashes)).hash_of(HEIGHT, 0) for change in full]
        level, begin = level + 1, begin >> HEIGHT
    return changes


def _grow(read_tile: ReadTile, level: int, begin: int, new: Sequence[bytes]) -> list[TileChange]:
    index, filled = divmod(begin, WIDTH)
    hashes = (read_tile(level, index)[: filled * HASH_BYTES] if filled else b"") + b"".join(new)
    return [
        TileChange(level, index + number, hashes[start : start + _FULL_BYTES])
        for number, start in enumerate(range(0, len(hashes), _FULL_BYTES))
    ]


def width_at(level: int, index: int, size: int) -> int:
    """Return how many hashes a tile has in a tree of `size` leaves, 0 to 256."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH))


def split_hashes(hashes: bytes) -> list[bytes]:
    """Return the hashes that stand one after another."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as an entry bundle: each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def split_bundle(content: bytes) -> list[bytes]:
    """Return the entries of a bundle; raises ValueError where it ends too early."""
    entries, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 2])
        entry = content[at + 2 : at + 2 + length]
        if len(entry) != length or at + 2 > len(content):
            raise ValueError("the entry bundle ends too early")
        entries.append(entry)
        at += 2 + length
    return entries
