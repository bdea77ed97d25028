"""The event door: what identity tells of citizens, consents and who acts for whom becomes this service's own copy."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any
from uuid import UUID

from songcau.identity.events.v1.assistance_event_pb2 import AssistanceEvent
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent
from songcau.identity.events.v1.consent_event_pb2 import ConsentEvent
from songcau.identity.events.v1.representation_event_pb2 import RepresentationEvent
from songcau.identity.v1 import citizen_pb2
from songcau.identity.v1.representation_pb2 import RepresentationScope
from songcau_kit import assisted_acts, audit_checkpoints
from songcau_kit.assisted_acts import ConfirmedAct
from songcau_kit.caller import Assistant
from songcau_kit.consumer import EventHandler
from songcau_kit.data_copying import CopyOrder, order_copy
from songcau_kit.database import Connection
from songcau_kit.erasure_gate import Erase
from songcau_kit.erasure_ledger import Erasure
from songcau_kit.heartbeats import HEARTBEATS, heartbeat_topic
from songcau_kit.signed_notes import NoteVerifier
from songcau_kit.subject_answers import Question

from songcau_telehealth.citizens import citizens, repository_representations
from songcau_telehealth.citizens.model import CitizenNews, CitizenStatus
from songcau_telehealth.citizens.representations import RepresentationCopy
from songcau_telehealth.consents import consents
from songcau_telehealth.consents.model import ConsentNews, ConsentState
from songcau_telehealth.rights.forgetting import PersonRights

GROUP = "telehealth"
# Whose facts are copied here.
SOURCE = "identity"
CITIZEN_TOPIC = "identity.citizen.v1"
CONSENT_TOPIC = "identity.consent.v1"
REPRESENTATION_TOPIC = "identity.representation.v1"
HEARTBEAT_TOPIC = heartbeat_topic(SOURCE)
TOPICS = (
    audit_checkpoints.TOPIC,
    CITIZEN_TOPIC,
    CONSENT_TOPIC,
    HEARTBEAT_TOPIC,
    REPRESENTATION_TOPIC,
    assisted_acts.TOPIC,
)

_STATUS = {
    "citizen_linked": CitizenStatus.ACTIVE,
    "citizen_unlinked": CitizenStatus.UNLINKED,
    "citizen_blocked": CitizenStatus.BLOCKED,
    "citizen_unblocked": CitizenStatus.ACTIVE,
    "citizen_registered": CitizenStatus.ACTIVE,
    "newborn_voided": CitizenStatus.UNLINKED,
    "citizen_died": CitizenStatus.DECEASED,
    "death_annulled": CitizenStatus.BLOCKED,
}

_CONSENTS = {
    "consent_given": ConsentState.GIVEN,
    "consent_lapsed": ConsentState.LAPSED,
}

# What holds again for a person who stays; a state that is not known here lets nobody act.
_KEPT = {
    citizen_pb2.CITIZEN_STATUS_ACTIVE: CitizenStatus.ACTIVE,
    citizen_pb2.CITIZEN_STATUS_UNLINKED: CitizenStatus.UNLINKED,
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
    elif fact == "citizen_registered":
        is_person = event.citizen_registered.account_kind != citizen_pb2.ACCOUNT_KIND_ORGANISATION
    news = CitizenNews(citizen_id, version, _STATUS.get(fact), is_person)
    citizens.follow(connection, news)


def follow_consent(connection: Connection, event: ConsentEvent) -> None:
    """Apply one decision; a fact this version does not know counts as withdrawn, which harms nobody."""
    news = ConsentNews(
        citizen_id=UUID(event.citizen_id),
        purpose=event.purpose,
        state=_CONSENTS.get(event.WhichOneof("fact") or "", ConsentState.WITHDRAWN),
        text_version=event.text_version,
        version=event.meta.aggregate_version,
        decided_at=event.meta.occurred_at.ToDatetime(tzinfo=UTC),
    )
    consents.follow(connection, news)


def follow_representation(connection: Connection, event: RepresentationEvent) -> None:
    """Take over who may act for whom; the state beside the fact says all, scopes nobody knows here give no right."""
    now, known = event.representation, RepresentationScope.DESCRIPTOR.values_by_number
    copy = RepresentationCopy(
        representation_id=UUID(now.representation_id),
        represented_id=UUID(now.represented_id),
        representative_id=UUID(now.representative_id),
        scopes=[known[scope].name.removeprefix("REPRESENTATION_SCOPE_") for scope in now.scopes if scope in known],
        valid_from=date.fromisoformat(now.valid_from),
        valid_until=date.fromisoformat(now.valid_until) if now.valid_until else None,
        version=event.meta.aggregate_version,
    )
    repository_representations.save(connection, copy)


def handlers(rights: PersonRights, forget: Erase, log_keys: Sequence[NoteVerifier]) -> Mapping[str, EventHandler[Any]]:
    """Return the handler of each topic this service consumes.

    `forget` erases a person and proves it; of the audit log, what `log_keys` signed is believed.
    """

    def handle(connection: Connection, event: CitizenEvent) -> None:
        if event.WhichOneof("fact") == "citizen_erased":
            forget(connection, read_erasure(event))
        elif not answer_right(connection, event, rights):
            follow_citizen(connection, event)

    return {
        audit_checkpoints.TOPIC: audit_checkpoints.checkpoint_handler(log_keys),
        CITIZEN_TOPIC: EventHandler(CitizenEvent.FromString, handle),
        CONSENT_TOPIC: EventHandler(ConsentEvent.FromString, follow_consent),
        HEARTBEAT_TOPIC: HEARTBEATS,
        assisted_acts.TOPIC: EventHandler(AssistanceEvent.FromString, follow_assistance),
        REPRESENTATION_TOPIC: EventHandler(RepresentationEvent.FromString, follow_representation),
    }


def answer_right(connection: Connection, event: CitizenEvent, rights: PersonRights) -> bool:
    """Answer what a person asks of every service; return False for any other fact."""
    citizen_id, version = UUID(event.meta.aggregate_id), event.meta.aggregate_version
    fact = event.WhichOneof("fact")
    if fact == "data_copy_requested":
        asked = event.data_copy_requested
        ids = [UUID(one) for one in asked.citizen_ids]
        order_copy(connection, CopyOrder(UUID(asked.request_id), citizen_id, ids, asked.public_key, version))
    elif fact == "erasure_proposed":
        proposed = event.erasure_proposed
        question = Question(UUID(proposed.request_id), citizen_id, version)
        rights.close_and_answer(connection, question, [UUID(one) for one in proposed.citizen_ids])
    elif fact == "erasure_called_off":
        status = _KEPT.get(event.erasure_called_off.status, CitizenStatus.BLOCKED)
        citizens.follow(connection, CitizenNews(citizen_id, version, status, None))
    else:
        return False
    return True


def read_erasure(event: CitizenEvent) -> Erasure:
    """Return the erasure a fact tells of."""
    fact, meta = event.citizen_erased, event.meta
    erased_at = meta.occurred_at.ToDatetime(tzinfo=UTC)
    return Erasure(UUID(fact.erasure_id), UUID(fact.request_id), (UUID(meta.aggregate_id),), erased_at)


def follow_assistance(connection: Connection, event: AssistanceEvent) -> None:
    """Keep an act that a citizen confirmed, or end those of a session, whichever comes first; else change nothing."""
    session_id, fact = UUID(event.meta.aggregate_id), event.WhichOneof("fact")
    expires_at = event.expires_at.ToDatetime(tzinfo=UTC)
    if fact == "assisted_act_confirmed":
        confirmed, helper = event.assisted_act_confirmed, event.helper
        assistant = Assistant(helper.id, helper.kind, helper.organization)
        act = ConfirmedAct(
            UUID(confirmed.act_id), UUID(event.citizen_id), assistant, confirmed.method, confirmed.digest
        )
        assisted_acts.keep_act(connection, session_id, act, expires_at)
    elif fact == "assisted_session_ended":
        assisted_acts.end_session(connection, session_id, expires_at)
