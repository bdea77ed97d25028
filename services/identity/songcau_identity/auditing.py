"""Writes every access to a citizen's data, allowed, denied or failed, before the answer leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from songcau_kit import audit
from songcau_kit.audit import NOBODY, AuditEntry, AuditJournal, Outcome
from songcau_kit.caller import Assistant, Caller
from songcau_kit.clock import Clock
from songcau_kit.database import Connection
from songcau_kit.errors import INTERNAL, DomainError
from songcau_kit.events import Actor

from songcau_identity.access_endings import Ending, ending_of
from songcau_identity.errors import OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, PURPOSE_UNKNOWN
from songcau_identity.model import Purpose
from songcau_identity.operations import Operation as Operation  # noqa: PLC0414 -- whoever audits names one

OFFICERS = ("officer", "leader", "station-officer", "data-officer")
ADMINISTRATORS = ("data-officer", "operator")


@dataclass(frozen=True)
class Asker:
    """Who asks, in which request, and what for."""

    caller: Caller
    correlation_id: str
    purpose: str = ""
    kind: str = "OFFICER"
    on_behalf_of: UUID | None = None
    assistant: Assistant | None = None

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

    `failure` is the reason of something that failed elsewhere and is told here, `assistant` who helps the citizen whose
    own step in an assisted session it is. `organisations` are the subjects that are organisations and no citizens.
    """

    subjects: list[UUID] = field(default_factory=list)
    organisations: set[UUID] = field(default_factory=set)
    account_id: str = ""
    failure: str = ""
    is_recorded: bool = False
    assistant: Assistant | None = None

    def meet_organisation(self, organisation_id: UUID) -> None:
        """Note an organisation: it has an access list, as a citizen has."""
        self.organisations.add(organisation_id)
        self.subjects.append(organisation_id)

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
            self.enter(asker, operation, access, ending_of(error))
            raise
        except Exception:
            self._journal.write(*entries(asker, operation, access, outcome="FAILED", reason=INTERNAL.code))
            raise
        if not access.is_recorded:
            ended: Outcome = "FAILED" if access.failure else "ALLOWED"
            self._journal.write(*entries(asker, operation, access, outcome=ended, reason=access.failure or None))

    def enter(self, asker: Asker, operation: Operation, access: Access, ending: Ending) -> None:
        """Commit the entries of an access that did not come about."""
        self._journal.write(*entries(asker, operation, access, outcome=ending.outcome, reason=ending.reason))

    def record(self, conn: Connection, asker: Asker, operation: Operation, access: Access) -> None:
        """Write the entries of a successful access in the caller's transaction."""
        audit.record(conn, *entries(asker, operation, access, outcome="ALLOWED"), clock=self._clock)
        access.is_recorded = True


def entries(
    asker: Asker, operation: Operation, access: Access, *, outcome: Outcome, reason: str | None = None
) -> list[AuditEntry]:
    """Return one entry for each citizen met, or one for nobody."""
    assistant = asker.assistant or access.assistant
    return [
        AuditEntry(
            subject_id=subject,
            actor_id=asker.caller.subject,
            actor_kind=asker.kind,
            actor_organization=asker.organization or None,
            on_behalf_of=str(asker.on_behalf_of) if asker.on_behalf_of else None,
            client_id=asker.caller.client_id,
            operation=operation,
            object_kind=_kind_of_object(access, subject),
            object_id=access.account_id or str(subject),
            purpose=asker.declared_purpose,
            outcome=outcome,
            reason=reason,
            correlation_id=asker.correlation_id,
            assisted_by=assistant.subject if assistant else None,
            assisted_by_kind=assistant.kind if assistant else None,
            assisted_by_organization=assistant.organization if assistant else None,
        )
        for subject in access.subjects or [NOBODY]
    ]


def _kind_of_object(access: Access, subject: UUID) -> str:
    if access.account_id:
        return "account"
    return "organisation" if subject in access.organisations else "citizen"


def kind_of(caller: Caller, operation: Operation) -> str:
    """Return what kind of actor a caller is in an operation: an officer is a citizen in their own matters."""
    if caller.has_role("citizen") and (operation.is_own or not caller.has_role(*OFFICERS, *ADMINISTRATORS)):
        return "CITIZEN"
    if caller.has_role(*OFFICERS, *ADMINISTRATORS):
        return "OFFICER"
    if caller.has_role("digital-team"):
        return "DIGITAL_TEAM"
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
