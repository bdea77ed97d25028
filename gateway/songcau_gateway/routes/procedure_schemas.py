"""What the API says about administrative procedures."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.fields import Answer, LegalDate, Money, Page, PageQuery, known

_CHANNELS = ("ONLINE", "DIRECT", "POSTAL")
SearchText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_LEVELS = ("FULL", "PARTIAL", "INFORMATION")


class ProcedureSearch(PageQuery):
    """What to look for in the catalogue."""

    q: SearchText | None = Field(
        default=None, description="a code or words, with or without accents", examples=["dang ky khai sinh"]
    )
    field: SearchText | None = Field(default=None, description="field code or name", examples=["G15-TP07"])
    authority: SearchText | None = Field(default=None, description="words of the deciding authority")
    authority_level: Literal["COMMUNE", "PROVINCE", "MINISTRY"] | None = None
    service_level: Literal["FULL", "PARTIAL", "INFORMATION"] | None = None
    online: bool | None = Field(default=None, description="accepts online submission")
    on: date | None = Field(default=None, description="validity date in Vietnam; today when absent")


class ProcedureLine(Answer):
    """A procedure in a list."""

    code: str = Field(examples=["1.001193"])
    name: str = Field(examples=["Đăng ký khai sinh"])
    field_code: str | None = Field(examples=["G15-TP07"])
    field_name: str | None = Field(examples=["Hộ tịch"])
    authority: str | None = Field(examples=["Ủy ban nhân dân cấp xã"])
    authority_levels: list[str] = Field(examples=[["COMMUNE"]])
    service_level: str | None = known(*_LEVELS)
    online: bool = Field(examples=[True])
    source: str | None = known("CURATED", "NATIONAL")
    detailed: bool = Field(description="false: only the list record is known, no papers, times or fees yet")


class ProcedurePage(Page[ProcedureLine]):
    """A page of procedures, best match first."""


class Condition(Answer):
    """Holds when the answer to the question is one of the values."""

    question: str = Field(examples=["birth_place"])
    values: list[str] = Field(examples=[["HOSPITAL"]])


class Choice(Answer):
    """One possible answer to a question."""

    value: str = Field(examples=["HOSPITAL"])
    text: str = Field(examples=["Sinh tại cơ sở y tế"])


class Question(Answer):
    """A fact of the case that decides papers, time or fee."""

    key: str = Field(examples=["birth_place"])
    text: str = Field(examples=["Trẻ sinh ra ở đâu?"])
    choices: list[Choice]


class ProcessingTime(Answer):
    """A processing time; the first whose channel and conditions fit applies."""

    channel: str | None = known(*_CHANNELS, note="null means every channel")
    value: int = Field(examples=[1])
    unit: str | None = known("WORKING_DAY", "DAY", "HOUR", "MONTH")
    same_day: bool = Field(description="due on the day of acceptance, the next working day after 15:00")
    when: list[Condition]
    note: str | None = Field(examples=[None])


class Fee(Answer):
    """A fee; null where the provincial council sets it elsewhere."""

    channel: str | None = known(*_CHANNELS, note="null means every channel")
    kind: str | None = known("FEE", "SERVICE_FEE", "PRICE_LEVEL")
    price: Money | None
    basis: str | None = known("DOSSIER", "COPY", "PAGE", "PERSON")
    tier_from: int | None = Field(examples=[None], description="from this page, copy or person on `tier_price` counts")
    tier_price: Money | None
    cap: Money | None
    when: list[Condition]
    note: str | None = Field(examples=[None])


class SubCase(Answer):
    """A sub-case with its own times and fees; without them those of the procedure count."""

    code: str = Field(examples=["1.001193.01"])
    name: str = Field(examples=["Đăng ký khai sinh tại Ủy ban nhân dân cấp xã"])
    times: list[ProcessingTime]
    fees: list[Fee]


class DocumentComponent(Answer):
    """A paper of the dossier."""

    key: str = Field(examples=["birth_certificate_notice"], description="attachments name it")
    name: str = Field(examples=["Giấy chứng sinh"])
    kind: str | None = known("SUBMIT", "PRESENT")
    originals: int = Field(examples=[1])
    copies: int = Field(examples=[0])
    national_code: str | None = Field(examples=["000.00.00.G15-KQ004946"])
    has_form: bool
    looked_up: bool = Field(description="the agency looks it up itself")
    when: list[Condition]
    note: str | None = Field(examples=[None])


class DocumentGroup(Answer):
    """Papers that belong together."""

    key: str = Field(examples=["birth_proof"])
    title: str = Field(examples=["Giấy tờ chứng minh việc sinh"])
    rule: str | None = known("ALL_OF", "ONE_OF", "AS_NEEDED")
    when: list[Condition]
    documents: list[DocumentComponent]


class ResultType(Answer):
    """A paper the citizen receives at the end."""

    code: str | None = Field(examples=["KQ.G15.000031"])
    name: str = Field(examples=["Giấy khai sinh"])


class LegalBasis(Answer):
    """A law the procedure rests on."""

    number: str = Field(examples=["60/2014/QH13"])
    name: str = Field(examples=["Luật Hộ tịch"])


class ExecutionStep(Answer):
    """A step of the procedure, for reading."""

    name: str = Field(examples=["Nộp hồ sơ"])
    text: str = Field(examples=["Người yêu cầu nộp hồ sơ trực tuyến hoặc tại trung tâm phục vụ hành chính công."])


class ProcedureVersion(Answer):
    """What one version of a procedure says, and from when until when."""

    id: str = Field(examples=["019ab6c2-7c1e-7000-8000-000000000002"])
    number: int = Field(examples=[1])
    source: str | None = known("CURATED", "NATIONAL")
    valid_from: LegalDate | None
    valid_to: LegalDate | None
    name: str = Field(examples=["Đăng ký khai sinh"])
    field_code: str | None = Field(examples=["G15-TP07"])
    field_name: str | None = Field(examples=["Hộ tịch"])
    authority: str | None = Field(examples=["Ủy ban nhân dân cấp xã"])
    authority_levels: list[str] = Field(examples=[["COMMUNE"]])
    service_level: str | None = known(*_LEVELS)
    detailed: bool = Field(description="false: only the list record is known, no papers, times or fees yet")
    channels: list[str] = Field(examples=[["DIRECT", "ONLINE"]])
    non_territorial: bool = Field(description="received by any counter of the province")
    minimum_ial: int = Field(examples=[2], description="lowest identity assurance level of the applicant")
    open_to_heirs: bool = Field(default=False, description="an heir begins it in the name of somebody who died")
    fee_collection: str | None = known("BEFORE", "AFTER", "EXEMPT")
    questions: list[Question]
    sub_cases: list[SubCase]
    times: list[ProcessingTime]
    fees: list[Fee]
    document_groups: list[DocumentGroup]
    results: list[ResultType]
    legal_bases: list[LegalBasis]
    steps: list[ExecutionStep]
    guidance: list[str] = Field(examples=[[]], description="advice listed among the papers of the national record")
    targets: list[str] = Field(examples=[["Công dân Việt Nam"]])
    conditions: str | None = Field(examples=[None])
    promulgated_by: str | None = Field(examples=["Bộ Tư pháp"])


class VersionLine(Answer):
    """One line of the history of a procedure."""

    id: str = Field(examples=["019ab6c2-7c1e-7000-8000-000000000002"])
    number: int = Field(examples=[1])
    source: str | None = known("CURATED", "NATIONAL")
    valid_from: LegalDate | None
    valid_to: LegalDate | None


class Procedure(Answer):
    """A procedure with the version in force and its history, newest first."""

    code: str = Field(examples=["1.001193"])
    version: int = Field(examples=[1])
    current: ProcedureVersion
    versions: list[VersionLine]
