"""What the API says about the consents to single consultations."""

from pydantic import Field

from songcau_gateway.routes.fields import Answer, Id, Instant, Page, known
from songcau_gateway.routes.result_schemas import SummaryFacility


class ConsultationConsent(Answer):
    """The consent a patient gave with one consultation at a distance."""

    consultation_id: Id
    citizen_id: Id = Field(description="whose data it is about")
    purpose: str = known("REMOTE_CARE")
    facility: SummaryFacility
    text_version: str = Field(examples=["care-1"])
    channel: str | None = known("APP", "PAPER", "SPOKEN")
    given_by: str = known("PATIENT", "REPRESENTATIVE")
    given_at: Instant | None
    withdrawn_at: Instant | None = Field(description="when it was taken back, or all care at a distance since")
    withdrawable: bool = Field(description="false once it was taken back or the consultation is over")


class ConsultationConsentPage(Page[ConsultationConsent]):
    """A page of consents, the newest consultation first."""
