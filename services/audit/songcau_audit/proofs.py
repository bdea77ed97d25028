"""The use cases of reading: checkpoints, tiles and proofs for anybody, proofs of their own entries for citizens."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.merkle.hashing import HASH_BYTES
from songcau_kit.merkle.proofs import consistency_proof, inclusion_proof

from songcau_audit import repository, repository_citizens
from songcau_audit.errors import (
    CHECKPOINT_MISSING,
    ENTRY_IDS_INVALID,
    ENTRY_NOT_FOUND,
    TILE_INVALID,
    TILE_NOT_FOUND,
    TREE_SIZE_INVALID,
)
from songcau_audit.repository import PlacedLeaf, SignedTree
from songcau_audit.sealing import Sealing
from songcau_audit.tiles import HIGHEST_LEVEL, WIDTH, TileHashes, bundle, width_at

MOST_ENTRIES = 100


@dataclass(frozen=True)
class EntryProof:
    """An entry in its place, the path to the root and what its leaf commits to."""

    leaf: PlacedLeaf
    inclusion: Sequence[bytes]
    opening: bytes


@dataclass(frozen=True)
class OwnProofs:
    """Proofs in one tree, and the newest checkpoint."""

    proofs: Sequence[EntryProof]
    tree_size: int
    checkpoint: str


class LogReading:
    """Reads the log as far as it is signed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def checkpoint(self) -> SignedTree:
        """Return the newest checkpoint; raises CHECKPOINT_MISSING."""
        with self._database.read() as conn:
            return newest_checkpoint(conn)

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return `width` hashes of a tile; raises TILE_INVALID, TILE_NOT_FOUND and CHECKPOINT_MISSING."""
        with self._database.read() as conn:
            self._check_tile(conn, level, index, width)
            return repository.read_tile(conn, level, index)[: width * HASH_BYTES]

    def entry_bundle(self, index: int, width: int) -> bytes:
        """Return the entries below `width` hashes of a tile of level 0; raises as `tile`."""
        with self._database.read() as conn:
            self._check_tile(conn, 0, index, width)
            return bundle(repository.bundle_entries(conn, index, width))

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """Return the proof that one tree begins the other; raises TREE_SIZE_INVALID and CHECKPOINT_MISSING."""
        with self._database.read() as conn:
            if not 0 <= old_size <= new_size <= newest_checkpoint(conn).size:
                raise DomainError(TREE_SIZE_INVALID)
            return consistency_proof(tiles_of(conn), old_size, new_size)

    @staticmethod
    def _check_tile(conn: Connection, level: int, index: int, width: int) -> None:
        if not (0 <= level <= HIGHEST_LEVEL and index >= 0 and 1 <= width <= WIDTH):
            raise DomainError(TILE_INVALID)
        if width > width_at(level, index, newest_checkpoint(conn).size):
            raise DomainError(TILE_NOT_FOUND)


class OwnProofReading:
    """The use case ListOwnProofs."""

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

    def prove(self, citizen_id: UUID, entry_ids: Sequence[UUID], tree_size: int) -> OwnProofs:
        """Return proofs of entries in the order asked for, in the tree of a size (0: of the newest checkpoint).

        Raises ENTRY_IDS_INVALID, ENTRY_NOT_FOUND, TREE_SIZE_INVALID and CHECKPOINT_MISSING.
        """
        if not 1 <= len(set(entry_ids)) == len(entry_ids) <= MOST_ENTRIES:
            raise DomainError(ENTRY_IDS_INVALID)
        with self._database.read() as conn:
            newest = newest_checkpoint(conn)
            size = tree_size or newest.size
            if not 0 < size <= newest.size:
                raise DomainError(TREE_SIZE_INVALID)
            family = repository_citizens.family_of(conn, citizen_id)
            found = {leaf.entry_id: leaf for leaf in repository.find_leaves(conn, entry_ids, below=size)}
            subtrees = tiles_of(conn)
            proofs = [self._prove(conn, found.get(entry_id), family, subtrees, size) for entry_id in entry_ids]
        return OwnProofs(proofs, size, newest.note)

    def _prove(
        self, conn: Connection, leaf: PlacedLeaf | None, family: Sequence[UUID], subtrees: TileHashes, size: int
    ) -> EntryProof:
        opening = self._sealing.find_opening(conn, leaf, family) if leaf else None
        if leaf is None or opening is None:
            raise DomainError(ENTRY_NOT_FOUND)
        return EntryProof(leaf, inclusion_proof(subtrees, leaf.index, size), opening)


def newest_checkpoint(conn: Connection) -> SignedTree:
    """Return the newest checkpoint; raises CHECKPOINT_MISSING."""
    found = repository.find_newest_checkpoint(conn)
    if found is None:
        raise DomainError(CHECKPOINT_MISSING)
    return found


def tiles_of(conn: Connection) -> TileHashes:
    """Return the subtrees that the stored tiles hold."""
    return TileHashes(lambda level, index: repository.read_tile(conn, level, index))
