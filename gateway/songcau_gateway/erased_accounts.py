"""Closes the accounts at the token issuer of people who were erased, as the signed ledger names them.

Run every few minutes by whoever may act on accounts; nothing is remembered in between. An account is found by its link
to the citizen, which goes last, so whatever was cut short is found and done by the next run.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from songcau_kit.erasure_ledger import FIRST, ErasureLedger, ErasureLedgerError
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger

from songcau_gateway.accounts import AccountState
from songcau_gateway.errors import ACCOUNT_NOT_FOUND

_log = get_logger(__name__)


class ClosableAccounts(Protocol):
    """What of the account actions is needed here; raises ACCOUNT_NOT_FOUND and ISSUER_UNAVAILABLE."""

    async def find(self, *, citizen_id: str) -> list[AccountState]:
        """Return the accounts that sign in as a citizen."""

    async def disable(self, account_id: str) -> None:
        """Let nobody sign in with the account, and end what is open."""

    async def unlink(self, account_id: str) -> None:
        """Take the account's link away and end its sessions."""


@dataclass
class Sweep:
    """What one run did: accounts closed, records whose accounts could not be closed now."""

    closed: int = 0
    failed: int = 0


async def close_erased(accounts: ClosableAccounts, ledger: ErasureLedger) -> Sweep:
    """Close every account that still signs in as somebody the ledger names; one that fails holds up no other.

    Raises ErasureLedgerError for a ledger that is missing or false: what was closed before stays closed.
    """
    sweep, entry = Sweep(), ledger.find(FIRST)
    if entry is None:
        raise ErasureLedgerError("there is no erasure ledger at the place the settings name")
    while (entry := ledger.next(entry.place)) is not None:
        for citizen_id in entry.erasure.subject_ids if entry.erasure else ():
            await _close(accounts, citizen_id, sweep)
    return sweep


async def _close(accounts: ClosableAccounts, citizen_id: UUID, sweep: Sweep) -> None:
    try:
        for account in await accounts.find(citizen_id=str(citizen_id)):
            # A member of staff keeps the account they work with and loses what ties it to the citizen.
            if account.kind == "CITIZEN":
                await accounts.disable(account.account_id)
            await accounts.unlink(account.account_id)
            _log.info("erased_account_closed", account=account.account_id, kind=account.kind)
            sweep.closed += 1
    except DomainError as error:
        if error.reason is not ACCOUNT_NOT_FOUND:  # removed meanwhile, which is as good
            _log.warning("erased_account_not_closed", cause=error.reason.code)
            sweep.failed += 1
