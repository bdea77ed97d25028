"""The time and the ids of the platform; nobody else asks the operating system for either."""

import hashlib
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import uuid_utils.compat

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Tells the time and gives ids."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""

    def new_id(self) -> UUID:
        """Return a new UUIDv7 (RFC 9562), so that ids sort by the time they were made."""


class SystemClock:
    """The clock of a running process."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        """Return a new UUIDv7."""
        return uuid_utils.compat.uuid7()


class FixedClock:
    """A clock that moves only when told to; two with the same seed give the same ids."""

    def __init__(self, at: datetime, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._given = 0
        self._seed = seed
        self.set(at)

    def now(self) -> datetime:
        """Return the instant the clock stands at, in UTC."""
        return self._at

    def new_id(self) -> UUID:
        """Return the next UUIDv7 of the series; ids of one clock ascend while the clock does not go back."""
        with self._lock:
            self._given += 1
            given, at = self._given, self._at
        random = int.from_bytes(hashlib.sha256(f"{self._seed}/{given}".encode()).digest()[:4])
        milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
        # The count fills rand_a and the head of rand_b, so that ids of one millisecond still ascend.
        value = milliseconds << 80 | 0x7 << 76 | (given >> 30 & 0xFFF) << 64 | 0b10 << 62 | (given & 0x3FFFFFFF) << 32
        return UUID(int=value | random)

    def advance(self, delta: timedelta) -> None:
        """Move the clock by `delta`."""
        self._at += delta

    def set(self, at: datetime) -> None:
        """Put the clock to `at`, which must know its offset."""
        if at.tzinfo is None:
            raise ValueError("the clock needs an instant with an offset")
        self._at = at.astimezone(UTC)


def local_date(instant: datetime) -> date:
    """Return the legal date in Vietnam (UTC+7 all year) of an aware instant."""
    if instant.tzinfo is None:
        raise ValueError("a legal date needs an instant with an offset")
    return instant.astimezone(VIETNAM).date()


def iso_day(day: date | None) -> str:
    """Return a day as messages carry it (ISO 8601), empty where there is none."""
    return day.isoformat() if day else ""


def years_after(day: date, years: int) -> date:
    """Return the day so many years later; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
