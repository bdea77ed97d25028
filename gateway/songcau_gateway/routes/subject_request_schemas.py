"""What the API says about requests of people about their data."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.citizen_record_schemas import DocumentEvidence
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, LegalDate, Page, PageQuery, known

Kind = Literal["VIEW", "CORRECT", "COPY", "RESTRICT", "OBJECT", "WITHDRAW_CONSENT", "DELETE", "PROTECT"]
Words = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]
GivenWords = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Activity = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
_VERSION = Field(examples=[2])


class NewSubjectRequest(Body):
    """What a citizen asks for about their own data."""

    kind: Kind = Field(examples=["COPY"])
    activity: Activity | None = Field(
        default=None,
        examples=[None],
        description="id of a processing activity, needed for RESTRICT and OBJECT; absent: all of them",
    )
    details: Words = Field(
        default="",
        examples=["Tôi muốn nhận bản sao dữ liệu của mình."],
        description="needed for CORRECT, OBJECT and PROTECT",
    )


class PaperSubjectRequest(NewSubjectRequest):
    """What a person asks for on paper, when it came, and the document an officer keeps of it."""

    channel: Literal["COUNTER", "POST"] = Field(examples=["COUNTER"], description="handed in, or sent")
    received_on: LegalDate = Field(
        examples=["2026-11-26"], description="the day it came, from which the clocks run; at most 365 days ago"
    )
    evidence: DocumentEvidence


class SubjectRequestAcknowledgement(Body):
    """Whether processors or third parties take part, which gives more time where the law has it."""

    third_party: bool = Field(default=False, examples=[False])


class SubjectRequestExtension(Body):
    """Why more time is needed, for the citizen to read."""

    answer: GivenWords = Field(examples=["Cần đối chiếu với cơ quan hộ tịch."])


class SubjectRequestRefusal(Body):
    """Why a request is refused, and the law it rests on."""

    refusal: Literal[
        "RETENTION_LAW", "OPEN_CASE", "OTHER_LEGAL_BASIS", "RIGHTS_OF_OTHERS", "NOTHING_HELD", "UNCLEAR"
    ] = Field(examples=["RETENTION_LAW"])
    legal_reference: Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)] = Field(
        examples=["Thông tư 33/2025/TT-BYT"]
    )
    answer: GivenWords = Field(examples=["Hồ sơ bệnh án phải lưu 10 năm."])


class SubjectRequestCompletion(Body):
    """What was done, for the citizen to read."""

    answer: Words = Field(default="", examples=["Đã hạn chế xử lý dữ liệu của bạn."])
    correction_act_id: Id | None = Field(
        default=None,
        examples=[None],
        description="of a request to correct, required: the act on the same person's record since it was received",
    )


class SubjectRequest(Answer):
    """One request without what anybody wrote in it."""

    id: Id
    citizen_id: Id
    kind: str = known("VIEW", "CORRECT", "COPY", "RESTRICT", "OBJECT", "WITHDRAW_CONSENT", "DELETE", "PROTECT")
    state: str = known("RECEIVED", "ACKNOWLEDGED", "EXECUTING", "COMPLETED", "REFUSED", "WITHDRAWN")
    version: int = _VERSION
    activity: str | None = Field(examples=[None])
    received_at: Instant
    acknowledge_by: LegalDate = Field(description="two working days from the day it was received")
    due_on: LegalDate
    third_party: bool
    extended: bool
    overdue: bool
    acknowledged_at: Instant | None
    ended_at: Instant | None
    refusal: str | None = Field(examples=[None], description="why it was refused")
    channel: str = known("APP", "COUNTER", "POST")
    recorded_for: str | None = Field(examples=[None], description="agencies of who entered a request on paper")


class SubjectRequestPage(Page[SubjectRequest]):
    """A page of requests."""


class RetentionGround(Answer):
    """Something a service must keep."""

    code: str = known("OPEN_DOSSIER", "DOSSIER_RETENTION", "OPEN_CONSULTATION", "HEALTH_RECORD_RETENTION")
    legal_reference: str = Field(examples=["Thông tư 33/2025/TT-BYT"])
    kept_until: LegalDate | None = Field(examples=["2036-11-23"])
    count: int = Field(examples=[1])


class SubjectRequestPart(Answer):
    """What one service answered to a copy or an erasure."""

    holder: str = known("identity", "eservices", "telehealth")
    state: str = known("ASKED", "PROVIDED", "FAILED", "CLEARED", "HELD")
    asked_at: Instant
    answered_at: Instant | None
    attempts: int = Field(examples=[1])
    grounds: list[RetentionGround]
    failure: str | None = Field(examples=[None])


class SubjectRequestStep(Answer):
    """One step a request took."""

    act: str = known("MAKE", "RECORD", "ACKNOWLEDGE", "EXTEND", "EXECUTE", "COMPLETE", "REFUSE", "WITHDRAW")
    state: str = known("RECEIVED", "ACKNOWLEDGED", "EXECUTING", "COMPLETED", "REFUSED", "WITHDRAWN")
    actor_kind: str = known("CITIZEN", "OFFICER", "SYSTEM")
    taken_at: Instant


class SubjectRequestDetails(SubjectRequest):
    """A request with what was written in it."""

    details: str | None = Field(examples=["Tôi muốn nhận bản sao dữ liệu của mình."])
    answer: str | None = Field(examples=["Đã lập bản sao."])
    legal_reference: str | None = Field(examples=[None])
    parts: list[SubjectRequestPart]
    steps: list[SubjectRequestStep]


class SubjectRequestQuery(PageQuery):
    """Which requests a data officer lists."""

    ended: bool = Field(default=False, description="those that ended, newest first, instead of the open ones")
