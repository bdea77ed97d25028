"""The words of identity: kinds, levels, states and the citizen's lifecycle; holds no personal value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class AccountKind(StrEnum):
    """What an electronic identity stands for. An officer's own identity is a CITIZEN like anybody's."""

    CITIZEN = "CITIZEN"
    ORGANISATION = "ORGANISATION"


class IdentifierKind(StrEnum):
    """What a number is; one active row of a kind and value belongs to one citizen."""

    PERSONAL_NUMBER = "PERSONAL_NUMBER"
    TAX_CODE = "TAX_CODE"
    CMND_9 = "CMND_9"
    PASSPORT = "PASSPORT"
    FOREIGNER_EID = "FOREIGNER_EID"


class PaperKind(StrEnum):
    """The papers a person may show (Law on Identification 26/2023, and what is still in drawers)."""

    CAN_CUOC = "CAN_CUOC"
    CCCD = "CCCD"
    CAN_CUOC_DIEN_TU = "CAN_CUOC_DIEN_TU"
    GIAY_CHUNG_NHAN_CAN_CUOC = "GIAY_CHUNG_NHAN_CAN_CUOC"
    HO_CHIEU = "HO_CHIEU"
    TK_DINH_DANH = "TK_DINH_DANH"
    CMND_9 = "CMND_9"
    GIAY_KHAI_SINH = "GIAY_KHAI_SINH"
    SO_BHXH = "SO_BHXH"
    THE_BHYT = "THE_BHYT"
    KHONG_CO = "KHONG_CO"


# Papers whose number is recorded beside the number a person is known by; the others carry that number or none.
RECORDED_PAPERS = frozenset(
    {
        PaperKind.CCCD,
        PaperKind.HO_CHIEU,
        PaperKind.CMND_9,
        PaperKind.GIAY_KHAI_SINH,
        PaperKind.SO_BHXH,
        PaperKind.THE_BHYT,
    }
)
# Provinces gave out the nine digits of the old card each by itself: two people may rightly hold the same.
SHARED_PAPERS = frozenset({PaperKind.CMND_9})

# How the national portal's sync names the owner's paper; other papers have no code there.
PORTAL_PAPER_CODES: Mapping[IdentifierKind, str] = {IdentifierKind.PERSONAL_NUMBER: "1", IdentifierKind.CMND_9: "2"}


class IdentifierStatus(StrEnum):
    """An identifier is cancelled when another is issued in its place; it is never used again."""

    ACTIVE = "ACTIVE"
    CANCELLED = "CANCELLED"


class PaperStatus(StrEnum):
    """A paper is withdrawn for a reason and stays in the history."""

    ACTIVE = "ACTIVE"
    WITHDRAWN = "WITHDRAWN"


class PaperSource(StrEnum):
    """Who told the number of a paper."""

    OFFICER = "OFFICER"
    VNEID = "VNEID"


class PaperWithdrawal(StrEnum):
    """Why a paper counts no more; one entered in error finds nobody, the others still find their person."""

    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"
    REPLACED = "REPLACED"
    EXPIRED = "EXPIRED"
    LOST = "LOST"
    REVOKED = "REVOKED"


class IdentityLevel(IntEnum):
    """How the electronic identity was proven: by the person alone, or at the police with biometrics (`ial`).

    Level 0 is no electronic identity: an officer entered the person on papers.
    """

    LEVEL_0 = 0
    LEVEL_1 = 1
    LEVEL_2 = 2


class AuthenticationLevel(IntEnum):
    """How sure one sign-in is: the four assurance levels of Decree 69/2024 article 20 (`aal`)."""

    LEVEL_1 = 1
    LEVEL_2 = 2
    LEVEL_3 = 3
    LEVEL_4 = 4


class CitizenStatus(StrEnum):
    """What the platform may do for a citizen now."""

    ACTIVE = "ACTIVE"
    UNLINKED = "UNLINKED"
    BLOCKED = "BLOCKED"
    DECEASED = "DECEASED"  # nobody acts as them any more, and for them their heirs only
    ERASING = "ERASING"  # services are closed until every one has said what it must keep
    ERASED = "ERASED"


class CitizenAct(StrEnum):
    """What can be done to a citizen's link."""

    LINK = "LINK"
    UNLINK = "UNLINK"
    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"
    REGISTER = "REGISTER"
    VOID = "VOID"
    RECORD_DEATH = "RECORD_DEATH"
    ANNUL_DEATH = "ANNUL_DEATH"
    PROPOSE_ERASURE = "PROPOSE_ERASURE"
    KEEP_ACTIVE = "KEEP_ACTIVE"
    KEEP_UNLINKED = "KEEP_UNLINKED"
    KEEP_BLOCKED = "KEEP_BLOCKED"
    ERASE = "ERASE"


