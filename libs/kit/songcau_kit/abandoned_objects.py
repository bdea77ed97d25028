"""Removes files nobody points to any more: noted in the transaction that lets go of them, removed afterwards."""

from collections.abc import Sequence
from datetime import timedelta

from songcau_kit.database import Connection, Database, service_of
from songcau_kit.loop import Loop, Looping
from songcau_kit.objects import ObjectStore

EVERY_S = 60.0
BATCH = 100
_ABANDON = """insert into abandoned_objects (address, abandoned_at) select unnest(%s::text[]), now() + %s
    on conflict (address) do nothing"""
_TAKE = "select address from abandoned_objects where abandoned_at <= now() order by abandoned_at limit %s"
_GONE = "delete from abandoned_objects where address = any(%s)"


def abandon(conn: Connection, addresses: Sequence[str], *, after: timedelta = timedelta(0)) -> None:
    """Note files that are to be removed once the caller's transaction has committed, `after` leaves readers time."""
    if addresses:
        conn.execute(_ABANDON, (list(addresses), after))


class ObjectRemoval(Looping):
    """A component of `work`; several at once do no harm."""

    def __init__(self, database: Database, store: ObjectStore, *, every: float = EVERY_S) -> None:
        self._database = database
        self._store = store
        self._every = every
        self._loop = Loop(f"{service_of(database.application_name)}-object-removal", self._step, longest_pause=every)

    def remove(self) -> int:
        """Remove one portion and return how many files went; what is removed twice is gone once."""
        with self._database.read() as conn:
            addresses = [address for (address,) in conn.execute(_TAKE, (BATCH,)).fetchall()]
        for address in addresses:
            self._store.delete(address)
        if addresses:
            with self._database.transaction() as conn:
                conn.execute(_GONE, (addresses,))
        return len(addresses)

    def _step(self) -> float:
        return 0.0 if self.remove() >= BATCH else self._every
