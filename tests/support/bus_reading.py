"""Records written to a bus and read from it, whichever bus it is."""

import time

from songcau_kit.bus import Bus, ReceivedRecord, Record, Subscription
from support.waiting import wait_patiently

PATIENCE = 20.0  # seconds until a group must have settled


def records_of(topic: str, keys: int, each: int) -> list[Record]:
    return [Record(topic, f"key-{key}", f"{key}/{number}".encode()) for number in range(each) for key in range(keys)]


def drain(
    subscription: Subscription, count: int, *, is_committed: bool = True, patience: float = PATIENCE
) -> list[ReceivedRecord]:
    got: list[ReceivedRecord] = []
    until = time.monotonic() + patience
    while len(got) < count and time.monotonic() < until:
        records = subscription.poll(0.2)
        got += records
        if records and is_committed:
            subscription.commit(records)
    return got


def values_on(bus: Bus, topic: str, count: int) -> list[bytes]:
    """Wait for so many values of a topic and return all there are, also those of a second more."""
    subscription = bus.subscribe("looker", [topic])
    got: list[ReceivedRecord] = []
    wait_patiently(lambda: got.extend(subscription.poll(0.5)) or len(got) >= count)
    got += subscription.poll(1)
    subscription.close()
    return [record.value for record in got]
