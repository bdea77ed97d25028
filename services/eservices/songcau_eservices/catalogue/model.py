"""What a procedure of the catalogue is: its versions, sub-cases, times, fees and conditional papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

OWN_PROVINCE = "Thái Nguyên"
SUB_CASE = "sub_case"
"""Question every procedure answers by the chosen sub-case code."""


class Channel(StrEnum):
    """How a dossier reaches the agency."""

    DIRECT = "DIRECT"
    ONLINE = "ONLINE"
    POSTAL = "POSTAL"


class TimeUnit(StrEnum):
    """Unit in which a processing time is counted; an hour is a working hour."""

    WORKING_DAY = "WORKING_DAY"
    DAY = "DAY"
    HOUR = "HOUR"
    MONTH = "MONTH"


class ServiceLevel(StrEnum):
    """How much of a procedure can be done online."""

    FULL = "FULL"
    PARTIAL = "PARTIAL"
    INFORMATION = "INFORMATION"


class AuthorityLevel(StrEnum):
    """The level of government that decides."""

    COMMUNE = "COMMUNE"
    PROVINCE = "PROVINCE"
    MINISTRY = "MINISTRY"


class FeeCollection(StrEnum):
    """When the fee is collected."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"
    EXEMPT = "EXEMPT"


class FeeKind(StrEnum):
    """The national kind of a fee."""

    FEE = "FEE"
    SERVICE_FEE = "SERVICE_FEE"
    PRICE_LEVEL = "PRICE_LEVEL"


class FeeBasis(StrEnum):
    """What one fee amount is multiplied by."""

    DOSSIER = "DOSSIER"
    COPY = "COPY"
    PAGE = "PAGE"
    PERSON = "PERSON"


class DocumentKind(StrEnum):
    """Whether a paper is handed in or only shown."""

    SUBMIT = "SUBMIT"
    PRESENT = "PRESENT"


class GroupRule(StrEnum):
    """Whether every paper of a group is needed, any one of them, or those the officer finds the case calls for."""

    ALL_OF = "ALL_OF"
    ONE_OF = "ONE_OF"
    AS_NEEDED = "AS_NEEDED"


class ProcedureSource(StrEnum):
    """Where the text of a version comes from; the curated one wins."""

    CURATED = "CURATED"
    NATIONAL = "NATIONAL"


class Applicability(StrEnum):
    """Whether something applies to a case; DEPENDS while a fact it needs is not known."""

    APPLIES = "APPLIES"
    DEPENDS = "DEPENDS"
    DOES_NOT_APPLY = "DOES_NOT_APPLY"


@dataclass(frozen=True)
class Condition:
    """Holds when the answer to `question` is one of `values`."""

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One possible answer."""

    value: str
    text: str


@dataclass(frozen=True)
class Question:
    """A fact of the case that decides papers, time or fee."""

    key: str
    text: str
    choices: tuple[Choice, ...] = (Choice("true", "Có"), Choice("false", "Không"))


@dataclass(frozen=True)
class ProcessingTime:
    """A processing time; `channel` None means every channel."""

    value: int
    unit: TimeUnit
    same_day: bool = False
    channel: Channel | None = None
    when: tuple[Condition, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Fee:
    """A fee in whole đồng; `amount` None means set elsewhere, see `note`."""

    amount: int | None
    kind: FeeKind = FeeKind.FEE
    channel: Channel | None = None
    basis: FeeBasis = FeeBasis.DOSSIER
    tier_from: int | None = None
    tier_amount: int | None = None
    cap: int | None = None
    when: tuple[Condition, ...] = ()
    note: str = ""

    def total(self, quantity: int = 1) -> int | None:
        """Return the sum for `quantity` pages, copies or persons, None when the amount is set elsewhere."""
        if self.amount is None:
            return None
        if self.tier_from is None or self.tier_amount is None:
            total = self.amount * quantity
        else:
            first = min(quantity, self.tier_from - 1)
            total = first * self.amount + (quantity - first) * self.tier_amount
        return total if self.cap is None else min(total, self.cap)


@dataclass(frozen=True)
class SubCase:
    """A sub-case with its own times and fees; without them those of the procedure apply."""

    code: str
    name: str
    times: tuple[ProcessingTime, ...] = ()
    fees: tuple[Fee, ...] = ()


@dataclass(frozen=True)
class DocumentComponent:
    """A paper of the dossier; `looked_up` papers are fetched by the agency itself."""

    key: str
    name: str
    kind: DocumentKind = DocumentKind.SUBMIT
    originals: int = 1
    copies: int = 0
    national_code: str = ""
    has_form: bool = False
    looked_up: bool = False
    when: tuple[Condition, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class DocumentGroup:
    """Papers that belong together."""

    key: str
    title: str
    documents: tuple[DocumentComponent, ...]
    rule: GroupRule = GroupRule.ALL_OF
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class ResultType:
    """A paper the citizen receives at the end."""

    name: str
    code: str = ""


@dataclass(frozen=True)
class LegalBasis:
    """A law the procedure rests on."""

    name: str
    number: str = ""


@dataclass(frozen=True)
class ExecutionStep:
    """A step of the procedure, for reading."""

    text: str
    name: str = ""


@dataclass(frozen=True)
class Field:
    """A field of administration (lĩnh vực), for example G15-TP07 Hộ tịch."""

    name: str
    code: str = ""


@dataclass(frozen=True)
class ProcedureContent:
    """All that a version says; `detailed` is False when only the national list record is known."""

    code: str
    name: str
    field: Field
    authority: str = ""
    authority_levels: tuple[AuthorityLevel, ...] = ()
    service_level: ServiceLevel = ServiceLevel.INFORMATION
    channels: tuple[Channel, ...] = ()
    non_territorial: bool = False
    minimum_ial: int = 1
    open_to_heirs: bool = False
    fee_collection: FeeCollection = FeeCollection.EXEMPT
    questions: tuple[Question, ...] = ()
    sub_cases: tuple[SubCase, ...] = ()
    times: tuple[ProcessingTime, ...] = ()
    fees: tuple[Fee, ...] = ()
    document_groups: tuple[DocumentGroup, ...] = ()
    results: tuple[ResultType, ...] = ()
    legal_bases: tuple[LegalBasis, ...] = ()
    steps: tuple[ExecutionStep, ...] = ()
    guidance: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    conditions: str = ""
    keywords: tuple[str, ...] = ()
    promulgated_by: str = ""
    national_type: str = "STANDARD"
    detailed: bool = True

    @property
    def meant_for_others(self) -> bool:
        """Return whether another province's own procedure or one between agencies: nobody here submits it."""
        is_elsewhere = self.national_type == "SPECIFIC" and OWN_PROVINCE not in self.promulgated_by
        return is_elsewhere or self.national_type == "STANDARD_INTERNAL"

    @property
    def online(self) -> bool:
        """Return whether a dossier may be submitted online."""
        return Channel.ONLINE in self.channels


@dataclass(frozen=True)
class ProcedureVersion:
    """One immutable version of a procedure, in force from `valid_from` until the day before `valid_to`."""

    id: UUID
    number: int
    source: ProcedureSource
    valid_from: date
    valid_to: date | None
    content: ProcedureContent


def applicability(when: Sequence[Condition], facts: Mapping[str, str]) -> Applicability:
    """Tell whether every condition holds for the known facts; one that fails outweighs one that is open."""
    if any(c.question in facts and facts[c.question] not in c.values for c in when):
        return Applicability.DOES_NOT_APPLY
    if any(c.question not in facts for c in when):
        return Applicability.DEPENDS
    return Applicability.APPLIES
