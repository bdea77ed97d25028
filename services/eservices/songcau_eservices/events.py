"""Facts of this service become messages of its topics; nobody else makes them."""

from collections.abc import Mapping
from dataclasses import asdict

from google.protobuf.message import Message
from songcau.eservices.events.v1 import dossier_event_pb2 as pb
from songcau_kit.clock import Clock
from songcau_kit.events import Actor, event_meta, to_outbox
from songcau_kit.outbox import OutboxEvent

from songcau_eservices.dossiers import facts
from songcau_eservices.dossiers.dossier import Dossier
from songcau_eservices.dossiers.model import NATIONAL_CODES

DOSSIER_TOPIC = "eservices.dossier.v1"

# Where each fact stands in the message, and its own message.
_FACTS: Mapping[type[facts.Fact], tuple[str, type[Message]]] = {
    facts.Drafted: ("drafted", pb.DossierDrafted),
    facts.Submitted: ("submitted", pb.DossierSubmitted),
    facts.PaymentRecorded: ("payment_recorded", pb.PaymentRecorded),
    facts.Accepted: ("accepted", pb.DossierAccepted),
    facts.SupplementRequested: ("supplement_requested", pb.SupplementRequested),
    facts.SupplementSupplied: ("supplement_supplied", pb.SupplementSupplied),
    facts.PaymentRequired: ("payment_required", pb.PaymentRequired),
    facts.ProcessingStarted: ("processing_started", pb.ProcessingStarted),
    facts.DecisionProposed: ("decision_proposed", pb.DecisionProposed),
    facts.Resolved: ("resolved", pb.DossierResolved),
    facts.ResultReturned: ("result_returned", pb.ResultReturned),
    facts.Refused: ("refused", pb.DossierRefused),
    facts.Withdrawn: ("withdrawn", pb.DossierWithdrawn),
    facts.Stopped: ("stopped", pb.DossierStopped),
    facts.ResultRevoked: ("result_revoked", pb.ResultRevoked),
}


def dossier_event(clock: Clock, dossier: Dossier, fact: facts.Fact, by: Actor, *, correlation_id: str) -> OutboxEvent:
    """Return the record of what just happened to a dossier, which already is in its new state."""
    field, message = _FACTS[type(fact)]
    event = pb.DossierEvent(
        meta=event_meta(clock, dossier.id, dossier.version, by, correlation_id=correlation_id),
        citizen_id=str(dossier.citizen_id),
        procedure_code=dossier.procedure.code,
        receiving_agency_code=dossier.agencies.receiving,
        authority_agency_code=dossier.agencies.authority,
        dossier_code=dossier.code,
        national_code=NATIONAL_CODES[dossier.state],
        **{field: message(**asdict(fact))},  # type: ignore[arg-type]
    )
    return to_outbox(DOSSIER_TOPIC, event)
