"""Gives the leaves that wait their place in the tree; several processes at once take turns."""

from songcau_kit.database import Connection, Database
from songcau_kit.loop import Loop, Looping
from songcau_kit.merkle.hashing import leaf_hash
from songcau_kit.metrics import gauge

from songcau_audit import repository
from songcau_audit.tiles import append

BATCH = 1000
IDLE_S = 0.1


class Integration(Looping):
    """A component of `work`: the one that makes the tree grow."""

    def __init__(self, database: Database, *, idle: float = IDLE_S) -> None:
        self._database = database
        self._idle = idle
        self._loop = Loop("audit-integration", self._step)
        self._size = gauge("audit", "tree", "leaves", description="Leaves in the tree.")
        self._waiting = gauge("audit", "arrivals", "leaves", description="Leaves that wait for their place.")

    def integrate(self) -> int:
        """Put one portion of waiting leaves into the tree and return how many; all of it or nothing happens."""
        with self._database.read() as conn:
            if not repository.has_arrivals(conn):
                return 0
        with self._database.transaction() as conn:
            size = repository.lock_tree(conn)
            arrivals = repository.take_arrivals(conn, BATCH)
            if arrivals:
                _grow(conn, size, arrivals)
        self._size.set(size + len(arrivals))
        return len(arrivals)

    def _step(self) -> float:
        taken = self.integrate()
        with self._database.read() as conn:
            self._waiting.set(repository.count_arrivals(conn) if taken else 0)
        return 0.0 if taken == BATCH else self._idle


def _grow(conn: Connection, size: int, arrivals: list[repository.Arrival]) -> None:
    hashes = [leaf_hash(arrival.leaf) for arrival in arrivals]
    changes = append(lambda level, index: repository.read_tile(conn, level, index), size, hashes)
    repository.place_leaves(conn, size, arrivals)
    repository.save_tiles(conn, changes)
