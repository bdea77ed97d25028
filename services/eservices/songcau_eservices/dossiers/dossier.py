"""What a dossier is at rest and what a caller sees of it; values only, no rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from songcau_kit.personal import Personal

from songcau_eservices.calendar.model import Deadline
from songcau_eservices.catalogue.model import Channel, FeeCollection
from songcau_eservices.dossiers.model import UNPAID, Action, Delivery, Finance, State, Synchronisation
from songcau_eservices.dossiers.personal_text import PersonalText

NOTHING = Personal("")

Answers = Mapping[str, object]
"""What the citizen answered, as JSON values."""


@dataclass(frozen=True)
class ProcedureRef:
    """The procedure and the very version a dossier was made under; it keeps that one for good."""

    code: str
    version_id: UUID
    name: str
    sub_case: str = ""


@dataclass(frozen=True)
class Agencies:
    """Where helped, where received, who has authority."""

    receiving: str
    authority: str
    helping: str = ""


@dataclass(frozen=True)
class Axes:
    """The four separate axes of a dossier."""

    state: State = State.DRAFT
    finance: Finance = Finance.NOT_DUE
    delivery: Delivery = Delivery.NOT_READY
    synchronisation: Synchronisation = Synchronisation.NOT_NEEDED


@dataclass(frozen=True)
class FeeDue:
    """What the dossier costs in whole đồng, when that is collected, what of it was paid and what of that goes back."""

    amount: int
    collection: FeeCollection
    paid: int = 0
    refund_due: int = 0

    @property
    def rest(self) -> int:
        """What is not paid yet; money that goes back pays nothing."""
        return max(0, self.amount - self.paid + self.refund_due)


@dataclass(frozen=True)
class Milestones:
    """When what happened."""

    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Sealed:
    """The personal fields of a dossier, encrypted under the citizen's data key."""

    answers: bytes = b""
    applicant: bytes = b""
    reason: bytes | None = None
    proposal: bytes | None = None


NOTHING_SEALED = Sealed()


@dataclass(frozen=True)
class Dossier:
    """One request for administrative work by one citizen; `code` is empty before acceptance."""

    id: UUID
    reference: str
    version: int
    citizen_id: UUID
    procedure: ProcedureRef
    channel: Channel
    agencies: Agencies
    fee: FeeDue
    times: Milestones
    axes: Axes = Axes()
    code: str = ""
    deadline: Deadline | None = None
    sealed: Sealed = NOTHING_SEALED

    @property
    def state(self) -> State:
        """Where the case stands."""
        return self.axes.state

    @property
    def fee_due(self) -> int:
        """What is still to be paid, now or when it is collected; nothing of a case that ended or is exempt."""
        return self.fee.rest if self.axes.finance in UNPAID else 0

    @property
    def is_numbered(self) -> bool:
        """Whether the dossier was ever accepted."""
        return bool(self.code)


@dataclass(frozen=True)
class Applicant:
    """The applicant as identity described them when the draft was made.

    `legal_representative` is who represented an organisation by law then.
    """

    full_name: PersonalText
    identifier_masked: PersonalText
    birth_date: PersonalText
    phone: PersonalText = NOTHING
    address: PersonalText = NOTHING
    legal_representative: PersonalText = NOTHING


@dataclass(frozen=True)
class AttachmentDetails:
    """What of a file is personal: its name, the digest that shows equal files, the paper's last day as stated.

    `valid_until` is YYYY-MM-DD, empty for a paper that does not expire or of which nobody said.
    """

    file_name: PersonalText
    sha256: str
    valid_until: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file of a dossier at rest; `fixed` once it was handed in, `reused_from` the file of an earlier dossier."""

    id: UUID
    dossier_id: UUID
    component_key: str
    address: str
    media_type: str
    size: int
    attached_at: datetime
    fixed: bool = False
    details_enc: bytes = b""
    reused_from: UUID | None = None


@dataclass(frozen=True)
class AttachmentView:
    """A file as the caller sees it."""

    id: UUID
    component_key: str
    media_type: str
    size: int
    attached_at: datetime
    details: AttachmentDetails
    reused_from: UUID | None = None


@dataclass(frozen=True)
class SupplementItem:
    """One paper that is missing or wrong; without a key it is not of the procedure's list."""

    component_key: str
    name: str
    instruction: str = ""


@dataclass(frozen=True)
class SupplementBody:
    """Form 02: the exact papers asked for, and a remark."""

    items: tuple[SupplementItem, ...]
    note: str = ""


@dataclass(frozen=True)
class Supplement:
    """A request for papers at rest."""

    id: UUID
    dossier_id: UUID
    component_keys: tuple[str, ...]
    requested_at: datetime
    supplied_at: datetime | None = None
    body_enc: bytes = b""


@dataclass(frozen=True)
class SupplementView:
    """A request for papers as the caller sees it."""

    body: SupplementBody
    requested_at: datetime
    supplied_at: datetime | None


@dataclass(frozen=True)
class ProposedDecision:
    """What an officer drafted for the leader to sign; `facts` are label and value."""

    text: str = field(repr=False)
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    proposed_at: datetime


@dataclass(frozen=True)
class ResultView:
    """The signed result, without its file."""

    code: str
    verification_url: str
    signed_at: datetime
    signer: str
    revoked: bool = False
    revocation_reason: str = ""


@dataclass(frozen=True)
class DossierView:
    """A dossier as one caller sees it now; lists leave out what is personal."""

    dossier: Dossier
    next_actions: tuple[Action, ...] = ()
    days_left: int = 0
    reason: str = ""
    applicant: Applicant | None = None
    answers: Answers = field(default_factory=dict)
    attachments: tuple[AttachmentView, ...] = ()
    supplements: tuple[SupplementView, ...] = ()
    result: ResultView | None = None
    proposal: ProposedDecision | None = None


@dataclass(frozen=True)
class HistoryEntry:
    """One step of a dossier's way; the reason is sealed at rest and open in a view."""

    dossier_id: UUID
    version: int
    action: Action
    source: State
    target: State
    at: datetime
    actor_kind: str
    actor_agency: str = ""
    reason: str = ""
    reason_enc: bytes | None = None
