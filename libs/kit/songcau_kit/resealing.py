"""Seals what older releases of a service left in plain, while it runs: small portions, each in its own transaction."""

from collections.abc import Callable

from songcau_kit.database import Connection, Database, service_of
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop, Looping
from songcau_kit.metrics import counter

BATCH = 200
# Processes of the release before may write in plain for as long as a roll-out takes, so it looks again.
EVERY_S = 600.0

SealPortion = Callable[[Connection, int], int]
"""Seals at most so many rows that nobody else holds, and returns how many it found."""

_log = get_logger(__name__)


class Resealing(Looping):
    """A component of `work`; several at once do no harm, a stop loses nothing."""

    def __init__(self, database: Database, seal_portion: SealPortion) -> None:
        self._database = database
        self._seal_portion = seal_portion
        service = service_of(database.application_name)
        self._loop = Loop(f"{service}-resealing", self._step, longest_pause=EVERY_S)
        self._resealed = counter(service, "rows_resealed", "rows that an older release had left in plain")

    def reseal(self) -> int:
        """Seal one portion and return how many rows it held."""
        with self._database.transaction() as connection:
            found = self._seal_portion(connection, BATCH)
        if found:
            self._resealed.inc(found)
            _log.info("rows_resealed", count=found)
        return found

    def _step(self) -> float:
        return 0.0 if self.reseal() >= BATCH else EVERY_S
