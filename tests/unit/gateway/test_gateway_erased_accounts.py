"""The task on accounts of erased people follows the signed ledger, entry by entry, and does what was left undone."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from songcau_gateway.accounts import AccountState
from songcau_gateway.erased_accounts import Sweep, close_erased
from songcau_gateway.errors import ACCOUNT_NOT_FOUND, ISSUER_UNAVAILABLE
from songcau_kit.clock import SystemClock
from songcau_kit.erasure_ledger import (
    Erasure,
    ErasureLedger,
    ErasureLedgerError,
    ErasureLedgerWriter,
    Place,
    address_of,
)
from songcau_kit.errors import DomainError, Reason
from songcau_kit.objects import ObjectStore
from songcau_kit.settings import DEVELOPMENT_ERASURE_LEDGER_KEY, DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY


class FakeAccounts:
    """Accounts as the issuer keeps them, and the citizens at whom it fails."""

    def __init__(self, *accounts: AccountState) -> None:
        self.held = {account.account_id: account for account in accounts}
        self.failing: dict[str, Reason] = {}
        self.dies_before_unlinking = False

    async def find(self, *, citizen_id: str) -> list[AccountState]:
        if citizen_id in self.failing:
            raise DomainError(self.failing[citizen_id])
        return [one for one in self.held.values() if one.citizen_id == citizen_id and one.is_linked]

    async def disable(self, account_id: str) -> None:
        self.held[account_id] = replace(self.held[account_id], is_enabled=False)

    async def unlink(self, account_id: str) -> None:
        if self.dies_before_unlinking:
            raise DomainError(ISSUER_UNAVAILABLE)
        self.held[account_id] = replace(self.held[account_id], is_linked=False)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path.as_uri())


@pytest.fixture
def ledger(store: ObjectStore) -> ErasureLedger:
    return ErasureLedger(store, DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY)


def account(citizen_id: UUID, kind: str = "CITIZEN") -> AccountState:
    return AccountState(str(uuid4()), kind, True, str(citizen_id), True, ())  # type: ignore[arg-type]


def write(store: ObjectStore, *erased: tuple[UUID, ...]) -> None:
    writer = ErasureLedgerWriter(store, DEVELOPMENT_ERASURE_LEDGER_KEY)
    writer.begin(uuid4())
    for subjects in erased:
        last = writer.ledger.find(0)
        while last is not None:
            place = Place(last.number, last.digest, last.ledger_id)
            last = writer.ledger.next(place)
        assert writer.append(place, Erasure(uuid4(), uuid4(), subjects, SystemClock().now()))


def test_every_record_of_an_erased_person_loses_its_account_and_nobody_else_does(
    store: ObjectStore, ledger: ErasureLedger
) -> None:
    first, merged, second, other = (uuid4() for _ in range(4))
    accounts = FakeAccounts(*(account(one) for one in (first, merged, second, other)))
    write(store, (first, merged), (second,))
    assert asyncio.run(close_erased(accounts, ledger)) == Sweep(closed=3)
    states = {one.citizen_id: (one.is_enabled, one.is_linked) for one in accounts.held.values()}
    assert states == {str(one): (False, False) for one in (first, merged, second)} | {str(other): (True, True)}
    assert asyncio.run(close_erased(accounts, ledger)) == Sweep()


def test_a_member_of_staff_keeps_the_account_and_loses_the_link(store: ObjectStore, ledger: ErasureLedger) -> None:
    officer = account(uuid4(), "STAFF")
    accounts = FakeAccounts(officer)
    write(store, (UUID(officer.citizen_id),))
    asyncio.run(close_erased(accounts, ledger))
    after = accounts.held[officer.account_id]
    assert (after.is_enabled, after.is_linked) == (True, False)


def test_one_that_fails_holds_up_no_other_and_is_done_by_the_next_run(
    store: ObjectStore, ledger: ErasureLedger
) -> None:
    failing, gone, fine = (uuid4() for _ in range(3))
    accounts = FakeAccounts(*(account(one) for one in (failing, gone, fine)))
    accounts.failing = {str(failing): ISSUER_UNAVAILABLE, str(gone): ACCOUNT_NOT_FOUND}
    write(store, (failing,), (gone,), (fine,))
    assert asyncio.run(close_erased(accounts, ledger)) == Sweep(closed=1, failed=1)
    accounts.failing = {}
    assert asyncio.run(close_erased(accounts, ledger)) == Sweep(closed=2)


def test_a_run_that_is_cut_short_after_disabling_is_found_again(store: ObjectStore, ledger: ErasureLedger) -> None:
    citizen = uuid4()
    accounts = FakeAccounts(account(citizen))
    write(store, (citizen,))
    accounts.dies_before_unlinking = True
    assert asyncio.run(close_erased(accounts, ledger)) == Sweep(failed=1)
    accounts.dies_before_unlinking = False
    assert asyncio.run(close_erased(accounts, ledger)) == Sweep(closed=1)


def test_a_ledger_that_is_missing_or_false_closes_nobody_further(store: ObjectStore, ledger: ErasureLedger) -> None:
    accounts = FakeAccounts(account(uuid4()))
    with pytest.raises(ErasureLedgerError, match="no erasure ledger"):
        asyncio.run(close_erased(accounts, ledger))
    write(store, (UUID(next(iter(accounts.held.values())).citizen_id),))
    store.put(address_of(1), b'{"entry": "{}", "signature": "AAAA"}')
    with pytest.raises(ErasureLedgerError, match="not signed"):
        asyncio.run(close_erased(accounts, ledger))
    assert all(one.is_enabled for one in accounts.held.values())
