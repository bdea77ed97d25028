"""The event door: what identity tells of citizens, consents and who may act for whom keeps this service's own copy."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any
from uuid import UUID

from songcau.identity.events.v1.assistance_event_pb2 import AssistanceEvent
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent
from songcau.identity.events.v1.consent_event_pb2 import ConsentEvent
from songcau.identity.events.v1.representation_event_pb2 import RepresentationEvent
from songcau.identity.v1 import citizen_pb2
from songcau.identity.v1.representation_pb2 import RepresentationKind, RepresentationScope
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

from songcau_eservices.consents import repository as consents
from songcau_eservices.consents.model import ConsentNews, ConsentState
from songcau_eservices.dossiers import repository_citizens as citizens
from songcau_eservices.dossiers import repository_parties
from songcau_eservices.dossiers.repository_citizens import Citizen, CitizenStatus
from songcau_eservices.dossiers.repository_parties import RepresentationCopy
from songcau_eservices.identity_client import read_level
from songcau_eservices.rights.forgetting import PersonRights

GROUP = "eservices"
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

_STATUSES = {
    "citizen_unlinked": CitizenStatus.UNLINKED,
    "citizen_blocked": CitizenStatus.BLOCKED,
    "citizen_unblocked": CitizenStatus.ACTIVE,
    "newborn_voided": CitizenStatus.UNLINKED,
    "citizen_died": CitizenStatus.DECEASED,
    "death_annulled": CitizenStatus.BLOCKED,
}

_CONSENTS = {"consent_given": ConsentState.GIVEN, "consent_lapsed": ConsentState.LAPSED}

# What holds again for a person who stays; a state that is not known here lets nobody act.
_KEPT = {
    citizen_pb2.CITIZEN_STATUS_ACTIVE: CitizenStatus.ACTIVE,
    citizen_pb2.CITIZEN_STATUS_UNLINKED: CitizenStatus.UNLINKED,
}


def handlers(rights: PersonRights, forget: Erase, log_keys: Sequence[NoteVerifier]) -> Mapping[str, EventHandler[Any]]:
    """Return the handler of each topic this service consumes.

    `forget` erases a person and proves it; of the audit log, what `log_keys` signed is believed.
    """

    def handle(conn: Connection, event: CitizenEvent) -> None:
        if event.WhichOneof("fact") == "citizen_erased":
            forget(conn, read_erasure(event))
        elif not on_right(conn, event, rights):
            on_citizen(conn, event)

    return {
        audit_checkpoints.TOPIC: audit_checkpoints.checkpoint_handler(log_keys),
        CITIZEN_TOPIC: EventHandler(decode=CitizenEvent.FromString, handle=handle),
        CONSENT_TOPIC: EventHandler(decode=ConsentEvent.FromString, handle=on_consent),
        HEARTBEAT_TOPIC: HEARTBEATS,
        assisted_acts.TOPIC: EventHandler(decode=AssistanceEvent.FromString, handle=on_assistance),
        REPRESENTATION_TOPIC: EventHandler(decode=RepresentationEvent.FromString, handle=on_representation),
    }


def on_representation(conn: Connection, event: RepresentationEvent) -> None:
    """Take over who may act for whom; the state beside the fact says all, scopes nobody knows here give no right."""
    now = event.representation
    known = RepresentationScope.DESCRIPTOR.values_by_number
    names = [known[number].name for number in now.scopes if number in known]
    kind = RepresentationKind.DESCRIPTOR.values_by_number.get(now.kind)
    copy = RepresentationCopy(
        representation_id=UUID(now.representation_id),
        represented_id=UUID(now.represented_id),
        representative_id=UUID(now.representative_id),
        kind=kind.name.removeprefix("REPRESENTATION_KIND_") if kind else "",
        scopes=[name.removeprefix("REPRESENTATION_SCOPE_") for name in names],
        valid_from=date.fromisoformat(now.valid_from),
        valid_until=date.fromisoformat(now.valid_until) if now.valid_until else None,
        version=event.meta.aggregate_version,
    )
    repository_parties.save(conn, copy)


def on_right(conn: Connection, event: CitizenEvent, rights: PersonRights) -> bool:
    """Answer what a person asks of every service; return False for any other fact."""
    citizen_id, version = UUID(event.meta.aggregate_id), event.meta.aggregate_version
    fact = event.WhichOneof("fact")
    if fact == "data_copy_requested":
        asked = event.data_copy_requested
        ids = [UUID(one) for one in asked.citizen_ids]
        order_copy(conn, CopyOrder(UUID(asked.request_id), citizen_id, ids, asked.public_key, version))
    elif fact == "erasure_proposed":
        proposed = event.erasure_proposed
        question = Question(UUID(proposed.request_id), citizen_id, version)
        rights.close_and_answer(conn, question, [UUID(one) for one in proposed.citizen_ids])
    elif fact == "erasure_called_off":
        status = _KEPT.get(event.erasure_called_off.status, CitizenStatus.BLOCKED)
        citizens.move(conn, citizen_id, version, status=status, identity_level=None)
        owned = {UUID(one) for one in event.erasure_called_off.citizen_ids} - {citizen_id}
        citizens.move_organisations(conn, owned, CitizenStatus.ACTIVE)
    else:
        return False
    return True


def read_erasure(event: CitizenEvent) -> Erasure:
    """Return the erasure a fact tells of."""
    fact, meta = event.citizen_erased, event.meta
    erased_at = meta.occurred_at.ToDatetime(tzinfo=UTC)
    return Erasure(UUID(fact.erasure_id), UUID(fact.request_id), (UUID(meta.aggregate_id),), erased_at)


def on_citizen(conn: Connection, event: CitizenEvent) -> None:
    """Take over what a fact says of a citizen; one that is older than the copy or unknown here changes nothing."""
    citizen_id, version = UUID(event.meta.aggregate_id), event.meta.aggregate_version
    fact = event.WhichOneof("fact")
    if fact in ("citizen_linked", "citizen_registered"):
        told = event.citizen_linked if fact == "citizen_linked" else event.citizen_registered
        kind = citizens.ORGANISATION if told.account_kind == citizen_pb2.ACCOUNT_KIND_ORGANISATION else "CITIZEN"
        level = read_level(told.identity_level)
        citizens.save(conn, Citizen(citizen_id, CitizenStatus.ACTIVE, kind, level, version))
    elif fact == "citizen_profile_changed":
        level = read_level(event.citizen_profile_changed.identity_level)
        citizens.move(conn, citizen_id, version, status=None, identity_level=level)
    elif fact == "citizens_merged":
        citizens.save_alias(conn, citizen_id, UUID(event.citizens_merged.surviving_citizen_id), version)
    elif fact == "citizens_unmerged":
        citizens.save_alias(conn, citizen_id, None, version)
    elif fact in _STATUSES:
        citizens.move(conn, citizen_id, version, status=_STATUSES[fact], identity_level=None)


def on_consent(conn: Connection, event: ConsentEvent) -> None:
    """Take over one decision; a fact this version does not know counts as withdrawn, which harms nobody."""
    news = ConsentNews(
        citizen_id=UUID(event.citizen_id),
        purpose=event.purpose,
        state=_CONSENTS.get(event.WhichOneof("fact") or "", ConsentState.WITHDRAWN),
        text_version=event.text_version,
        version=event.meta.aggregate_version,
        decided_at=event.meta.occurred_at.ToDatetime(tzinfo=UTC),
    )
    consents.apply_news(conn, news)


def on_assistance(conn: Connection, event: AssistanceEvent) -> None:
    """Keep an act that a citizen confirmed, or end those of a session, whichever comes first; else change nothing."""
    session_id, fact = UUID(event.meta.aggregate_id), event.WhichOneof("fact")
    expires_at = event.expires_at.ToDatetime(tzinfo=UTC)
    if fact == "assisted_act_confirmed":
        confirmed, helper = event.assisted_act_confirmed, event.helper
        assistant = Assistant(helper.id, helper.kind, helper.organization)
        act = ConfirmedAct(
            UUID(confirmed.act_id), UUID(event.citizen_id), assistant, confirmed.method, confirmed.digest
        )
        assisted_acts.keep_act(conn, session_id, act, expires_at)
    elif fact == "assisted_session_ended":
        assisted_acts.end_session(conn, session_id, expires_at)
