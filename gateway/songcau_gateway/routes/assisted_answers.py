"""What a helper learns after carrying an act out: enough to go on, nothing of the person."""

from pydantic import Field

from songcau_gateway.routes.consultation_answers import Offer
from songcau_gateway.routes.fields import Answer, Id
from songcau_gateway.routes.result_schemas import SummaryPractitioner


class AssistedDossier(Answer):
    """What a helper learns of a dossier after an act: no applicant, no answers, no papers."""

    id: Id
    reference: str = Field(examples=["HS-4K7Q2M9XTB"])
    code: str | None = Field(examples=[None])
    version: int = Field(examples=[3])
    state: str = Field(examples=["SUBMITTED"])


class AssistedConsultation(Answer):
    """What a helper learns of a consultation after an act: no patient, no complaint."""

    id: Id
    version: int = Field(examples=[3])
    state: str = Field(examples=["SCHEDULED"])
    offer: Offer | None
    practitioner: SummaryPractitioner | None
