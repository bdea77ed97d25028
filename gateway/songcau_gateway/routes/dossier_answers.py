"""What the API says about dossiers: the four axes of the state, the deadline with its computation, the papers."""

from typing import Any

from pydantic import Field

from songcau_gateway.routes.attachment_schemas import Attachment
from songcau_gateway.routes.dossier_schemas import ACTIONS, STATES
from songcau_gateway.routes.fields import Answer, Id, Instant, LegalDate, Money, Page, PartialDate, known


class DossierStatus(Answer):
    """The four axes of a dossier at one moment, and what this caller may do now."""

    code: str = known(*STATES)
    national_code: int = Field(examples=[1], description="national list, 1 to 10; 0 for a draft")
    finished: bool
    reason: str | None = Field(examples=[None], description="in the words of the officer or the citizen")
    next_actions: list[str] = Field(
        examples=[["SUBMIT", "WITHDRAW"]], json_schema_extra={"x-known-values": list(ACTIONS)}
    )
    finance: str | None = known("NOT_DUE", "DUE", "PENDING", "PAID", "EXEMPT", "CANCELLED", "REFUND_DUE", "REFUNDED")
    delivery: str | None = known("NOT_READY", "READY", "ON_THE_WAY", "DELIVERED")
    synchronisation: str | None = known("NOT_NEEDED", "PENDING", "SYNCHRONISED", "FAILED")


class DossierAgencies(Answer):
    """The three organisations of a dossier: who helped, who received, who decides."""

    helping_agency_code: str | None = Field(examples=[None])
    receiving_agency_code: str | None = Field(examples=["H55.242"])
    authority_agency_code: str | None = Field(examples=["H55.242"])


class Applicant(Answer):
    """The applicant as identity described them when the draft was made."""

    full_name: str = Field(examples=["Nguyễn Thị Sao Mai"])
    identifier_masked: str | None = Field(examples=["019•••••0001"])
    birth_date: PartialDate | None
    phone: str | None = Field(examples=["+84912000111"])
    address: str | None = Field(examples=[None])
    legal_representative: str | None = Field(
        examples=[None], description="who represented the organisation by law then; null for a person"
    )


class DeadlinePause(Answer):
    """A stretch of time in which the clock stood still; `to` is null while it does now."""

    from_: Instant = Field(alias="from")
    to: Instant | None
    reason: str | None = known("SUPPLEMENT_REQUIRED", "PAYMENT_REQUIRED")


class DueDate(Answer):
    """One due date the dossier had; none is overwritten."""

    due_date: LegalDate
    set_at: Instant
    cause: str = known("ACCEPTED", "SUPPLEMENT_SUPPLIED", "PAID")


class DeadlineStep(Answer):
    """One step of the computation, in words."""

    code: str = Field(examples=["COUNT_WORKING_DAYS"])
    text: str = Field(examples=["Đếm 1 ngày làm việc từ ngày tiếp nhận."])


class Deadline(Answer):
    """When the dossier must be resolved, and every step of the computation."""

    due_date: LegalDate
    days_left: int = Field(examples=[1], description="negative when overdue; stands still while paused")
    unit: str | None = known("WORKING_DAY", "DAY", "HOUR", "MONTH")
    amount: int = Field(examples=[1])
    paused: list[DeadlinePause]
    history: list[DueDate] = Field(description="oldest first; the last one counts")
    explained: list[DeadlineStep]


class SupplementItem(Answer):
    """One paper that was asked for."""

    component_key: str | None = Field(examples=["birth_certificate_notice"])
    name: str = Field(examples=["Giấy chứng sinh"])
    instruction: str | None = Field(examples=["Ảnh chụp bị mờ, đề nghị chụp lại rõ cả hai mặt."])


class Supplement(Answer):
    """Papers an officer asked for; `supplied_at` is null until the citizen supplied."""

    items: list[SupplementItem]
    note: str | None = Field(examples=[None])
    requested_at: Instant
    supplied_at: Instant | None


