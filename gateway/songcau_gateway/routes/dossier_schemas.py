"""What clients send about dossiers, and the closed lists both sides use."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from songcau_gateway.routes.fields import (
    AgencyCode,
    Body,
    Line,
    Note,
    PageQuery,
    ProcedureCode,
    Reason,
    choices,
    clean_tree,
)

STATES = (
    "DRAFT",
    "SUBMITTED",
    "ACCEPTED",
    "NOT_ACCEPTED",
    "PROCESSING",
    "SUPPLEMENT_REQUIRED",
    "PAYMENT_REQUIRED",
    "WITHDRAWN",
    "STOPPED",
    "RESOLVED",
    "RETURNED",
)
ACTIONS = (
    "UPDATE",
    "ATTACH",
    "REUSE_PAPER",
    "SUBMIT",
    "PAY",
    "ACCEPT",
    "REFUSE",
    "REQUEST_SUPPLEMENT",
    "SUPPLY_SUPPLEMENT",
    "REQUIRE_PAYMENT",
    "START_PROCESSING",
    "PROPOSE_DECISION",
    "RESOLVE",
    "RETURN",
    "WITHDRAW",
    "STOP",
)
Answers = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=100)], JsonValue],
    Field(max_length=200, examples=[{"birth_place": "HOSPITAL"}]),
    AfterValidator(clean_tree),
]
ComponentKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]


class DossierQuery(PageQuery):
    """Which dossiers."""

    status: Annotated[str, StringConstraints(pattern=choices(*STATES))] | None = Field(
        default=None, description="one or more states, comma between", examples=["SUBMITTED,ACCEPTED"]
    )
    agency_code: AgencyCode | None = Field(default=None, description="one of the officer's agencies")
    own: bool = Field(default=False, description="the caller's own dossiers, also of an officer")


class NewDossier(Body):
    """A draft to be opened for the calling citizen."""

    procedure_code: ProcedureCode
    sub_case_code: Annotated[str, StringConstraints(pattern=r"^[0-9]\.[0-9]{6}\.[0-9]{2}$")] | None = Field(
        default=None, examples=[None], description="required when the procedure has sub-cases"
    )
    channel: Literal["ONLINE", "DIRECT", "POSTAL"] = "ONLINE"
    receiving_agency_code: AgencyCode
    helping_agency_code: AgencyCode | None = Field(default=None, examples=[None], description="who helped writing it")
    answers: Answers = Field(default_factory=dict, examples=[{"birth_place": "HOSPITAL"}])


class DossierEdit(Body):
    """The whole new set of answers, not a difference."""

    answers: Answers
    procedure_code: ProcedureCode | None = Field(
        default=None, examples=[None], description="whose questions were shown; refused where the dossier is of another"
    )


class Grounds(Body):
    """Why a step is taken; the citizen reads it."""

    reason: Reason = Field(examples=["Hồ sơ không thuộc thẩm quyền giải quyết của xã."])


class SupplementItemWish(Body):
    """One paper that is missing or wrong."""

    component_key: ComponentKey | None = Field(default=None, examples=["birth_certificate_notice"])
    name: Line = Field(examples=["Giấy chứng sinh"])
    instruction: Note | None = Field(default=None, examples=["Ảnh chụp bị mờ, đề nghị chụp lại rõ cả hai mặt."])


class SupplementWish(Body):
    """Papers an officer asks for, each by name (form 02)."""

    items: list[SupplementItemWish] = Field(min_length=1, max_length=50)
    note: Reason | None = Field(default=None, examples=[None])


class ResultFact(Body):
    """One line of the result paper."""

    label: Line = Field(examples=["Số đăng ký"])
    value: Line = Field(examples=["12/2026"])


class DecisionDraft(Body):
    """What shall be decided, in one to three sentences, for the leader to sign."""

    decision: Annotated[Note, StringConstraints(max_length=2000)] = Field(
        examples=["Đã đăng ký khai sinh theo quy định của Luật Hộ tịch."]
    )
    facts: list[ResultFact] = Field(default=[], max_length=40)


class Decision(DecisionDraft):
    """What is decided, in one to three sentences; printed on the result. Left out, what was proposed is signed."""

    decision: Annotated[Note, StringConstraints(max_length=2000)] | None = Field(  # type: ignore[assignment]
        default=None, examples=["Đã đăng ký khai sinh theo quy định của Luật Hộ tịch."]
    )


class FeeAmount(Body):
    """A fee in whole đồng."""

    amount: int = Field(ge=1, le=1_000_000_000, examples=[50000])
    currency: Literal["VND"] = "VND"


class FeeDemand(Body):
    """The fee to be paid; the procedure's own where none is given."""

    fee: FeeAmount | None = Field(
        default=None,
        examples=[{"amount": 50000, "currency": "VND"}],
        description="only where the procedure leaves the fee to a resolution of the province's council",
    )

    def plain(self) -> dict[str, Any]:
        """Return the amount as the service takes it."""
        return {"amount": self.fee.amount if self.fee else 0}


class HandOver(Body):
    """How the result reaches the citizen."""

    method: Literal["ONLINE", "COUNTER", "POSTAL"] = "ONLINE"
