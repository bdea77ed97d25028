"""Stops the account at the token issuer of somebody whose death was recorded: nobody signs in, what is open ends."""

from typing import Protocol
from uuid import UUID

from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger

from songcau_gateway.accounts import AccountState
from songcau_gateway.errors import ACCOUNT_NOT_FOUND, ACCOUNT_PROTECTED

_log = get_logger(__name__)


class StoppableAccounts(Protocol):
    """What of the account actions is needed here; raises ACCOUNT_NOT_FOUND, ACCOUNT_PROTECTED, ISSUER_UNAVAILABLE."""

    async def find(self, *, citizen_id: str) -> list[AccountState]:
        """Return the accounts that sign in as a citizen."""

    async def disable(self, account_id: str) -> None:
        """Let nobody sign in with the account, and end what is open."""


async def stop_accounts(accounts: StoppableAccounts | None, citizen_id: UUID) -> None:
    """Disable every account that signs in as a citizen, of staff too; without administration identity refuses them.

    Raises ISSUER_UNAVAILABLE: the death stands, and the same request again stops the account.
    """
    if accounts is None:
        return
    for account in await accounts.find(citizen_id=str(citizen_id)):
        try:
            await accounts.disable(account.account_id)
        except DomainError as error:
            if error.reason not in (ACCOUNT_NOT_FOUND, ACCOUNT_PROTECTED):
                raise
            # Removed meanwhile is as good; one of the group administrators is for another of them to stop.
            _log.warning("deceased_account_not_stopped", account=account.account_id, cause=error.reason.code)
