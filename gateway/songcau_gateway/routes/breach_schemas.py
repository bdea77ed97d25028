"""What the API says about breaches of personal data."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from songcau_gateway.routes.fields import Answer, Body, Id, Instant, LegalDate, Line, Note, Page, known

Category = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=60)]
Words = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=200)]
_STATES = ("OPEN", "NOTIFIED", "CLOSED", "DISMISSED")


class BreachFacts(Body):
    """What is known about a breach; nobody's name belongs in the texts, which are kept encrypted."""

    detected_at: Instant
    has_biometric_data: bool = Field(examples=[False])
    has_location_data: bool = Field(examples=[False])
    categories: list[Category] = Field(
        min_length=1, max_length=20, examples=[["health"]], description="ids of the register of processing activities"
    )
    description: Note = Field(examples=["Một tài khoản cán bộ bị chiếm quyền và tra cứu nhiều hồ sơ."])
    consequences: Note | None = Field(default=None, examples=["Thông tin sức khỏe có thể bị lộ."])
    measures: Note | None = Field(default=None, examples=["Đã khóa tài khoản, kết thúc mọi phiên."])


class BreachWindow(Body):
    """Which accesses the breach consists of; an account or an application is named."""

    from_: Instant = Field(alias="from")
    to: Instant
    actor_id: Words | None = Field(default=None, examples=["3f0c7a52"], description="the account that was misused")
    client_id: Words | None = Field(default=None, examples=[None], description="the application that was misused")
    service: Literal["identity", "eservices", "telehealth"] | None = Field(default=None, examples=[None])

    @model_validator(mode="before")
    @classmethod
    def _named(cls, values: Any) -> Any:
        if isinstance(values, dict) and not (values.get("actor_id") or values.get("client_id")):
            raise ValueError("give actor_id or client_id")
        return values


class BreachNotice(Body):
    """That somebody was told."""

    audience: Literal["AUTHORITY", "PERSONS"] = Field(examples=["AUTHORITY"])
    told_at: Instant
    reference: Line = Field(max_length=100, examples=["12/TB-UBND"], description="number of the letter or receipt")


class BreachEnd(Body):
    """How a breach ends."""

    dismissed: bool = Field(default=False, examples=[False], description="it turned out to be none")


class Breach(Answer):
    """A breach and its clock."""

    id: Id
    version: int = Field(examples=[2])
    state: str | None = known(*_STATES)
    detected_at: Instant | None
    has_biometric_data: bool
    has_location_data: bool
    categories: list[str] = Field(examples=[["health"]])
    notice_due_at: Instant | None = Field(description="72 hours after detection")
    missing_notices: list[str] = Field(examples=[["AUTHORITY"]], description="who must be told and was not")
    overdue: bool
    authority_told_at: Instant | None
    persons_told_at: Instant | None
    closed_at: Instant | None
    kept_until: LegalDate | None = Field(description="the file is kept at least until then; null while open")
    persons: int = Field(examples=[37], description="persons found to be touched so far")


class BreachStep(Answer):
    """One step that was taken."""

    version: int = Field(examples=[1])
    act: str = known("OPEN", "AMEND", "ASSESS", "TELL_AUTHORITY", "TELL_PERSONS", "CLOSE", "DISMISS")
    taken_by: str = Field(description="the data officer's account", examples=["3f0c7a52"])
    taken_at: Instant | None
    reference: str | None = Field(examples=["12/TB-UBND"])


class BreachFile(Breach):
    """A breach with its texts and steps."""

    description: str = Field(examples=["Một tài khoản cán bộ bị chiếm quyền."])
    consequences: str | None = Field(examples=["Thông tin sức khỏe có thể bị lộ."])
    measures: str | None = Field(examples=["Đã khóa tài khoản."])
    steps: list[BreachStep]


class BreachPage(Page[Breach]):
    """A page of breaches, the one detected first before the others."""


class BreachPerson(Answer):
    """One person who was touched, by internal id."""

    citizen_id: Id
    accesses: int = Field(examples=[3])
    first_at: Instant | None
    last_at: Instant | None


class BreachPersonPage(Page[BreachPerson]):
    """A page of who was touched."""
