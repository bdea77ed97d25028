"""The event door: accesses that other services report enter the citizen's access list."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from songcau.common.v1.access_event_pb2 import AccessEvent, AccessOutcome
from songcau_kit import audit_checkpoints
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection

from songcau_identity.accesses import take_in
from songcau_identity.repositories.accesses import AccessRecord

GROUP = "identity"
ACCESS_TOPICS = ("audit.access.v1", "eservices.access.v1", "telehealth.access.v1")
TOPICS = (*ACCESS_TOPICS, audit_checkpoints.TOPIC)
OUTCOME_PREFIX = "ACCESS_OUTCOME_"


def handlers() -> Mapping[str, EventHandler[Any]]:
    """Return the handler of each topic this service consumes."""
    access = EventHandler(decode=AccessEvent.FromString, handle=on_access)
    return {audit_checkpoints.TOPIC: audit_checkpoints.checkpoint_handler(), **dict.fromkeys(ACCESS_TOPICS, access)}


def on_access(conn: Connection, event: AccessEvent) -> None:
    """Add one reported access; an event nobody can be told of raises ValueError and becomes a dead letter."""
    meta = event.meta
    take_in(
        conn,
        AccessRecord(
            entry_id=UUID(meta.id),
            occurred_at=meta.occurred_at.ToDatetime(tzinfo=UTC),
            subject_id=UUID(event.subject_id),
            service=event.service,
            actor_id=meta.actor.id,
            actor_kind=meta.actor.kind,
            actor_organization=meta.actor.organization,
            on_behalf_of=event.on_behalf_of,
            client_id=event.client_id,
            operation=event.operation,
            object_kind=event.object_kind,
            object_id=event.object_id,
            purpose=event.purpose,
            outcome=AccessOutcome.Name(event.outcome).removeprefix(OUTCOME_PREFIX),
            reason=event.reason,
        ),
    )
