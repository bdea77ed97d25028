"""The period of a temporary residence: two years at most, over the day after its last."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from songcau_identity.addresses.model import (
    AddressKind,
    AddressState,
    AddressValue,
    EnteredBy,
    HeldAddress,
    Placement,
    WrittenAddress,
)
from songcau_identity.addresses.period import as_it_stands
from songcau_identity.addresses.writing import StatedAddress, read_address
from songcau_kit.clock import VIETNAM
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

TODAY = date(2026, 11, 27)
LAST = date(2027, 2, 28)


def stated(valid_from: str, valid_to: str, kind: AddressKind = AddressKind.TEMPORARY) -> StatedAddress:
    return StatedAddress(kind, Personal("Xã La Hiên"), Personal(""), "", None, valid_from, valid_to)


def wrong(*period: str, kind: AddressKind = AddressKind.TEMPORARY) -> list[tuple[str, str]]:
    with pytest.raises(DomainError) as caught:
        read_address(stated(*period, kind), today=TODAY)
    assert caught.value.reason.code == "ADDRESS_INVALID"
    return [(one.pointer.removeprefix("/address/"), one.code) for one in caught.value.violations]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-27", "2028-11-27"),  # two years to the day
        ("2024-11-27", "2026-11-27"),  # the last day is today
        ("2026-11-27", "2026-11-27"),  # one day
        ("2027-11-27", "2029-11-27"),  # begins in a year
    ],
)
def test_a_period_of_two_years_at_most_that_is_not_over_is_read(first: str, last: str):
    _, written = read_address(stated(first, last), today=TODAY)
    assert (written.valid_from, written.valid_to) == (date.fromisoformat(first), date.fromisoformat(last))


def test_two_years_from_the_29th_of_february_end_on_the_1st_of_march():
    assert wrong("2024-02-29", "2026-03-02") == [("valid_to", "OUT_OF_RANGE")]
    _, written = read_address(stated("2024-02-29", "2026-03-01"), today=date(2026, 1, 1))
    assert written.valid_to == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("first", "last", "violations"),
    [
        ("", "", [("valid_from", "REQUIRED"), ("valid_to", "REQUIRED")]),
        ("2026-11-27", "", [("valid_to", "REQUIRED")]),
        ("", "2027-11-27", [("valid_from", "REQUIRED")]),
        ("today", "2027-02-30", [("valid_from", "INVALID"), ("valid_to", "INVALID")]),
        ("2026-11-27", "2028-11-28", [("valid_to", "OUT_OF_RANGE")]),
        ("2026-12-01", "2026-11-30", [("valid_to", "OUT_OF_RANGE")]),
        ("2024-11-26", "2026-11-26", [("valid_to", "OUT_OF_RANGE")]),
        ("2027-11-28", "2028-11-28", [("valid_from", "OUT_OF_RANGE")]),
        ("1945-09-01", "1947-09-01", [("valid_from", "OUT_OF_RANGE"), ("valid_to", "OUT_OF_RANGE")]),
        ("9999-12-31", "9999-12-31", [("valid_from", "OUT_OF_RANGE")]),
    ],
)
def test_each_wrong_day_is_named(first: str, last: str, violations: list[tuple[str, str]]):
    assert wrong(first, last) == violations


@pytest.mark.parametrize("kind", [AddressKind.PERMANENT, AddressKind.CURRENT])
def test_other_residences_have_no_period(kind: AddressKind):
    assert wrong("2026-11-27", "2027-11-27", kind=kind) == [("valid_from", "INVALID"), ("valid_to", "INVALID")]
    _, written = read_address(stated("", "", kind), today=TODAY)
    assert (written.valid_from, written.valid_to) == (None, None)


VALUE = AddressValue(
    WrittenAddress("Xã La Hiên", TODAY, valid_from=TODAY, valid_to=LAST), Placement("RESOLVED", None, None, None)
)
HELD = HeldAddress(
    UUID(int=1),
    UUID(int=2),
    AddressKind.TEMPORARY,
    AddressState.RECORDED,
    "RESOLVED",
    b"",
    EnteredBy.OFFICER,
    datetime(2026, 11, 27, 3, tzinfo=UTC),
)
OVER = datetime(2027, 3, 1, tzinfo=VIETNAM)


def test_a_residence_stands_through_its_last_day_and_is_over_with_the_next():
    assert as_it_stands(HELD, VALUE, LAST) == HELD
    over = as_it_stands(HELD, VALUE, LAST + timedelta(days=1))
    assert (over.state, over.ended_at) == (AddressState.ENDED, OVER)


@pytest.mark.parametrize("ended_at", [OVER - timedelta(days=9), OVER + timedelta(days=9)])
def test_what_another_residence_replaced_ended_then_or_with_its_period_whichever_came_first(ended_at: datetime):
    replaced = replace(HELD, state=AddressState.ENDED, ended_at=ended_at)
    assert as_it_stands(replaced, VALUE, LAST + timedelta(days=30)).ended_at == min(ended_at, OVER)


@pytest.mark.parametrize("state", [AddressState.PROPOSED, AddressState.REFUSED, AddressState.REPLACED])
def test_what_never_was_on_record_does_not_end(state: AddressState):
    held = replace(HELD, state=state)
    assert as_it_stands(held, VALUE, LAST + timedelta(days=30)) == held
