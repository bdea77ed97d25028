"""Turns what happened to a citizen into messages of `identity.citizen.v1`: ids, levels, names of facts, no values."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau.identity.events.v1 import citizen_event_pb2 as events
from songcau_kit.clock import Clock
from songcau_kit.events import SYSTEM, Actor, event_meta, to_outbox
from songcau_kit.outbox import OutboxEvent

from songcau_identity.model import Citizen, CitizenFact, IdentifierKind, PaperKind, ProfileFact

TOPIC = "identity.citizen.v1"


@dataclass(frozen=True)
class SubjectQuestion:
    """Which request asks the services, and about which records of one citizen."""

    request_id: UUID
    citizen_ids: Sequence[UUID]

    @property
    def texts(self) -> Sequence[str]:
        """The records as they stand in a message."""
        return [str(citizen_id) for citizen_id in self.citizen_ids]


class CitizenEvents:
    """The only producer of citizen events."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def linked(self, citizen: Citizen, actor: Actor, correlation_id: str, *, is_first: bool) -> OutboxEvent:
        """Tell that a citizen became active by linking."""
        fact = events.CitizenLinked(
            account_kind=f"ACCOUNT_KIND_{citizen.account_kind}",
            identity_level=_level(citizen),
            first_link=is_first,
        )
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(citizen_linked=fact))

    def profile_changed(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, changed: Sequence[ProfileFact]
    ) -> OutboxEvent:
        """Tell which facts of an active citizen changed."""
        fact = events.CitizenProfileChanged(
            changed=[f"PROFILE_FACT_{name}" for name in changed],
            identity_level=_level(citizen),
        )
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(citizen_profile_changed=fact))

    def moved(self, citizen: Citizen, actor: Actor, correlation_id: str, *, fact: CitizenFact) -> OutboxEvent:
        """Tell of a step that needs no further word: unlinked, blocked, unblocked."""
        message = events.CitizenEvent()
        getattr(message, fact.lower()).SetInParent()
        return self._event(citizen, actor, correlation_id, message)

    def merged(self, merged: Citizen, actor: Actor, correlation_id: str, *, survivor_id: UUID) -> OutboxEvent:
        """Tell that a record's id means another one from now on."""
        fact = events.CitizensMerged(surviving_citizen_id=str(survivor_id))
        return self._event(merged, actor, correlation_id, events.CitizenEvent(citizens_merged=fact))

    def unmerged(self, citizen: Citizen, actor: Actor, correlation_id: str, *, survivor_id: UUID) -> OutboxEvent:
        """Tell that a record's id means itself again."""
        fact = events.CitizensUnmerged(former_surviving_citizen_id=str(survivor_id))
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(citizens_unmerged=fact))

    def identifier_replaced(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, kind: IdentifierKind
    ) -> OutboxEvent:
        """Tell that a number was cancelled and another issued."""
        fact = events.IdentifierReplaced(kind=f"IDENTIFIER_KIND_{kind}")
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(identifier_replaced=fact))

    def corrected(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, corrected: Sequence[ProfileFact]
    ) -> OutboxEvent:
        """Tell which facts an officer corrected."""
        fact = events.CitizenCorrected(corrected=[f"PROFILE_FACT_{name}" for name in corrected])
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(citizen_corrected=fact))

    def registered(self, citizen: Citizen, actor: Actor, correlation_id: str) -> OutboxEvent:
        """Tell that an officer entered a person on papers."""
        fact = events.CitizenRegistered(
            account_kind=f"ACCOUNT_KIND_{citizen.account_kind}", identity_level=_level(citizen)
        )
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(citizen_registered=fact))

    def personal_number_issued(self, citizen: Citizen, actor: Actor, correlation_id: str) -> OutboxEvent:
        """Tell that a person got their first number."""
        fact = events.PersonalNumberIssued()
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(personal_number_issued=fact))

    def paper_recorded(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, paper_id: UUID, kind: PaperKind
    ) -> OutboxEvent:
        """Tell that a paper was recorded."""
        fact = events.PaperRecorded(paper_id=str(paper_id), kind=f"PAPER_KIND_{kind}")
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(paper_recorded=fact))

    def paper_withdrawn(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, paper_id: UUID, kind: PaperKind
    ) -> OutboxEvent:
        """Tell that a paper counts no more."""
        fact = events.PaperWithdrawn(paper_id=str(paper_id), kind=f"PAPER_KIND_{kind}")
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(paper_withdrawn=fact))

    def address_recorded(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, address_id: UUID, kind: str
    ) -> OutboxEvent:
        """Tell that an address is on record now."""
        fact = events.AddressRecorded(address_id=str(address_id), kind=f"ADDRESS_KIND_{kind}")
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(address_recorded=fact))

    def address_resolved(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, address_id: UUID, kind: str
    ) -> OutboxEvent:
        """Tell that the unit of an address is known now."""
        fact = events.AddressResolved(address_id=str(address_id), kind=f"ADDRESS_KIND_{kind}")
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(address_resolved=fact))

    def copy_requested(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, asked: SubjectQuestion, public_key: bytes
    ) -> OutboxEvent:
        """Ask every service for its part of a copy."""
        fact = events.DataCopyRequested(
            request_id=str(asked.request_id), citizen_ids=asked.texts, public_key=public_key
        )
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(data_copy_requested=fact))

    def erasure_proposed(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, asked: SubjectQuestion
    ) -> OutboxEvent:
        """Ask every service what it must keep."""
        fact = events.ErasureProposed(request_id=str(asked.request_id), citizen_ids=asked.texts)
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(erasure_proposed=fact))

    def erasure_called_off(
        self, citizen: Citizen, actor: Actor, correlation_id: str, *, asked: SubjectQuestion
    ) -> OutboxEvent:
        """Tell that the citizen stays what they were."""
        fact = events.ErasureCalledOff(
            request_id=str(asked.request_id), status=f"CITIZEN_STATUS_{citizen.status}", citizen_ids=asked.texts
        )
        return self._event(citizen, actor, correlation_id, events.CitizenEvent(erasure_called_off=fact))

    def erased(self, citizen: Citizen, *, erasure_id: UUID, request_id: UUID) -> OutboxEvent:
        """Tell that nothing of the citizen is left."""
        fact = events.CitizenErased(erasure_id=str(erasure_id), request_id=str(request_id))
        return self._event(citizen, SYSTEM, "", events.CitizenEvent(citizen_erased=fact))

    def _event(self, citizen: Citizen, actor: Actor, correlation_id: str, message: events.CitizenEvent) -> OutboxEvent:
        meta = event_meta(self._clock, citizen.citizen_id, citizen.version, actor, correlation_id=correlation_id)
        message.meta.CopyFrom(meta)
        return to_outbox(TOPIC, message)


def _level(citizen: Citizen) -> str:
    return f"IDENTITY_LEVEL_{int(citizen.identity_level)}"
