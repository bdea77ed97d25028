"""What an administrator does to an account: admitted and entered by identity, done at the issuer, its outcome kept."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from songcau_kit.errors import VERSION_CONFLICT, DomainError

from songcau_gateway.accounts import Accounts, AccountState
from songcau_gateway.clients.accounts import AccountAct, AccountRecordClient
from songcau_gateway.clients.registry import clients_of
from songcau_gateway.errors import ACCOUNT_ADMINISTRATION_OFF, ACCOUNT_KIND_MISMATCH, ACCOUNT_NOT_FOUND, RefusalError
from songcau_gateway.exchange import Exchange
from songcau_gateway.gates import etag
from songcau_gateway.routes.account_schemas import Account

KINDS = {"LINK": "CITIZEN", "UNLINK": "CITIZEN", "ASSIGN_AGENCY": "STAFF", "WITHDRAW_AGENCY": "STAFF"}
Do = Callable[[Accounts, str], Awaitable[None]]


class AccountActions:
    """Reads and changes accounts; every look and every act is an entry of the citizen's access list."""

    def __init__(self, accounts: Accounts | None, records: AccountRecordClient) -> None:
        self._given = accounts
        self._records = records

    @property
    def _accounts(self) -> Accounts:
        if self._given is None:
            raise DomainError(ACCOUNT_ADMINISTRATION_OFF)
        return self._given

    async def view(self, exchange: Exchange, account_id: str) -> Account:
        """Return an account; raises ACCOUNT_NOT_FOUND."""
        state = await self._person(account_id)
        await self._records.viewed(exchange, account_id, state.citizen_id)
        return answer_of(state)

    async def search(self, exchange: Exchange, *, username: str | None, citizen_id: str | None) -> list[Account]:
        """Return the account with a staff member's user name, or those that sign in as a citizen."""
        found = await self._accounts.find(username=username, citizen_id=citizen_id)
        for state in found:
            await self._records.viewed(exchange, state.account_id, state.citizen_id)
        return [answer_of(state) for state in found]

    async def act(self, exchange: Exchange, act: AccountAct, do: Do) -> Account:
        """Do something to an account once per Idempotency-Key, if it still is as the caller saw it.

        Raises ACCOUNT_NOT_FOUND, ACCOUNT_KIND_MISMATCH, ACCOUNT_PROTECTED, VERSION_CONFLICT, ISSUER_UNAVAILABLE, and
        what identity says.
        """
        before = await self._person(act.account_id)
        whose = act if act.citizen_id else AccountAct(**{**vars(act), "citizen_id": before.citizen_id})
        outcome = await self._records.begin(exchange, whose)
        if outcome:
            return Account.model_validate_json(outcome)
        exchange.replayed = False
        try:
            check(exchange, act, before)
            await do(self._accounts, act.account_id)
            after = answer_of(await self._person(act.account_id))
        except DomainError as error:
            await self._records.finish(exchange, whose, failure=error.reason.code)
            raise
        await self._records.finish(exchange, whose, outcome=after.model_dump_json())
        exchange.replayed = False
        return after

    async def _person(self, account_id: str) -> AccountState:
        """Return a person's account; the accounts of systems are nobody's to change here."""
        state = await self._accounts.get(account_id)
        if state.kind == "SYSTEM":
            raise DomainError(ACCOUNT_NOT_FOUND)
        return state


def check(exchange: Exchange, act: AccountAct, before: AccountState) -> None:
    """Refuse a stale version and the wrong kind of account."""
    if exchange.expected_version != before.version:
        current = answer_of(before)
        conflict = DomainError(VERSION_CONFLICT, details={"current_version": str(before.version)})
        raise RefusalError(conflict, current=current.model_dump(mode="json"), headers={"etag": etag(before.version)})
    if KINDS.get(act.action, before.kind) != before.kind:
        raise DomainError(ACCOUNT_KIND_MISMATCH, details={"kind": before.kind})


def answer_of(state: AccountState) -> Account:
    """Return an account as the API shows it."""
    return Account(
        id=UUID(state.account_id),
        kind=state.kind,
        enabled=state.is_enabled,
        citizen_id=state.citizen_id or None,
        linked=state.is_linked,
        agency_codes=list(state.agency_codes),
        version=state.version,
    )


async def actions_of(request: Request) -> AccountActions:
    """Return the account actions of this process."""
    return AccountActions(request.app.state.accounts, (await clients_of(request)).account_records)


Actions = Annotated[AccountActions, Depends(actions_of)]
