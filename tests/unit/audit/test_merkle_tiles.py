"""Tiles: a tree grown in any portions is the tree of its leaves, in the layout others read."""

import random

import pytest
from songcau_audit.tiles import TileHashes, append, bundle, split_bundle, split_hashes, width_at
from songcau_kit.merkle.hashing import LeafHashes, leaf_hash, root_hash
from songcau_kit.merkle.proofs import inclusion_proof


class Tiles(dict[tuple[int, int], bytes]):
    def read(self, level: int, index: int) -> bytes:
        return self.get((level, index), b"")

    def grow(self, size: int, hashes: list[bytes]) -> None:
        for change in append(self.read, size, hashes):
            before = self.read(change.level, change.index)
            assert change.hashes.startswith(before)
            assert len(change.hashes) > len(before)
            self[change.level, change.index] = change.hashes


def hashes_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


@pytest.mark.parametrize("portion", [1, 7, 255, 256, 257, 1000, 66_000])
def test_a_tree_grown_in_portions_is_the_tree_of_its_leaves(portion: int):
    total = 66_000 if portion > 200 else 700
    hashes, tiles = hashes_of(total), Tiles()
    for size in range(0, total, portion):
        tiles.grow(size, hashes[size : size + portion])
    whole, tiled = LeafHashes(hashes), TileHashes(tiles.read)
    for size in {1, 2, 255, 256, 257, 511, 512, total - 1, total}:
        assert root_hash(tiled, size) == root_hash(whole, size)
    for index in (0, 255, 256, total - 1):
        assert inclusion_proof(tiled, index, total) == inclusion_proof(whole, index, total)


def test_a_tile_holds_exactly_what_a_tree_of_its_size_has():
    chance, tiles, size = random.Random(6962), Tiles(), 0
    while size < 70_000:
        more = chance.randrange(1, 9_000)
        tiles.grow(size, [leaf_hash(b"%d" % number) for number in range(size, size + more)])
        size += more
    assert {place: len(split_hashes(hashes)) for place, hashes in tiles.items()} == {
        (level, index): width_at(level, index, size)
        for level in range(4)
        for index in range(size // 256 + 1)
        if width_at(level, index, size)
    }


def test_what_the_tiles_do_not_reach_has_no_hash():
    tiles = Tiles()
    tiles.grow(0, hashes_of(5))
    with pytest.raises(IndexError):
        root_hash(TileHashes(tiles.read), 6)


def test_a_bundle_gives_its_entries_back():
    entries = [b"", b"a", b"x" * 300, b"y" * 65_535]
    assert split_bundle(bundle(entries)) == entries
    assert bundle([b"ab"]) == b"\x00\x02ab"


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x00\x01"])
def test_a_bundle_that_ends_too_early_is_refused(content: bytes):
    with pytest.raises(ValueError, match="too early"):
        split_bundle(content)