class Result(Answer):
    """The result of a dossier, without its file."""

    code: str = Field(examples=["7K3M-9QXT-2HVB-W4PC"])
    verification_url: str | None = Field(examples=["http://127.0.0.1:8080/verify/7K3M-9QXT-2HVB-W4PC"])
    signed_at: Instant | None
    signer: str | None = Field(examples=["Ủy ban nhân dân xã La Hiên"])
    revoked: bool
    revocation_reason: str | None = Field(examples=[None])


class DecisionFact(Answer):
    """One line of the table below a decision."""

    label: str = Field(examples=["Số đăng ký"])
    value: str = Field(examples=["12/2026"])


class ProposedDecision(Answer):
    """What an officer drafted for the leader to sign."""

    decision: str = Field(examples=["Đã đăng ký khai sinh theo quy định của Luật Hộ tịch."])
    facts: list[DecisionFact]
    proposed_at: Instant


class DossierLine(Answer):
    """A dossier in a list, without personal data."""

    id: Id
    code: str | None = Field(examples=["H55.242-261123-0001"], description="number given at acceptance")
    reference: str | None = Field(examples=["D7K2M9QX"], description="short reference from the first draft on")
    version: int = Field(examples=[4])
    citizen_id: Id
    procedure_code: str = Field(examples=["1.001193"])
    procedure_name: str = Field(examples=["Đăng ký khai sinh"])
    sub_case_code: str | None = Field(examples=[None])
    channel: str | None = known("ONLINE", "DIRECT", "POSTAL")
    status: DossierStatus
    agencies: DossierAgencies
    deadline: Deadline | None
    created_at: Instant | None
    submitted_at: Instant | None
    accepted_at: Instant | None
    finished_at: Instant | None
    updated_at: Instant | None


class Dossier(DossierLine):
    """One request for administrative work by one citizen."""

    procedure_version_id: str | None = Field(examples=["019ab6c2-7c1e-7000-8000-000000000002"])
    applicant: Applicant | None
    answers: dict[str, Any] = Field(examples=[{"birth_place": "HOSPITAL"}])
    attachments: list[Attachment]
    fee: Money
    fee_collection: str | None = known("BEFORE", "AFTER", "EXEMPT")
    fee_paid: Money = Field(description="what arrived and was not paid back")
    fee_due: Money = Field(description="what of the fee is unpaid")
    fee_refund_due: Money = Field(description="what of the money paid goes back")
    supplements: list[Supplement] = Field(description="newest first")
    result: Result | None
    proposed_decision: ProposedDecision | None = Field(description="for officers and leaders, until it is signed")


class DossierPage(Page[DossierLine]):
    """A page of dossiers, newest first."""


class ChecklistItem(Answer):
    """Whether one paper is needed and there."""

    component_key: str = Field(examples=["birth_certificate_notice"])
    name: str = Field(examples=["Giấy chứng sinh"])
    group_key: str | None = Field(examples=["birth_proof"])
    one_of: bool = Field(description="papers of one group stand for each other")
    state: str = known("SATISFIED", "MISSING", "DEPENDS", "NOT_NEEDED", "PRESENT_LATER")
    originals: int = Field(examples=[1])
    copies: int = Field(examples=[0])
    depends_on: list[str] = Field(examples=[[]], description="questions still open that decide about this paper")
    attachment_ids: list[str] = Field(examples=[[]])


class Checklist(Answer):
    """Which papers the answers make necessary, and which are there."""

    items: list[ChecklistItem]
    open_questions: list[str] = Field(examples=[["birth_place"]])
    complete: bool = Field(description="the dossier may be submitted as it stands")


class HistoryEntry(Answer):
    """One step of a dossier's way."""

    action: str | None = known(*ACTIONS)
    from_state: str | None = known(*STATES)
    to_state: str | None = known(*STATES)
    at: Instant
    actor_kind: str = known("CITIZEN", "OFFICER", "LEADER", "SYSTEM")
    actor_agency_code: str | None = Field(examples=["H55.242"])
    reason: str | None = Field(examples=[None])
    dossier_version: int = Field(examples=[2])


class HistoryPage(Page[HistoryEntry]):
    """A page of a dossier's history, oldest first."""