class CitizenFact(StrEnum):
    """What a lifecycle step makes known to the other services."""

    CITIZEN_LINKED = "CITIZEN_LINKED"
    CITIZEN_PROFILE_CHANGED = "CITIZEN_PROFILE_CHANGED"
    CITIZEN_UNLINKED = "CITIZEN_UNLINKED"
    CITIZEN_BLOCKED = "CITIZEN_BLOCKED"
    CITIZEN_UNBLOCKED = "CITIZEN_UNBLOCKED"
    CITIZEN_REGISTERED = "CITIZEN_REGISTERED"
    NEWBORN_VOIDED = "NEWBORN_VOIDED"
    CITIZEN_DIED = "CITIZEN_DIED"
    DEATH_ANNULLED = "DEATH_ANNULLED"
    ERASURE_PROPOSED = "ERASURE_PROPOSED"
    ERASURE_CALLED_OFF = "ERASURE_CALLED_OFF"
    CITIZEN_ERASED = "CITIZEN_ERASED"


@dataclass(frozen=True)
class Transition:
    """One legal step: from, to, who may, what the others learn."""

    before: CitizenStatus | None
    act: CitizenAct
    after: CitizenStatus
    role: str
    fact: CitizenFact


LIFECYCLE: tuple[Transition, ...] = (
    Transition(None, CitizenAct.LINK, CitizenStatus.ACTIVE, "identity-linker", CitizenFact.CITIZEN_LINKED),
    Transition(
        CitizenStatus.UNLINKED, CitizenAct.LINK, CitizenStatus.ACTIVE, "identity-linker", CitizenFact.CITIZEN_LINKED
    ),
    # Only where a fact differs; the same facts again are no event.
    Transition(
        CitizenStatus.ACTIVE,
        CitizenAct.LINK,
        CitizenStatus.ACTIVE,
        "identity-linker",
        CitizenFact.CITIZEN_PROFILE_CHANGED,
    ),
    Transition(
        CitizenStatus.ACTIVE, CitizenAct.UNLINK, CitizenStatus.UNLINKED, "citizen", CitizenFact.CITIZEN_UNLINKED
    ),
    Transition(
        CitizenStatus.ACTIVE, CitizenAct.BLOCK, CitizenStatus.BLOCKED, "data-officer", CitizenFact.CITIZEN_BLOCKED
    ),
    Transition(
        CitizenStatus.BLOCKED, CitizenAct.UNBLOCK, CitizenStatus.ACTIVE, "data-officer", CitizenFact.CITIZEN_UNBLOCKED
    ),
    # Entered on papers, without electronic identity; the first link afterwards is told as such.
    Transition(None, CitizenAct.REGISTER, CitizenStatus.ACTIVE, "officer", CitizenFact.CITIZEN_REGISTERED),
    # A child that was entered in error, twice, or died before a number was issued.
    Transition(
        CitizenStatus.ACTIVE, CitizenAct.VOID, CitizenStatus.UNLINKED, "data-officer", CitizenFact.NEWBORN_VOIDED
    ),
    *(
        Transition(before, CitizenAct.RECORD_DEATH, CitizenStatus.DECEASED, "data-officer", CitizenFact.CITIZEN_DIED)
        for before in (CitizenStatus.ACTIVE, CitizenStatus.UNLINKED, CitizenStatus.BLOCKED)
    ),
    # Whoever lives after all was maybe blocked before: services open by an act of their own, in which somebody looks.
    Transition(
        CitizenStatus.DECEASED,
        CitizenAct.ANNUL_DEATH,
        CitizenStatus.BLOCKED,
        "data-officer",
        CitizenFact.DEATH_ANNULLED,
    ),
    *(
        Transition(
            before, CitizenAct.PROPOSE_ERASURE, CitizenStatus.ERASING, "data-officer", CitizenFact.ERASURE_PROPOSED
        )
        for before in (CitizenStatus.ACTIVE, CitizenStatus.UNLINKED, CitizenStatus.BLOCKED)
    ),
    # Who must be kept is again what they were.
    *(
        Transition(CitizenStatus.ERASING, act, after, "system", CitizenFact.ERASURE_CALLED_OFF)
        for act, after in (
            (CitizenAct.KEEP_ACTIVE, CitizenStatus.ACTIVE),
            (CitizenAct.KEEP_UNLINKED, CitizenStatus.UNLINKED),
            (CitizenAct.KEEP_BLOCKED, CitizenStatus.BLOCKED),
        )
    ),
    Transition(CitizenStatus.ERASING, CitizenAct.ERASE, CitizenStatus.ERASED, "system", CitizenFact.CITIZEN_ERASED),
)


