"""Records written to a bus and read from it, whichever bus it is."""

import time

from songcau_kit.bus import ReceivedRecord, Record, Subscription

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
