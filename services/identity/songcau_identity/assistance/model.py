"""The words of assisted sessions: for what, by whom, how long, and what may be proposed in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from songcau_kit.caller import Assistant, Caller


class AssistancePurpose(StrEnum):
    """The one matter a session is for."""

    SUBMIT_DOSSIER = "SUBMIT_DOSSIER"
    SUPPLEMENT_DOSSIER = "SUPPLEMENT_DOSSIER"
    BOOK_CONSULTATION = "BOOK_CONSULTATION"


class SessionStatus(StrEnum):
    """Where a session stands."""

    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    OPEN = "OPEN"
    ENDED = "ENDED"


class EndCause(StrEnum):
    """Why a session is over."""

    DECLINED = "DECLINED"
    ENDED_BY_CITIZEN = "ENDED_BY_CITIZEN"
    ENDED_BY_HELPER = "ENDED_BY_HELPER"
    EXPIRED = "EXPIRED"
    ANOTHER_OPEN = "ANOTHER_OPEN"


class ActStatus(StrEnum):
    """Where a proposed act stands."""

    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    LAPSED = "LAPSED"


class AssistedOperation(StrEnum):
    """What a helper may propose."""

    CREATE_DOSSIER = "CREATE_DOSSIER"
    UPDATE_DOSSIER = "UPDATE_DOSSIER"
    SUBMIT_DOSSIER = "SUBMIT_DOSSIER"
    SUPPLY_SUPPLEMENT = "SUPPLY_SUPPLEMENT"
    REQUEST_CONSULTATION = "REQUEST_CONSULTATION"
    OFFER_SLOT = "OFFER_SLOT"
    CONFIRM_OFFER = "CONFIRM_OFFER"


_DOSSIERS, _CONSULTATIONS = "songcau.eservices.v1.DossierService", "songcau.telehealth.v1.ConsultationService"
METHODS: Mapping[AssistedOperation, str] = {
    AssistedOperation.CREATE_DOSSIER: f"{_DOSSIERS}/CreateDossier",
    AssistedOperation.UPDATE_DOSSIER: f"{_DOSSIERS}/UpdateDossier",
    AssistedOperation.SUBMIT_DOSSIER: f"{_DOSSIERS}/SubmitDossier",
    AssistedOperation.SUPPLY_SUPPLEMENT: f"{_DOSSIERS}/SupplySupplement",
    AssistedOperation.REQUEST_CONSULTATION: f"{_CONSULTATIONS}/RequestConsultation",
    AssistedOperation.OFFER_SLOT: f"{_CONSULTATIONS}/OfferSlot",
    AssistedOperation.CONFIRM_OFFER: f"{_CONSULTATIONS}/ConfirmOffer",
}
"""The RPC that carries an operation out."""

OPERATIONS: Mapping[AssistancePurpose, Sequence[AssistedOperation]] = {
    AssistancePurpose.SUBMIT_DOSSIER: (
        AssistedOperation.CREATE_DOSSIER,
        AssistedOperation.UPDATE_DOSSIER,
        AssistedOperation.SUBMIT_DOSSIER,
    ),
    AssistancePurpose.SUPPLEMENT_DOSSIER: (AssistedOperation.UPDATE_DOSSIER, AssistedOperation.SUPPLY_SUPPLEMENT),
    AssistancePurpose.BOOK_CONSULTATION: (
        AssistedOperation.REQUEST_CONSULTATION,
        AssistedOperation.OFFER_SLOT,
        AssistedOperation.CONFIRM_OFFER,
    ),
}
"""The closed list: what may be proposed in a session of each purpose."""


@dataclass(frozen=True)
class End:
    """Why and when a session ended."""

    cause: EndCause
    at: datetime


@dataclass(frozen=True)
class AssistedSession:
    """One session; without a citizen where nobody has the number that was told."""

    session_id: UUID
    citizen_id: UUID | None
    helper: Assistant
    purpose: AssistancePurpose
    status: SessionStatus
    started_at: datetime
    expires_at: datetime
    version: int
    end: End | None = None

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data a write met."""
        return (self.citizen_id,) if self.citizen_id else ()

    def is_open(self, now: datetime) -> bool:
        """Say whether acts may be proposed, confirmed and carried out."""
        return self.status is SessionStatus.OPEN and now < self.expires_at


@dataclass(frozen=True)
class ProposedAct:
    """One act put before the citizen; `digest` are the 32 bytes that say which request it is."""

    act_id: UUID
    session_id: UUID
    operation: AssistedOperation
    digest: bytes
    status: ActStatus
    proposed_at: datetime


def helper_of(caller: Caller) -> Assistant:
    """Return the helper a caller is; an officer who is of a digital team, too, helps as an officer."""
    kinds = {"officer": "OFFICER", "station-officer": "STATION_OFFICER", "digital-team": "DIGITAL_TEAM"}
    kind = next((kind for role, kind in kinds.items() if caller.has_role(role)), "DIGITAL_TEAM")
    organization = ",".join(caller.values("agency_codes") or caller.values("facility_codes"))
    return Assistant(caller.subject, kind, organization)
