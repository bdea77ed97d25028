"""Whether a moment that the database keeps is young enough to rest on; asked anew only once the last answer is not."""

from collections.abc import Callable
from datetime import datetime, timedelta

from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database

CLOCKS_DIFFER = timedelta(minutes=1)


class Freshness:
    """`find` reads the moment, None where there is none; one older than `max_age_seconds` is not fresh (0: any is)."""

    def __init__(
        self, database: Database, clock: Clock, *, find: Callable[[Connection], datetime | None], max_age_seconds: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._find = find
        self._max_age = timedelta(seconds=max_age_seconds)
        self._last: datetime | None = None

    def holds(self) -> bool:
        """Say whether the moment is fresh, in the memory of this process or else in the database."""
        if not self._max_age or self._is_young():
            return True
        with self._database.read() as conn:
            self._last = self._find(conn)
        return self._is_young()

    def _is_young(self) -> bool:
        return self._last is not None and -CLOCKS_DIFFER <= self._clock.now() - self._last <= self._max_age
