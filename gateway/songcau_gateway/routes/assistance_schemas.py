"""What the API says about assisted sessions: who helps, with what, and each act put before the citizen."""

from typing import Annotated, Literal

from pydantic import Field

from songcau_gateway.routes.consultation_schemas import Confirmation, NewConsultation, SlotChoice
from songcau_gateway.routes.dossier_schemas import DossierEdit, NewDossier
from songcau_gateway.routes.fields import Answer, Body, FacilityCode, Id, Instant, Page, ProcedureCode, Text, known
from songcau_gateway.routes.representation_schemas import PersonalNumber

Version = Annotated[int, Field(ge=1, examples=[2], description="the version the act starts from, as in If-Match")]


class NewAssistedSession(Body):
    """Whom the caller offers to help, by the number the citizen tells, and with what."""

    personal_number: PersonalNumber
    purpose: Literal["SUBMIT_DOSSIER", "SUPPLEMENT_DOSSIER", "BOOK_CONSULTATION"] = Field(examples=["SUBMIT_DOSSIER"])


class CreateDossierAct(Body):
    """Open a draft; `request` is the body of `POST /v1/dossiers`."""

    operation: Literal["CREATE_DOSSIER"]
    request: NewDossier


class ShownDossierEdit(DossierEdit):
    """A whole new set of answers; the citizen reads them with the questions of the procedure."""

    procedure_code: ProcedureCode = Field(description="as the dossier's; refused where it is of another one")


class UpdateDossierAct(Body):
    """Replace answers; `request` is the body of `PATCH /v1/dossiers/{dossier_id}`, with its `procedure_code`."""

    operation: Literal["UPDATE_DOSSIER"]
    dossier_id: Id
    version: Version
    request: ShownDossierEdit


class SubmitDossierAct(Body):
    """Hand a draft in."""

    operation: Literal["SUBMIT_DOSSIER"] = Field(examples=["SUBMIT_DOSSIER"])
    dossier_id: Id
    version: Version


class SupplySupplementAct(Body):
    """Hand in what was asked."""

    operation: Literal["SUPPLY_SUPPLEMENT"]
    dossier_id: Id
    version: Version


class RequestConsultationAct(Body):
    """Ask for a consultation; `request` is the body of `POST /v1/consultations`."""

    operation: Literal["REQUEST_CONSULTATION"]
    request: NewConsultation


class OfferSlotAct(Body):
    """Hold a slot of a facility; `request` is the body of `POST /v1/consultations/{consultation_id}/offer`."""

    operation: Literal["OFFER_SLOT"]
    consultation_id: Id
    version: Version
    facility_code: FacilityCode
    request: SlotChoice


class ShownConfirmation(Confirmation):
    """Books a hold whose time the citizen reads."""

    shown_starts_at: Instant


class ConfirmOfferAct(Body):
    """Book a held slot; `request` is the body of `…/{consultation_id}/confirm`, with its `shown_starts_at`."""

    operation: Literal["CONFIRM_OFFER"]
    consultation_id: Id
    version: Version
    request: ShownConfirmation


Act = Annotated[
    SubmitDossierAct
    | CreateDossierAct
    | UpdateDossierAct
    | SupplySupplementAct
    | RequestConsultationAct
    | OfferSlotAct
    | ConfirmOfferAct,
    Field(discriminator="operation"),
]


class NewAssistedAct(Body):
    """The one act to be put before the citizen: exactly the request that is to be made afterwards."""

    act: Act


class AssistedDetail(Answer):
    """One thing the request holds beside what the summary names: an answer, the complaint, the time."""

    label: Text = Field(
        description="the question of the form or the name of the field",
        examples=[{"vi": "Trẻ sinh ra ở đâu?", "en": "Trẻ sinh ra ở đâu?"}],
    )
    value: str = Field(examples=["Sinh tại cơ sở y tế"], description="as typed, a choice by its text")


class AssistedAct(Answer):
    """An act and what became of it; carried out by the ordinary route with its id in `X-Assisted-Act`."""

    id: Id
    operation: str = known(
        "CREATE_DOSSIER",
        "UPDATE_DOSSIER",
        "SUBMIT_DOSSIER",
        "SUPPLY_SUPPLEMENT",
        "REQUEST_CONSULTATION",
        "OFFER_SLOT",
        "CONFIRM_OFFER",
    )
    status: str = known("AWAITING_CONFIRMATION", "CONFIRMED", "DECLINED", "LAPSED")
    summary: Text | None = Field(
        description="what the citizen is asked; null in answers to writes",
        examples=[{"vi": "Nộp hồ sơ HS-4K7Q2M9XTB (bản số 2).", "en": "Hand in dossier HS-4K7Q2M9XTB (version 2)."}],
    )
    details: list[AssistedDetail] = Field(
        description="everything else the request holds, as it will be done; empty for helpers and in answers to writes"
    )
    proposed_at: Instant


class AssistedSession(Answer):
    """A session: who helps with what, until when, and the acts put before the citizen, oldest first."""

    id: Id
    purpose: str = known("SUBMIT_DOSSIER", "SUPPLEMENT_DOSSIER", "BOOK_CONSULTATION")
    status: str = known("AWAITING_APPROVAL", "OPEN", "ENDED")
    helper_kind: str = known("DIGITAL_TEAM", "OFFICER", "STATION_OFFICER")
    helper_organization: str = Field(examples=["H55.242"])
    started_at: Instant
    expires_at: Instant
    end_cause: str | None = Field(
        examples=[None], description="DECLINED, ENDED_BY_CITIZEN, ENDED_BY_HELPER, EXPIRED or ANOTHER_OPEN"
    )
    ended_at: Instant | None = Field(examples=[None])
    acts: list[AssistedAct]


class AssistedSessionPage(Page[AssistedSession]):
    """A page of the citizen's sessions, newest first."""
