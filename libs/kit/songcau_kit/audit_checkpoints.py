"""The newest checkpoint of the audit log this service heard of, and the writes that wait while it is too old.

Entries are committed with every answer whatever becomes of the log; a list of writes is not answered any more when
nobody vouched for the log for long, as then nobody could show later that their entries were not changed.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import partial

from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent

from songcau_kit.clock import Clock, SystemClock
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection, Database, service_of
from songcau_kit.errors import AUDIT_LOG_STALE, DomainError
from songcau_kit.logs import get_logger
from songcau_kit.metrics import counter, gauge

TOPIC = "audit.checkpoint.v1"
CLOCKS_DIFFER = timedelta(minutes=1)

# A release before the table existed may still own the schema.
_HAS_TABLE = "select to_regclass('audit_checkpoints') is not null"
_KEEP = """insert into audit_checkpoints (origin, tree_size, root_hash, note, signed_at) values (%s, %s, %s, %s, %s)
    on conflict (origin) do update set tree_size = excluded.tree_size, root_hash = excluded.root_hash,
        note = excluded.note, signed_at = excluded.signed_at
    where audit_checkpoints.signed_at < excluded.signed_at and (audit_checkpoints.tree_size < excluded.tree_size
        or (audit_checkpoints.tree_size, audit_checkpoints.root_hash) = (excluded.tree_size, excluded.root_hash))
    returning true"""
_NEWEST = "select max(signed_at) from audit_checkpoints"

_log = get_logger(__name__)


def checkpoint_handler() -> EventHandler[AuditCheckpointEvent]:
    """Return what a service does with the topic `audit.checkpoint.v1`."""
    return EventHandler(decode=AuditCheckpointEvent.FromString, handle=partial(keep_checkpoint, SystemClock()))


def keep_checkpoint(clock: Clock, conn: Connection, event: AuditCheckpointEvent) -> None:
    """Keep a checkpoint that is newer; one of a smaller tree, or of another tree of the same size, is no news.

    Nor is one from the future: it would vouch for the log until then, and keep every true one out.
    """
    if conn.execute(_HAS_TABLE).fetchone() != (True,):
        return
    signed_at = event.meta.occurred_at.ToDatetime(tzinfo=UTC)
    row = (event.meta.aggregate_id, event.tree_size, event.root_hash, event.note, signed_at)
    if signed_at > clock.now() + CLOCKS_DIFFER or conn.execute(_KEEP, row).fetchone() is None:
        _log.info("audit_checkpoint_passed_over", tree_size=event.tree_size)
        return
    service = service_of(conn.info.parameter_status("application_name") or "")
    gauge(
        service, "audit_checkpoint_time", "seconds", description="When the newest checkpoint kept here was signed."
    ).set(signed_at.timestamp())


class AuditLogGuard:
    """Refuses the methods of a closed list while the newest checkpoint is older than `max_age_seconds` (0: never)."""

    def __init__(self, database: Database, clock: Clock, *, methods: Collection[str], max_age_seconds: int) -> None:
        self.methods = frozenset(methods)
        self._database = database
        self._clock = clock
        self._max_age = timedelta(seconds=max_age_seconds)
        self._newest: datetime | None = None
        self._refused = counter(
            service_of(database.application_name),
            "audit_log_stale",
            "Writes refused because the audit log was not vouched for.",
        )

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
            if conn.execute(_HAS_TABLE).fetchone() != (True,):
                return None
            row = conn.execute(_NEWEST).fetchone()
        return row[0] if row else None
