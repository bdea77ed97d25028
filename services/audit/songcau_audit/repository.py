"""All SQL of the log: leaves on their way and in their place, tiles, checkpoints."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_audit.tiles import WIDTH, TileChange

CHECKPOINTS_LOCK = 0x41_55_44_49_54  # any fixed number; all signers of a database take the same advisory lock

_ARRIVE = """insert into arrivals (entry_id, leaf)
    select %(entry_id)s, %(leaf)s where not exists (select from leaves where entry_id = %(entry_id)s)
    on conflict (entry_id) do nothing"""
_TAKE = """with taken as (
        delete from arrivals where sequence in (select sequence from arrivals order by sequence limit %s)
        returning sequence, entry_id, leaf)
    select entry_id, leaf from taken order by sequence"""
_PLACE = """insert into leaves (leaf_index, entry_id, leaf)
    select %s + position - 1, entry_id, leaf
    from unnest(%s::uuid[], %s::bytea[]) with ordinality as entry (entry_id, leaf, position)"""
_SAVE_TILE = """insert into tiles (level, tile_index, hashes) values (%s, %s, %s)
    on conflict (level, tile_index) do update set hashes = excluded.hashes"""
_NEWEST = """select tree_size, root_hash, note, signed_at from checkpoints
    order by tree_size desc, number desc limit 1"""


@dataclass(frozen=True)
class Arrival:
    """A leaf and the entry it is of."""

    entry_id: UUID
    leaf: bytes


@dataclass(frozen=True)
class PlacedLeaf:
    """A leaf in its place."""

    index: int
    entry_id: UUID
    leaf: bytes


@dataclass(frozen=True)
class SignedTree:
    """A checkpoint as it was stored."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


def add_arrival(conn: Connection, arrival: Arrival) -> None:
    """Let a leaf wait for its place; one of an entry that is known changes nothing."""
    conn.execute(_ARRIVE, {"entry_id": arrival.entry_id, "leaf": arrival.leaf})


def count_arrivals(conn: Connection) -> int:
    """Return how many leaves wait."""
    row = conn.execute("select count(*) from arrivals").fetchone()
    return int(row[0]) if row else 0


def has_arrivals(conn: Connection) -> bool:
    """Say whether any leaf waits."""
    return conn.execute("select exists (select from arrivals)").fetchone() == (True,)


def lock_tree(conn: Connection) -> int:
    """Return the size of the tree; nobody else integrates until the transaction ends."""
    return _size_of(conn.execute("select size from trees for update").fetchone())


def tree_size(conn: Connection) -> int:
    """Return the size of the tree."""
    return _size_of(conn.execute("select size from trees").fetchone())


def take_arrivals(conn: Connection, at_most: int) -> list[Arrival]:
    """Take out the leaves that wait longest, in their order."""
    return [Arrival(entry_id, bytes(leaf)) for entry_id, leaf in conn.execute(_TAKE, (at_most,)).fetchall()]


def place_leaves(conn: Connection, size: int, arrivals: Sequence[Arrival]) -> None:
    """Put leaves at the end of a tree of `size` leaves."""
    conn.execute(_PLACE, (size, [one.entry_id for one in arrivals], [one.leaf for one in arrivals]))
    conn.execute("update trees set size = %s", (size + len(arrivals),))


def save_tiles(conn: Connection, changes: Sequence[TileChange]) -> None:
    """Write the tiles of an append."""
    conn.cursor().executemany(_SAVE_TILE, [(one.level, one.index, one.hashes) for one in changes])


def read_tile(conn: Connection, level: int, index: int) -> bytes:
    """Return the hashes of a tile, none where there is no such tile."""
    row = conn.execute("select hashes from tiles where level = %s and tile_index = %s", (level, index)).fetchone()
    return bytes(row[0]) if row else b""


def bundle_entries(conn: Connection, index: int, width: int) -> list[bytes]:
    """Return the leaves below the first `width` hashes of a tile of level 0."""
    rows = conn.execute(
        "select leaf from leaves where leaf_index >= %s and leaf_index < %s order by leaf_index",
        (index * WIDTH, index * WIDTH + width),
    ).fetchall()
    return [bytes(leaf) for (leaf,) in rows]


def find_leaves(conn: Connection, entry_ids: Collection[UUID], *, below: int) -> list[PlacedLeaf]:
    """Return the leaves of entries that stand in the tree of the first `below` leaves, in the order of the tree."""
    rows = conn.execute(
        """select leaf_index, entry_id, leaf from leaves where entry_id = any(%s) and leaf_index < %s
        order by leaf_index""",
        (list(entry_ids), below),
    ).fetchall()
    return [PlacedLeaf(index, entry_id, bytes(leaf)) for index, entry_id, leaf in rows]


def find_newest_checkpoint(conn: Connection) -> SignedTree | None:
    """Return what was signed last."""
    row = conn.execute(_NEWEST).fetchone()
    return SignedTree(row[0], bytes(row[1]), row[2], row[3]) if row else None


def lock_checkpoints(conn: Connection) -> None:
    """Let nobody else write a checkpoint until the transaction ends; readers go on."""
    conn.execute("select pg_advisory_xact_lock(%s)", (CHECKPOINTS_LOCK,))


def add_checkpoint(conn: Connection, signed: SignedTree) -> None:
    """Write down what was signed."""
    conn.execute(
        "insert into checkpoints (tree_size, root_hash, note, signed_at) values (%s, %s, %s, %s)",
        (signed.size, signed.root, signed.note, signed.signed_at),
    )


def _size_of(row: tuple[int, ...] | None) -> int:
    if row is None:
        raise LookupError("the row of the tree is gone")
    return row[0]
