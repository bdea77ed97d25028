"""What the API says about look-ups that need an explanation."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from songcau_gateway.routes.access_schemas import Access
from songcau_gateway.routes.fields import (
    Answer,
    Body,
    Id,
    Instant,
    LegalDate,
    Page,
    PageQuery,
    choices,
    iso,
    known,
    split,
)

STATES = ("OPEN", "ASKED", "ANSWERED", "EXPLAINED", "ESCALATED", "DISMISSED")
KINDS = ("LOOK_UP_WITHOUT_CASE", "NEIGHBOUR", "RELATIVE", "WATCHED_CITIZEN", "BULK", "OWN_RECORD")
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class AnomalyQuery(PageQuery):
    """Which anomalies a data officer lists; filters narrow together, several values with a comma between."""

    state: Annotated[str, StringConstraints(pattern=choices(*STATES))] | None = Field(
        default=None, description="where they stand", examples=["OPEN,ANSWERED"]
    )
    kind: Annotated[str, StringConstraints(pattern=choices(*KINDS))] | None = Field(
        default=None, description="why they need an explanation", examples=["NEIGHBOUR,RELATIVE"]
    )
    officer_id: Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=200)] | None = Field(
        default=None, description="one officer's account", examples=["3f0c7a52"]
    )
    first_day: date | None = Field(default=None, description="legal day, taken in", examples=["2026-11-01"])
    last_day: date | None = Field(default=None, description="legal day, taken in", examples=["2026-11-30"])

    def filters(self) -> dict[str, Any]:
        """Return the filters for the message of the service."""
        return {
            "states": split(self.state),
            "kinds": split(self.kind),
            "officer_id": self.officer_id,
            "first_day": iso(self.first_day),
            "last_day": iso(self.last_day),
        }


class AnomalyQuestion(Body):
    """What an officer is asked."""

    question: Words = Field(examples=["Đề nghị nêu lý do tra cứu ngày 23/11/2026."])


class AnomalyExplanation(Body):
    """What the officer answers, once."""

    explanation: Words = Field(examples=["Công dân đến bàn tiếp nhận hỏi thủ tục rồi về, không nộp hồ sơ."])


class AnomalyDecision(Body):
    """How an anomaly ends; EXPLAINED only after the officer answered, ESCALATED names a breach of the register."""

    decision: Literal["EXPLAINED", "ESCALATED", "DISMISSED"] = Field(examples=["EXPLAINED"])
    note: Words = Field(examples=["Đã đối chiếu sổ tiếp công dân trong ngày."])
    breach_id: Id | None = Field(default=None, description="with ESCALATED, and only then", examples=[None])

    @model_validator(mode="after")
    def _named(self) -> "AnomalyDecision":
        if (self.decision == "ESCALATED") != (self.breach_id is not None):
            raise ValueError("give breach_id with ESCALATED, and only then")
        return self


class Anomaly(Answer):
    """An officer's look-ups of a day that need an explanation for one reason."""

    id: Id
    version: int = Field(examples=[1])
    kind: str = known(*KINDS)
    state: str = known(*STATES)
    officer_id: str = Field(description="the officer's account, a pseudonym", examples=["3f0c7a52"])
    organization: str | None = Field(examples=["H55.242"], description="agencies, comma between")
    day: LegalDate
    citizen_id: Id | None = Field(description="null for LOOK_UP_WITHOUT_CASE and BULK, which are about many")
    look_ups: int = Field(examples=[2])
    found_at: Instant
    asked_at: Instant | None
    explained_at: Instant | None
    decided_at: Instant | None
    breach_id: Id | None = Field(description="the breach it was escalated to")


class OwnAnomalyDetails(Anomaly):
    """What the signed-in officer was asked about, with the question and the entries."""

    entries: list[Access] = Field(description="at most 200, the oldest first; `own` is not told here")
    more_entries: bool = Field(description="there are more than are shown")
    question: str | None = Field(examples=["Đề nghị nêu lý do tra cứu ngày 23/11/2026."])
    explanation: str | None = Field(examples=[None])


class AnomalyDetails(OwnAnomalyDetails):
    """An anomaly as a data officer reads it."""

    note: str | None = Field(examples=[None], description="what was noted with the decision")
    access_complaint_ids: list[str] = Field(
        examples=[["019ab6c2-7c1e-7000-8000-00000000000c"]], description="complaints of citizens about the same entries"
    )


class AnomalyPage(Page[Anomaly]):
    """A page of anomalies, the newest day first."""


class NewWatchedCitizen(Body):
    """A citizen whose look-ups without a case are always told."""

    citizen_id: Id
    reason: Words = Field(examples=["Người có ảnh hưởng, từng bị tra cứu trái phép."])


class WatchedCitizen(Answer):
    """A citizen on the list, without the reason."""

    id: Id
    version: int = Field(examples=[1])
    citizen_id: Id
    watched_by: str = Field(description="the data officer's account", examples=["3f0c7a52"])
    watched_at: Instant
    ended_at: Instant | None


class WatchedCitizenWithReason(WatchedCitizen):
    """A citizen on the list."""

    reason: str | None = Field(examples=["Người có ảnh hưởng, từng bị tra cứu trái phép."])


class WatchedCitizenPage(Page[WatchedCitizenWithReason]):
    """A page of watched citizens, those put there last first."""
