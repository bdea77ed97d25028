"""From when until when a temporary residence was registered, and what has become of it by a day.

Law on Residence 68/2020/QH14, article 27(2): two years at most, renewed as often as asked. The period is sealed with
the address, so nothing in the database ends it: whoever reads an address takes it as it stands that day.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from songcau_kit.clock import VIETNAM, years_after

from songcau_identity.addresses.model import AddressKind, AddressState, AddressValue, HeldAddress, WrittenAddress

LONGEST_YEARS = 2
AHEAD_YEARS = 1


def read_first_day(kind: AddressKind | None, text: str, *, earliest: date, today: date) -> date | None:
    """Return the first day of a temporary residence, None for another kind; raises ValueError with a code."""
    day = _read(kind, text)
    if day and not earliest <= day <= years_after(today, AHEAD_YEARS):
        raise ValueError("OUT_OF_RANGE")
    return day


def read_last_day(kind: AddressKind | None, text: str, *, first: date | None, today: date) -> date | None:
    """Return the last day of a temporary residence, None for another kind; raises ValueError with a code."""
    day = _read(kind, text)
    if day and (day < today or (first and not first <= day <= years_after(first, LONGEST_YEARS))):
        raise ValueError("OUT_OF_RANGE")
    return day


def is_over(written: WrittenAddress, today: date) -> bool:
    """Say whether the last day of an address has passed."""
    return written.valid_to is not None and written.valid_to < today


def as_it_stands(held: HeldAddress, value: AddressValue, today: date) -> HeldAddress:
    """Return an address that was on record as ended by its period, where that came before all else."""
    last = value.written.valid_to
    if last is None or last >= today or held.state not in (AddressState.RECORDED, AddressState.ENDED):
        return held
    over = datetime.combine(last + timedelta(days=1), time.min, VIETNAM)
    return replace(held, state=AddressState.ENDED, ended_at=min(over, held.ended_at or over))


def _read(kind: AddressKind | None, text: str) -> date | None:
    if kind is not AddressKind.TEMPORARY:
        if text and kind is not None:
            raise ValueError("INVALID")
        return None
    if not text:
        raise ValueError("REQUIRED")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("INVALID") from None