def find_transition(before: CitizenStatus | None, act: CitizenAct) -> Transition | None:
    """Return the legal step of an act from a state (None: no such citizen yet)."""
    return next((step for step in LIFECYCLE if step.before is before and step.act is act), None)


class ProfileFact(StrEnum):
    """A fact of a profile, by name only."""

    FULL_NAME = "FULL_NAME"
    BIRTH_DATE = "BIRTH_DATE"
    IDENTITY_LEVEL = "IDENTITY_LEVEL"
    PHONE_NUMBER = "PHONE_NUMBER"
    SEX = "SEX"
    NATIONALITY = "NATIONALITY"


class Doubt(StrEnum):
    """What looks odd about facts and is for an officer to judge: never a reason to refuse."""

    PLACE_CODE_UNASSIGNED = "PLACE_CODE_UNASSIGNED"
    BIRTH_YEAR_MISMATCH = "BIRTH_YEAR_MISMATCH"
    SEX_MISMATCH = "SEX_MISMATCH"
    PROVIDER_DIFFERS = "PROVIDER_DIFFERS"  # the identity provider still states what an officer corrected
    PAPER_SHARED = "PAPER_SHARED"  # another person holds the same number of an old card
    PAPER_OF_ANOTHER = "PAPER_OF_ANOTHER"  # the identity provider states a paper that another record holds
    CARD_NUMBER_DIFFERS = "CARD_NUMBER_DIFFERS"  # the number of a chip card is and was no number of its holder


class Sex(StrEnum):
    """The sex a personal number or an officer's document states."""

    MALE = "MALE"
    FEMALE = "FEMALE"


class Purpose(StrEnum):
    """Why an officer may look somebody up; the citizen reads it in the access list."""

    DOSSIER_PROCESSING = "DOSSIER_PROCESSING"
    COUNTER_ASSISTANCE = "COUNTER_ASSISTANCE"
    CARE = "CARE"
    DATA_SUBJECT_REQUEST = "DATA_SUBJECT_REQUEST"
    INSPECTION = "INSPECTION"


@dataclass(frozen=True)
class Citizen:
    """The state of one citizen without any personal value; `merged_into` names the record that stands for it."""

    citizen_id: UUID
    status: CitizenStatus
    account_kind: AccountKind
    identity_level: IdentityLevel
    version: int
    linked_at: datetime
    last_verified_at: datetime
    merged_into: UUID | None = None

    @property
    def survivor_id(self) -> UUID:
        """The citizen that is meant: the one this record was merged into, or itself."""
        return self.merged_into or self.citizen_id


@dataclass(frozen=True)
class Evidence:
    """How facts were verified: enough to prove it, nothing of the provider's answer."""

    method: str
    verified_at: datetime
    transaction_id: str
    authentication_level: AuthenticationLevel
