"""The event door: accesses of every service become leaves, what identity tells of citizens says whose they are."""

from collections.abc import Mapping
from datetime import UTC
from functools import partial
from typing import Any
from uuid import UUID

from songcau.common.v1.access_event_pb2 import AccessEvent, AccessOutcome
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection
from songcau_kit.erasure_gate import Erase
from songcau_kit.erasure_ledger import Erasure

from songcau_audit import repository_citizens
from songcau_audit.leaves import Access
from songcau_audit.sealing import Sealing

GROUP = "audit"
CITIZEN_TOPIC = "identity.citizen.v1"
ACCESS_TOPICS = ("audit.access.v1", "eservices.access.v1", "identity.access.v1", "telehealth.access.v1")
TOPICS = (*ACCESS_TOPICS, CITIZEN_TOPIC)
OUTCOME_PREFIX = "ACCESS_OUTCOME_"


def handlers(sealing: Sealing, forget: Erase) -> Mapping[str, EventHandler[Any]]:
    """Return the handler of each topic this service consumes; `forget` erases a person and proves it."""
    access = EventHandler(decode=AccessEvent.FromString, handle=partial(on_access, sealing))
    citizen = EventHandler(decode=CitizenEvent.FromString, handle=partial(on_citizen, forget))
    return {CITIZEN_TOPIC: citizen, **dict.fromkeys(ACCESS_TOPICS, access)}


def on_access(sealing: Sealing, conn: Connection, event: AccessEvent) -> None:
    """Take in one access; an event that names no citizen raises ValueError and becomes a dead letter."""
    meta = event.meta
    sealing.take_in(
        conn,
        Access(
            entry_id=UUID(meta.id),
            occurred_at=meta.occurred_at.ToJsonString(),
            service=event.service,
            operation=event.operation,
            object_kind=event.object_kind,
            purpose=event.purpose,
            outcome=AccessOutcome.Name(event.outcome).removeprefix(OUTCOME_PREFIX),
            reason=event.reason,
            actor_kind=meta.actor.kind,
            subject_id=UUID(event.subject_id),
            personal={
                "object_id": event.object_id,
                "actor_id": meta.actor.id,
                "actor_organization": meta.actor.organization,
                "on_behalf_of": event.on_behalf_of,
                "client_id": event.client_id,
                "correlation_id": meta.correlation_id,
                **_helper(event),
            },
        ),
    )


def _helper(event: AccessEvent) -> dict[str, str]:
    """Return who helped; leaves of accesses in which nobody did stay as they always were."""
    if not event.HasField("assisted_by"):
        return {}
    helper = event.assisted_by
    return {
        "assisted_by": helper.id,
        "assisted_by_kind": helper.kind,
        "assisted_by_organization": helper.organization,
    }


def on_citizen(forget: Erase, conn: Connection, event: CitizenEvent) -> None:
    """Take over merges and erasures; other facts say nothing about entries."""
    citizen_id, version = UUID(event.meta.aggregate_id), event.meta.aggregate_version
    fact = event.WhichOneof("fact")
    if fact == "citizens_merged":
        survivor = UUID(event.citizens_merged.surviving_citizen_id)
        repository_citizens.save_alias(conn, citizen_id, survivor, version)
    elif fact == "citizens_unmerged":
        repository_citizens.save_alias(conn, citizen_id, None, version)
    elif fact == "citizen_erased":
        forget(conn, read_erasure(event))


def read_erasure(event: CitizenEvent) -> Erasure:
    """Return the erasure a fact tells of."""
    fact, meta = event.citizen_erased, event.meta
    erased_at = meta.occurred_at.ToDatetime(tzinfo=UTC)
    return Erasure(UUID(fact.erasure_id), UUID(fact.request_id), (UUID(meta.aggregate_id),), erased_at)
