"""Turns a signed checkpoint into the message of `audit.checkpoint.v1`."""

from collections.abc import Sequence
from dataclasses import dataclass

from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent
from songcau_kit.clock import Clock
from songcau_kit.events import SYSTEM, event_meta, to_outbox
from songcau_kit.outbox import OutboxEvent

from songcau_audit.repository import SignedTree

TOPIC = "audit.checkpoint.v1"


@dataclass(frozen=True)
class Growth:
    """How large the tree of the checkpoint before was, and the proof that the new one continues it."""

    previous_size: int
    consistency: Sequence[bytes]


def checkpoint_signed(clock: Clock, origin: str, signed: SignedTree, growth: Growth) -> OutboxEvent:
    """Tell that the signer vouched for a tree, and prove that it continues the one before."""
    message = AuditCheckpointEvent(
        meta=event_meta(clock, origin, 0, SYSTEM),
        tree_size=signed.size,
        root_hash=signed.root,
        note=signed.note,
        previous_size=growth.previous_size,
        consistency=growth.consistency,
    )
    message.meta.occurred_at.FromDatetime(signed.signed_at)
    return to_outbox(TOPIC, message)
