"""Writes every access to a citizen's data, allowed, denied or failed, before the answer leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from songcau_kit import audit
from songcau_kit.audit import AuditEntry, AuditJournal, Outcome
from songcau_kit.caller import Caller
from songcau_kit.clock import Clock
from songcau_kit.database import Connection
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, INTERNAL, DomainError, Status
from songcau_kit.events import Actor

from songcau_identity.errors import LOOK_UP_LIMIT_REACHED, OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, PURPOSE_UNKNOWN
from songcau_identity.model import Purpose

NOBODY = UUID(int=0)  # the subject of an access that met nobody
DENIED = (PURPOSE_REQUIRED, PURPOSE_UNKNOWN, AUTHENTICATION_INSUFFICIENT, LOOK_UP_LIMIT_REACHED)
OFFICERS = ("officer", "leader", "station-officer", "data-officer")
ADMINISTRATORS = ("data-officer", "operator")


class Operation(StrEnum):
    """What the access list calls each RPC."""

    LINK_CITIZEN = "LINK_CITIZEN"
    GET_OWN_PROFILE = "GET_OWN_PROFILE"
    LOOK_UP_CITIZEN = "LOOK_UP_CITIZEN"
    UNLINK_CITIZEN = "UNLINK_CITIZEN"
    BLOCK_CITIZEN = "BLOCK_CITIZEN"
    UNBLOCK_CITIZEN = "UNBLOCK_CITIZEN"
    MERGE_CITIZENS = "MERGE_CITIZENS"
    UNMERGE_CITIZENS = "UNMERGE_CITIZENS"
    REPLACE_IDENTIFIER = "REPLACE_IDENTIFIER"
    CORRECT_CITIZEN = "CORRECT_CITIZEN"
    LIST_IDENTIFIERS = "LIST_IDENTIFIERS"
    LIST_RECORD_DOUBTS = "LIST_RECORD_DOUBTS"
    SETTLE_RECORD_DOUBT = "SETTLE_RECORD_DOUBT"
    RECORD_PAPER = "RECORD_PAPER"
    WITHDRAW_PAPER = "WITHDRAW_PAPER"
    LIST_PAPERS = "LIST_PAPERS"
    LIST_OWN_PAPERS = "LIST_OWN_PAPERS"
    PROPOSE_ADDRESS = "PROPOSE_ADDRESS"
    RECORD_ADDRESS = "RECORD_ADDRESS"
    ACCEPT_ADDRESS_PROPOSAL = "ACCEPT_ADDRESS_PROPOSAL"
    REFUSE_ADDRESS_PROPOSAL = "REFUSE_ADDRESS_PROPOSAL"
    RESOLVE_ADDRESS = "RESOLVE_ADDRESS"
    LIST_ADDRESSES = "LIST_ADDRESSES"
    LIST_OWN_ADDRESSES = "LIST_OWN_ADDRESSES"
    REGISTER_NEWBORN = "REGISTER_NEWBORN"
    ISSUE_PERSONAL_NUMBER = "ISSUE_PERSONAL_NUMBER"
    VOID_NEWBORN = "VOID_NEWBORN"
    LIST_OWN_NEWBORNS = "LIST_OWN_NEWBORNS"
    REGISTER_FOREIGNER = "REGISTER_FOREIGNER"
    LIST_OWN_ACCESSES = "LIST_OWN_ACCESSES"
    MAKE_SUBJECT_REQUEST = "MAKE_SUBJECT_REQUEST"
    LIST_OWN_SUBJECT_REQUESTS = "LIST_OWN_SUBJECT_REQUESTS"
    GET_OWN_SUBJECT_REQUEST = "GET_OWN_SUBJECT_REQUEST"
    WITHDRAW_SUBJECT_REQUEST = "WITHDRAW_SUBJECT_REQUEST"
    LIST_SUBJECT_REQUESTS = "LIST_SUBJECT_REQUESTS"
    GET_SUBJECT_REQUEST = "GET_SUBJECT_REQUEST"
    ACKNOWLEDGE_SUBJECT_REQUEST = "ACKNOWLEDGE_SUBJECT_REQUEST"
    EXTEND_SUBJECT_REQUEST = "EXTEND_SUBJECT_REQUEST"
    REFUSE_SUBJECT_REQUEST = "REFUSE_SUBJECT_REQUEST"
    COMPLETE_SUBJECT_REQUEST = "COMPLETE_SUBJECT_REQUEST"
    GET_DATA_COPY = "GET_DATA_COPY"
    MAKE_ACCESS_COMPLAINT = "MAKE_ACCESS_COMPLAINT"
    LIST_OWN_ACCESS_COMPLAINTS = "LIST_OWN_ACCESS_COMPLAINTS"
    GET_OWN_ACCESS_COMPLAINT = "GET_OWN_ACCESS_COMPLAINT"
    LIST_ACCESS_COMPLAINTS = "LIST_ACCESS_COMPLAINTS"
    GET_ACCESS_COMPLAINT = "GET_ACCESS_COMPLAINT"
    ACKNOWLEDGE_ACCESS_COMPLAINT = "ACKNOWLEDGE_ACCESS_COMPLAINT"
    ANSWER_ACCESS_COMPLAINT = "ANSWER_ACCESS_COMPLAINT"
    WITHDRAW_ACCESS_COMPLAINT = "WITHDRAW_ACCESS_COMPLAINT"
    LIST_ANOMALIES = "LIST_ANOMALIES"
    GET_ANOMALY = "GET_ANOMALY"
    ASK_ABOUT_ANOMALY = "ASK_ABOUT_ANOMALY"
    DECIDE_ANOMALY = "DECIDE_ANOMALY"
    GET_ANOMALY_REPORT = "GET_ANOMALY_REPORT"
    LIST_OWN_ANOMALIES = "LIST_OWN_ANOMALIES"
    GET_OWN_ANOMALY = "GET_OWN_ANOMALY"
    EXPLAIN_ANOMALY = "EXPLAIN_ANOMALY"
    LIST_WATCHED_CITIZENS = "LIST_WATCHED_CITIZENS"
    WATCH_CITIZEN = "WATCH_CITIZEN"
    UNWATCH_CITIZEN = "UNWATCH_CITIZEN"
    ACT_ON_ACCOUNT = "ACT_ON_ACCOUNT"
    LINK_ACCOUNT = "LINK_ACCOUNT"
    UNLINK_ACCOUNT = "UNLINK_ACCOUNT"
    DISABLE_ACCOUNT = "DISABLE_ACCOUNT"
    ENABLE_ACCOUNT = "ENABLE_ACCOUNT"
    END_ACCOUNT_SESSIONS = "END_ACCOUNT_SESSIONS"
    ASSIGN_AGENCY = "ASSIGN_AGENCY"
    WITHDRAW_AGENCY = "WITHDRAW_AGENCY"
    VIEW_ACCOUNT = "VIEW_ACCOUNT"
    LIST_OWN_CONSENTS = "LIST_OWN_CONSENTS"
    GIVE_CONSENT = "GIVE_CONSENT"
    WITHDRAW_CONSENT = "WITHDRAW_CONSENT"
    RECORD_CONSENT = "RECORD_CONSENT"
    RECORD_CONSENT_WITHDRAWAL = "RECORD_CONSENT_WITHDRAWAL"
    GRANT_REPRESENTATION = "GRANT_REPRESENTATION"
    AUTHORISE_REPRESENTATIVE = "AUTHORISE_REPRESENTATIVE"
    ANSWER_REPRESENTATION = "ANSWER_REPRESENTATION"
    REVOKE_REPRESENTATION = "REVOKE_REPRESENTATION"
    END_REPRESENTATION = "END_REPRESENTATION"
    ASK_CHILD = "ASK_CHILD"
    LIST_OWN_REPRESENTATIONS = "LIST_OWN_REPRESENTATIONS"
    LIST_CITIZEN_REPRESENTATIONS = "LIST_CITIZEN_REPRESENTATIONS"
    OPEN_BREACH = "OPEN_BREACH"
    AMEND_BREACH = "AMEND_BREACH"
    ASSESS_BREACH = "ASSESS_BREACH"
    RECORD_BREACH_NOTICE = "RECORD_BREACH_NOTICE"
    CLOSE_BREACH = "CLOSE_BREACH"
    GET_BREACH = "GET_BREACH"
    LIST_BREACHES = "LIST_BREACHES"
    LIST_BREACH_PERSONS = "LIST_BREACH_PERSONS"
    GET_BREACH_FORM = "GET_BREACH_FORM"

    @property
    def is_own(self) -> bool:
        """Say whether people do it with their own data."""
        return self in OWN_OPERATIONS


OWN_OPERATIONS = frozenset(
    {
        Operation.GET_OWN_PROFILE,
        Operation.UNLINK_CITIZEN,
        Operation.LIST_OWN_ACCESSES,
        Operation.MAKE_SUBJECT_REQUEST,
        Operation.LIST_OWN_SUBJECT_REQUESTS,
        Operation.GET_OWN_SUBJECT_REQUEST,
        Operation.WITHDRAW_SUBJECT_REQUEST,
        Operation.MAKE_ACCESS_COMPLAINT,
        Operation.LIST_OWN_ACCESS_COMPLAINTS,
        Operation.GET_OWN_ACCESS_COMPLAINT,
        Operation.WITHDRAW_ACCESS_COMPLAINT,
        Operation.LIST_OWN_PAPERS,
        Operation.PROPOSE_ADDRESS,
        Operation.LIST_OWN_ADDRESSES,
        Operation.LIST_OWN_CONSENTS,
        Operation.GIVE_CONSENT,
        Operation.WITHDRAW_CONSENT,
        Operation.LIST_OWN_NEWBORNS,
        Operation.AUTHORISE_REPRESENTATIVE,
        Operation.ANSWER_REPRESENTATION,
        Operation.REVOKE_REPRESENTATION,
        Operation.LIST_OWN_REPRESENTATIONS,
        Operation.GET_DATA_COPY,
    }
)


@dataclass(frozen=True)
class Asker:
    """Who asks, in which request, and what for."""

    caller: Caller
    correlation_id: str
    purpose: str = ""
    kind: str = "OFFICER"
    on_behalf_of: UUID | None = None

    @property
    def organization(self) -> str:
        """The agencies or facilities the caller acts for; empty for a citizen's own acts."""
        if self.kind == "CITIZEN":
            return ""
        return ",".join(self.caller.values("agency_codes") or self.caller.values("facility_codes"))

    @property
    def actor(self) -> Actor:
        """The caller as events name it."""
        return Actor(self.caller.subject, self.kind, self.organization)

    @property
    def declared_purpose(self) -> str:
        """The purpose where it is on the list, else empty: entries hold no stray words, and their leaves are public."""
        return self.purpose if self.purpose in Purpose.__members__ else ""

    @property
    def own_citizen_id(self) -> UUID | None:
        """The citizen the caller is, None where the token names none."""
        try:
            return UUID(self.caller.attribute("citizen_id") or "")
        except ValueError:
            return None


