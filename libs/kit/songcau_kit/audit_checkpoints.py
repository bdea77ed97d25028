"""The newest checkpoint of the audit log this service heard of, believed by its signatures, never by who brought it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent

from songcau_kit.clock import Clock, SystemClock
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection, has_table, service_of
from songcau_kit.freshness import CLOCKS_DIFFER
from songcau_kit.log_checkpoints import Checkpoint, open_dated_checkpoint
from songcau_kit.logs import get_logger
from songcau_kit.merkle.proofs import ProofError, check_consistency
from songcau_kit.metrics import counter, gauge
from songcau_kit.signed_notes import NoteError, NoteVerifier

TOPIC = "audit.checkpoint.v1"

TABLE = "audit_checkpoints"
_NEWEST = "select max(signed_at) from audit_checkpoints"
_KEPT = "select tree_size, root_hash, signed_at from audit_checkpoints where origin = %s for update"
# Two processes that heard of a log for the first time at once: the larger tree stays.
_KEEP = """insert into audit_checkpoints (origin, tree_size, root_hash, note, signed_at) values (%s, %s, %s, %s, %s)
    on conflict (origin) do update set tree_size = excluded.tree_size, root_hash = excluded.root_hash,
        note = excluded.note, signed_at = excluded.signed_at
    where audit_checkpoints.tree_size <= excluded.tree_size"""

_log = get_logger(__name__)


class Verdict(StrEnum):
    """What becomes of a checkpoint that arrived."""

    KEPT = "KEPT"
    """It continues the one before, as its proof shows."""
    UNPROVED = "UNPROVED"
    """It is kept on the word of its key: nothing was known before, or the checkpoints in between did not arrive."""
    OLDER = "OLDER"
    """It is of a smaller tree or an earlier time; redelivery brings such ones."""
    AHEAD = "AHEAD"
    """It would vouch for the log until a time to come, and keep every true one out."""
    INCONSISTENT = "INCONSISTENT"
    """Its tree does not continue the one before: the log was forked or changed."""
    FORGED = "FORGED"
    """No key that is believed signed it, or it is told as something else than was signed."""

    @property
    def is_kept(self) -> bool:
        """Say whether the log is vouched for by it."""
        return self in (Verdict.KEPT, Verdict.UNPROVED)


@dataclass(frozen=True)
class KeptTree:
    """The newest tree of a log that is known here."""

    size: int
    root: bytes
    signed_at: datetime


def find_newest(conn: Connection) -> datetime | None:
    """Return when the newest checkpoint that is kept was signed, None where none is."""
    row = conn.execute(_NEWEST).fetchone() if has_table(conn, TABLE) else None
    return row[0] if row else None


class CheckpointKeeping:
    """Keeps the newest checkpoint of each log whose key is believed; without a key none is.

    Two keys are given while one takes the place of the other.
    """

    def __init__(self, keys: Sequence[NoteVerifier], clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def keep(self, conn: Connection, event: AuditCheckpointEvent) -> Verdict | None:
        """Keep a checkpoint that is news and return the verdict; None where this schema has no place for it."""
        if not has_table(conn, TABLE):
            return None
        service = service_of(conn.info.parameter_status("application_name") or "")
        verdict = self._judge_and_keep(conn, event, service)
        counter(service, "audit_checkpoints", "Checkpoints of the audit log, by verdict.", labels=("verdict",)).labels(
            verdict
        ).inc()
        if verdict not in (Verdict.KEPT, Verdict.OLDER):
            _log.warning("audit_checkpoint_judged", verdict=str(verdict), tree_size=event.tree_size)
        return verdict

    def _judge_and_keep(self, conn: Connection, event: AuditCheckpointEvent, service: str) -> Verdict:
        try:
            tree, signed_at = open_dated_checkpoint(event.note, self._keys)
        except NoteError:
            return Verdict.FORGED
        if (event.meta.aggregate_id, event.tree_size, event.root_hash) != (tree.origin, tree.size, tree.root):
            return Verdict.FORGED
        if signed_at > self._clock.now() + CLOCKS_DIFFER:
            return Verdict.AHEAD
        row = conn.execute(_KEPT, (tree.origin,)).fetchone()
        verdict = judge(KeptTree(row[0], bytes(row[1]), row[2]) if row else None, tree, signed_at, event)
        if verdict.is_kept:
            conn.execute(_KEEP, (tree.origin, tree.size, tree.root, event.note, signed_at))
            gauge(
                service,
                "audit_checkpoint_time",
                "seconds",
                description="When the newest checkpoint kept here was signed.",
            ).set(signed_at.timestamp())
        return verdict


def judge(known: KeptTree | None, tree: Checkpoint, signed_at: datetime, event: AuditCheckpointEvent) -> Verdict:
    """Return what becomes of a signed tree beside the one that is known."""
    if known is None:
        return Verdict.UNPROVED
    if tree.size < known.size or (tree.size == known.size and tree.root == known.root and signed_at <= known.signed_at):
        return Verdict.OLDER
    if known.size not in (event.previous_size, tree.size):
        return Verdict.UNPROVED if signed_at > known.signed_at else Verdict.OLDER
    proof = event.consistency if tree.size > known.size else ()
    try:
        check_consistency((known.size, known.root), (tree.size, tree.root), list(proof))
    except ProofError:
        return Verdict.INCONSISTENT
    return Verdict.KEPT


def checkpoint_handler(keys: Sequence[NoteVerifier]) -> EventHandler[AuditCheckpointEvent]:
    """Return what a service does with the topic `audit.checkpoint.v1`, believing these keys of the log."""
    keeping = CheckpointKeeping(keys, SystemClock())

    def handle(conn: Connection, event: AuditCheckpointEvent) -> None:
        keeping.keep(conn, event)

    return EventHandler(decode=AuditCheckpointEvent.FromString, handle=handle)
