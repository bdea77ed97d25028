"""The writes that wait while the newest checkpoint of the audit log is too old.

Entries are committed with every answer whatever becomes of the log; a list of writes is not answered any more when
nobody vouched for the log for long, as then nobody could show later that their entries were not changed.
"""

from collections.abc import Collection

from songcau_kit import audit_checkpoints
from songcau_kit.clock import Clock
from songcau_kit.database import Database, service_of
from songcau_kit.errors import AUDIT_LOG_STALE, DomainError
from songcau_kit.freshness import Freshness
from songcau_kit.metrics import counter


class AuditLogGuard:
    """Refuses the methods of a closed list while the newest checkpoint is older than `max_age_seconds` (0: never)."""

    def __init__(self, database: Database, clock: Clock, *, methods: Collection[str], max_age_seconds: int) -> None:
        self.methods = frozenset(methods)
        self._checkpoint = Freshness(
            database, clock, find=audit_checkpoints.find_newest, max_age_seconds=max_age_seconds
        )
        service = service_of(database.application_name)
        self._refused = counter(service, "audit_log_stale", "Writes refused because the audit log was not vouched for.")

    def check(self, method: str) -> None:
        """Raise AUDIT_LOG_STALE where this method must wait for a checkpoint."""
        if method.lstrip("/") in self.methods and not self._checkpoint.holds():
            self._refused.inc()
            raise DomainError(AUDIT_LOG_STALE)