@dataclass
class Access:
    """One access under way; the use case adds whose data it met, and which account where it was about one.

    `failure` is the reason of something that failed elsewhere and is told here.
    """

    subjects: list[UUID] = field(default_factory=list)
    account_id: str = ""
    failure: str = ""
    is_recorded: bool = False

    def meet_account(self, account_id: str, citizen_id: UUID | None) -> None:
        """Note the account, and the citizen where it is one's."""
        self.account_id = account_id
        if citizen_id is not None:
            self.subjects.append(citizen_id)


class Auditor:
    """Knows how an access of this service becomes entries."""

    def __init__(self, journal: AuditJournal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    @contextmanager
    def access(self, asker: Asker, operation: Operation) -> Iterator[Access]:
        """Commit the entries of the access when the block ends, however it ends.

        A write records its own entries inside its transaction with `record`; what fails is recorded here.
        """
        access = Access()
        try:
            yield access
        except DomainError as error:
            is_denied = error.reason.status is Status.PERMISSION_DENIED or error.reason in DENIED
            outcome: Outcome = "DENIED" if is_denied else "FAILED"
            self._journal.write(*entries(asker, operation, access, outcome=outcome, reason=error.reason.code))
            raise
        except Exception:
            self._journal.write(*entries(asker, operation, access, outcome="FAILED", reason=INTERNAL.code))
            raise
        if not access.is_recorded:
            ended: Outcome = "FAILED" if access.failure else "ALLOWED"
            self._journal.write(*entries(asker, operation, access, outcome=ended, reason=access.failure or None))

    def record(self, conn: Connection, asker: Asker, operation: Operation, access: Access) -> None:
        """Write the entries of a successful access in the caller's transaction."""
        audit.record(conn, *entries(asker, operation, access, outcome="ALLOWED"), clock=self._clock)
        access.is_recorded = True


def entries(
    asker: Asker, operation: Operation, access: Access, *, outcome: Outcome, reason: str | None = None
) -> list[AuditEntry]:
    """Return one entry for each citizen met, or one for nobody."""
    return [
        AuditEntry(
            subject_id=subject,
            actor_id=asker.caller.subject,
            actor_kind=asker.kind,
            actor_organization=asker.organization or None,
            on_behalf_of=str(asker.on_behalf_of) if asker.on_behalf_of else None,
            client_id=asker.caller.client_id,
            operation=operation,
            object_kind="account" if access.account_id else "citizen",
            object_id=access.account_id or str(subject),
            purpose=asker.declared_purpose,
            outcome=outcome,
            reason=reason,
            correlation_id=asker.correlation_id,
        )
        for subject in access.subjects or [NOBODY]
    ]


def kind_of(caller: Caller, operation: Operation) -> str:
    """Return what kind of actor a caller is in an operation: an officer is a citizen in their own matters."""
    if caller.has_role("citizen") and (operation.is_own or not caller.has_role(*OFFICERS, *ADMINISTRATORS)):
        return "CITIZEN"
    if caller.has_role(*OFFICERS, *ADMINISTRATORS):
        return "OFFICER"
    return "SYSTEM" if caller.session_id is None else "USER"


def require_agency(asker: Asker) -> None:
    """Raise OFFICER_WITHOUT_AGENCY unless the officer acts for somebody."""
    if not asker.organization:
        raise DomainError(OFFICER_WITHOUT_AGENCY)


def require_purpose(asker: Asker) -> None:
    """Raise PURPOSE_REQUIRED or PURPOSE_UNKNOWN unless the purpose is on the list."""
    if not asker.purpose:
        raise DomainError(PURPOSE_REQUIRED)
    if asker.purpose not in Purpose.__members__:
        raise DomainError(PURPOSE_UNKNOWN)
