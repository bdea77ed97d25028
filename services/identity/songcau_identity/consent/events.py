"""Turns decisions on consents into messages of `identity.consent.v1`: ids and codes only."""

from songcau.identity.events.v1 import consent_event_pb2 as events
from songcau_kit.clock import Clock
from songcau_kit.events import Actor, event_meta, to_outbox
from songcau_kit.outbox import OutboxEvent

from songcau_identity.consent.model import Consent, ConsentFact, Proof

TOPIC = "identity.consent.v1"


def consent_event(
    clock: Clock, consent: Consent, fact: ConsentFact, proof: Proof, *, by: tuple[Actor, str]
) -> OutboxEvent:
    """Return the event of a decision; `by` is the actor and the correlation id of the request."""
    actor, correlation_id = by
    message = events.ConsentEvent(
        meta=event_meta(clock, consent.consent_id, consent.version, actor, correlation_id=correlation_id),
        citizen_id=str(consent.citizen_id),
        purpose=consent.purpose,
        text_version=consent.text_version,
    )
    # The newest decision holds, by this moment: it is the one that stands in the register.
    message.meta.occurred_at.FromDatetime(consent.decided_at)
    getattr(message, fact.lower()).SetInParent()
    if fact is ConsentFact.CONSENT_GIVEN:
        message.consent_given.channel = f"CONSENT_CHANNEL_{proof.channel}"  # type: ignore[assignment]
        message.consent_given.given_as = proof.decided_as
    elif fact is ConsentFact.CONSENT_WITHDRAWN:
        message.consent_withdrawn.channel = f"CONSENT_CHANNEL_{proof.channel}"  # type: ignore[assignment]
    return to_outbox(TOPIC, message)
