"""What the API says about complaints about accesses."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.access_schemas import Access
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, LegalDate, Page, PageQuery, known

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class NewAccessComplaint(Body):
    """What is wrong with an access."""

    details: Words = Field(examples=["Tôi không nộp hồ sơ nào tại cơ quan này."])


class AccessComplaintAnswer(Body):
    """What a data officer found, and words that the citizen reads."""

    finding: Literal["JUSTIFIED", "UNJUSTIFIED", "UNRESOLVED"] = Field(examples=["UNJUSTIFIED"])
    answer: Words = Field(examples=["Lượt tra cứu không có căn cứ; cơ quan đã xử lý cán bộ liên quan."])


class AccessComplaint(Answer):
    """One complaint without what anybody wrote in it."""

    id: Id
    citizen_id: Id
    state: str = known("RECEIVED", "ACKNOWLEDGED", "ANSWERED", "WITHDRAWN")
    version: int = Field(examples=[2])
    access: Access = Field(description="the entry as it stood when the complaint was made; `own` is not told here")
    received_at: Instant
    acknowledge_by: LegalDate = Field(description="two working days from the day it was received")
    overdue: bool = Field(description="not acknowledged, and the day has passed")
    acknowledged_at: Instant | None
    answered_at: Instant | None
    finding: str | None = known("JUSTIFIED", "UNJUSTIFIED", "UNRESOLVED", note="what was found; null until answered")


class AccessComplaintDetails(AccessComplaint):
    """A complaint with what was written in it; words that were withdrawn or erased are null."""

    details: str | None = Field(examples=["Tôi không nộp hồ sơ nào tại cơ quan này."])
    answer: str | None = Field(examples=[None])


class AccessComplaintCase(AccessComplaintDetails):
    """A complaint as a data officer reads it."""

    anomaly_ids: list[str] = Field(
        examples=[["019ab6c2-7c1e-7000-8000-00000000000d"]], description="anomalies that the same entry is part of"
    )


class AccessComplaintPage(Page[AccessComplaint]):
    """A page of complaints."""


class AccessComplaintQuery(PageQuery):
    """Which complaints a data officer lists."""

    answered: bool = Field(
        default=False, description="those that were answered, newest first, instead of the open ones"
    )
