"""The account of somebody who died is stopped with the record of the death, and by the same request again."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from songcau_gateway.accounts import AccountState
from songcau_gateway.deceased_accounts import stop_accounts
from songcau_gateway.errors import ACCOUNT_NOT_FOUND, ACCOUNT_PROTECTED, ISSUER_UNAVAILABLE
from songcau_kit.errors import DomainError, Reason

DEAD, LIVING = uuid4(), uuid4()


class FakeAccounts:
    """Accounts as the issuer keeps them, and how it fails."""

    def __init__(self, *accounts: AccountState) -> None:
        self.held = {account.account_id: account for account in accounts}
        self.failure: Reason | None = None

    async def find(self, *, citizen_id: str) -> list[AccountState]:
        return [one for one in self.held.values() if one.citizen_id == citizen_id]

    async def disable(self, account_id: str) -> None:
        if self.failure is not None:
            raise DomainError(self.failure)
        self.held[account_id] = replace(self.held[account_id], is_enabled=False)

    def enabled(self) -> set[str]:
        return {one.citizen_id for one in self.held.values() if one.is_enabled}


def account(citizen_id: UUID, kind: str = "CITIZEN") -> AccountState:
    return AccountState(str(uuid4()), kind, True, str(citizen_id), True, ())  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["CITIZEN", "STAFF"])
def test_the_account_of_the_dead_is_stopped_and_nobody_else_s(kind: str) -> None:
    accounts = FakeAccounts(account(DEAD, kind), account(LIVING))
    asyncio.run(stop_accounts(accounts, DEAD))
    assert accounts.enabled() == {str(LIVING)}


def test_an_issuer_that_is_away_is_said_so_and_the_same_again_stops_the_account() -> None:
    accounts = FakeAccounts(account(DEAD))
    accounts.failure = ISSUER_UNAVAILABLE
    with pytest.raises(DomainError) as refused:
        asyncio.run(stop_accounts(accounts, DEAD))
    assert refused.value.reason is ISSUER_UNAVAILABLE
    accounts.failure = None
    asyncio.run(stop_accounts(accounts, DEAD))
    assert accounts.enabled() == set()


@pytest.mark.parametrize("failure", [ACCOUNT_NOT_FOUND, ACCOUNT_PROTECTED])
def test_a_death_is_recorded_whose_account_is_gone_or_another_administrator_s_to_stop(failure: Reason) -> None:
    accounts = FakeAccounts(account(DEAD))
    accounts.failure = failure
    asyncio.run(stop_accounts(accounts, DEAD))
    assert accounts.enabled() == {str(DEAD)}


def test_an_installation_that_administers_no_accounts_records_deaths_too() -> None:
    asyncio.run(stop_accounts(None, DEAD))
