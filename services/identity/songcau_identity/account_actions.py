"""Admits what staff do to accounts at the token issuer, and keeps the outcome; the gateway does it in between."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database
from songcau_kit.errors import IDEMPOTENCY_KEY_IN_PROGRESS, DomainError
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister

from songcau_identity.auditing import Access, Asker, Auditor, Operation, require_purpose
from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_FOUND, OWN_ACCOUNT
from songcau_identity.model import CitizenStatus
from songcau_identity.officers import refuse_own_record
from songcau_identity.repositories import citizens as repository


# A gateway that died between the two calls holds up a repetition no longer than this.
class AccountAction(StrEnum):
    """What staff can do to an account at the token issuer."""

    LINK = "LINK"
    UNLINK = "UNLINK"
    DISABLE = "DISABLE"
    ENABLE = "ENABLE"
    END_SESSIONS = "END_SESSIONS"
    ASSIGN_AGENCY = "ASSIGN_AGENCY"
    WITHDRAW_AGENCY = "WITHDRAW_AGENCY"


GIVEN_UP_AFTER = timedelta(seconds=30)
RUNNING, DONE, FAILED = b"running ", b"done ", b"failed"
OPERATIONS: Mapping[AccountAction, Operation] = {
    AccountAction.LINK: Operation.LINK_ACCOUNT,
    AccountAction.UNLINK: Operation.UNLINK_ACCOUNT,
    AccountAction.DISABLE: Operation.DISABLE_ACCOUNT,
    AccountAction.ENABLE: Operation.ENABLE_ACCOUNT,
    AccountAction.END_SESSIONS: Operation.END_ACCOUNT_SESSIONS,
    AccountAction.ASSIGN_AGENCY: Operation.ASSIGN_AGENCY,
    AccountAction.WITHDRAW_AGENCY: Operation.WITHDRAW_AGENCY,
}


@dataclass(frozen=True)
class AccountAct:
    """What is to be done to which account; the citizen is None for staff."""

    action: AccountAction
    account_id: str
    citizen_id: UUID | None
    agency_code: str = ""


class AccountActions:
    """The use cases BeginAccountAction and FinishAccountAction."""

    def __init__(self, *, database: Database, clock: Clock, auditor: Auditor) -> None:
        self._database = database
        self._clock = clock
        self._auditor = auditor
        self._register = IdempotencyRegister()

    def begin(self, asker: Asker, request_id: str, act: AccountAct, access: Access) -> str | None:
        """Admit an act and enter it; return the outcome of one that was finished before.

        Raises OWN_ACCOUNT, OWN_RECORD, PURPOSE_REQUIRED, PURPOSE_UNKNOWN, CITIZEN_NOT_FOUND,
        CITIZEN_NOT_ACTIVE, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_IN_PROGRESS.
        """
        access.meet_account(act.account_id, act.citizen_id)
        require_purpose(asker)
        if act.account_id == asker.caller.subject:
            raise DomainError(OWN_ACCOUNT)
        with self._database.transaction() as conn:
            if act.citizen_id is not None:
                refuse_own_record(conn, asker, act.citizen_id)
            outcome = self._claim(conn, key_of(asker, request_id, act), act)
            if outcome is None and act.action is AccountAction.LINK:
                require_active(conn, act.citizen_id)
            self._auditor.record(conn, asker, OPERATIONS[act.action], access)
        return outcome

    def finish(self, asker: Asker, request_id: str, act: AccountAct, outcome: str) -> None:
        """Keep the outcome of an act that was begun; an empty one frees the key for another attempt."""
        with self._database.transaction() as conn:
            response = DONE + outcome.encode() if outcome else FAILED
            self._register.finish(conn, key_of(asker, request_id, act), response)

    def _claim(self, conn: Connection, key: IdempotencyKey, act: AccountAct) -> str | None:
        asked = f"{act.account_id} {act.citizen_id} {act.agency_code}".encode()
        stored = self._register.begin(conn, key, asked)
        now = self._clock.now()
        if stored is not None and stored.response.startswith(DONE):
            return stored.response.removeprefix(DONE).decode()
        if stored is not None and stored.response.startswith(RUNNING):
            began = datetime.fromisoformat(stored.response.removeprefix(RUNNING).decode())
            if now < began + GIVEN_UP_AFTER:
                raise DomainError(IDEMPOTENCY_KEY_IN_PROGRESS)
        self._register.finish(conn, key, RUNNING + now.isoformat().encode())
        return None


def key_of(asker: Asker, request_id: str, act: AccountAct) -> IdempotencyKey:
    """Return the client's key: it counts for this caller and action."""
    return IdempotencyKey(f"{asker.caller.client_id}/{asker.caller.subject}", f"ACCOUNT_{act.action}", request_id)


def require_active(conn: Connection, citizen_id: UUID | None) -> None:
    """Raise CITIZEN_NOT_FOUND or CITIZEN_NOT_ACTIVE unless the citizen may be linked."""
    citizen = repository.find_citizen(conn, citizen_id) if citizen_id else None
    if citizen is None:
        raise DomainError(CITIZEN_NOT_FOUND)
    if citizen.status is not CitizenStatus.ACTIVE:
        raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": citizen.status})
