"""The writes that wait while the newest checkpoint of the audit log is too old.

Entries are committed with every answer whatever becomes of the log; a list of writes is not answered any more when
nobody vouched for the log for long, as then nobody could show later that their entries were not changed.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from songcau_kit.audit_checkpoints import CLOCKS_DIFFER, HAS_TABLE
from songcau_kit.clock import Clock
from songcau_kit.database import Database, service_of
from songcau_kit.errors import AUDIT_LOG_STALE, DomainError
from songcau_kit.metrics import counter

_NEWEST = "select max(signed_at) from audit_checkpoints"


class AuditLogGuard:
    """Refuses the methods of a closed list while the newest checkpoint is older than `max_age_seconds` (0: never)."""

    def __init__(self, database: Database, clock: Clock, *, methods: Collection[str], max_age_seconds: int) -> None:
        self.methods = frozenset(methods)
        self._database = database
        self._clock = clock
        self._max_age = timedelta(seconds=max_age_seconds)
        self._newest: datetime | None = None
        service = service_of(database.application_name)
        self._refused = counter(service, "audit_log_stale", "Writes refused because the audit log was not vouched for.")

    def check(self, method: str) -> None:
        """Raise AUDIT_LOG_STALE where this method must wait for a checkpoint."""
        if not self._max_age or method.lstrip("/") not in self.methods or self._is_fresh():
            return
        self._newest = self._read()
        if not self._is_fresh():
            self._refused.inc()
            raise DomainError(AUDIT_LOG_STALE)

    def _is_fresh(self) -> bool:
        return self._newest is not None and -CLOCKS_DIFFER <= self._clock.now() - self._newest <= self._max_age

    def _read(self) -> datetime | None:
        with self._database.read() as conn:
            if conn.execute(HAS_TABLE).fetchone() != (True,):
                return None
            row = conn.execute(_NEWEST).fetchone()
        return row[0] if row else None
