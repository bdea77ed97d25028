"""The calls that wait while nothing was heard for long of the service whose facts they rest on.

Who may act for whom and who agreed to what is asked of copies, which say nothing of what did not arrive. Once they may
be older than the time in which an end has to have its effect everywhere, nobody acts on them.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from songcau_kit.clock import Clock
from songcau_kit.database import Database, service_of
from songcau_kit.errors import COPIES_STALE, DomainError
from songcau_kit.heartbeats import HAS_TABLE
from songcau_kit.metrics import counter
from songcau_kit.rpc_call import Call

CLOCKS_DIFFER = timedelta(minutes=1)

_TOLD_UNTIL = "select told_until from heartbeats where service = %s"


class HeartbeatGuard:
    """Refuses calls for somebody else, and a closed list of methods, on copies that may be too old.

    `source` is the service that is copied; copies may be `max_age_seconds` old (0: whatever age).
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        source: str,
        max_age_seconds: int,
        methods: Collection[str] = (),
    ) -> None:
        self.methods = frozenset(methods)
        self._database = database
        self._clock = clock
        self._source = source
        self._max_age = timedelta(seconds=max_age_seconds)
        self._told_until: datetime | None = None
        service = service_of(database.application_name)
        self._refused = counter(service, "copies_stale", "Calls refused because copies might have been too old.")

    def check(self, method: str, call: Call) -> None:
        """Raise COPIES_STALE where a call rests on copies that may be too old."""
        if not self._max_age or not self._rests_on_copies(method, call) or self._is_fresh():
            return
        self._told_until = self._read()
        if not self._is_fresh():
            self._refused.inc()
            raise DomainError(COPIES_STALE)

    def _rests_on_copies(self, method: str, call: Call) -> bool:
        return call.on_behalf_of is not None or method.lstrip("/") in self.methods

    def _is_fresh(self) -> bool:
        told_until = self._told_until
        return told_until is not None and -CLOCKS_DIFFER <= self._clock.now() - told_until <= self._max_age

    def _read(self) -> datetime | None:
        with self._database.read() as conn:
            if conn.execute(HAS_TABLE).fetchone() != (True,):
                return None
            row = conn.execute(_TOLD_UNTIL, (self._source,)).fetchone()
        return row[0] if row else None
