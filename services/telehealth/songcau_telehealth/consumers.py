"""The event door: what identity tells of citizens becomes this service's own copy."""

from uuid import UUID

from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent
from songcau.identity.v1 import citizen_pb2
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection

from songcau_telehealth.citizens import citizens
from songcau_telehealth.citizens.model import CitizenNews, CitizenStatus

GROUP = "telehealth"
CITIZEN_TOPIC = "identity.citizen.v1"
TOPICS = (CITIZEN_TOPIC,)

_STATUS = {
    "citizen_linked": CitizenStatus.ACTIVE,
    "citizen_unlinked": CitizenStatus.UNLINKED,
    "citizen_blocked": CitizenStatus.BLOCKED,
    "citizen_unblocked": CitizenStatus.ACTIVE,
}


def follow_citizen(connection: Connection, event: CitizenEvent) -> None:
    """Apply one event; a fact this version does not know changes nothing but the version."""
    fact = event.WhichOneof("fact") or ""
    citizen_id, version = UUID(event.meta.aggregate_id), event.meta.aggregate_version
    if fact == "citizens_merged":
        citizens.follow_merge(connection, citizen_id, UUID(event.citizens_merged.surviving_citizen_id), version)
    elif fact == "citizens_unmerged":
        citizens.follow_merge(connection, citizen_id, None, version)
    is_person = None
    if fact == "citizen_linked":
        is_person = event.citizen_linked.account_kind != citizen_pb2.ACCOUNT_KIND_ORGANISATION
    news = CitizenNews(citizen_id, version, _STATUS.get(fact), is_person)
    citizens.follow(connection, news)


HANDLERS = {CITIZEN_TOPIC: EventHandler(CitizenEvent.FromString, follow_citizen)}
