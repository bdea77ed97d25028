"""Reading from Kafka as a member of a group: kafka-python's consumer behind the bus's words."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError, IllegalStateError, KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata

from songcau_kit._kafka_bus.address import KafkaAddress
from songcau_kit._kafka_bus.connecting import connect
from songcau_kit.bus import BusUnavailableError, PartitionLostError, ReceivedRecord

SESSION_MS = 6_000
HEARTBEAT_MS = 500
# A member that does not poll for so long is taken for stuck and loses its partitions.
POLL_LIMIT_MS = 300_000
# A leader that shares out before it knows a topic gives nobody anything of it until it looks again.
METADATA_MS = 3_000
PROBE_SECONDS = 1.0


class KafkaSubscription:
    """One member of a group; one thread uses it."""

    def __init__(self, address: KafkaAddress, *, group: str, topics: Sequence[str], name: str) -> None:
        self._address = address
        self._group = group
        self._probed_at = time.monotonic()
        with self._reported():
            address.probe()
            self._consumer: KafkaConsumer = connect(
                KafkaConsumer,
                *topics,
                **address.options(name) | {"metadata_max_age_ms": METADATA_MS},
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                session_timeout_ms=SESSION_MS,
                heartbeat_interval_ms=HEARTBEAT_MS,
                max_poll_interval_ms=POLL_LIMIT_MS,
            )

    def poll(self, timeout: float, max_records: int = 100) -> list[ReceivedRecord]:
        """Return the next records, waiting up to `timeout` seconds for the first."""
        with self._reported():
            self._keep_joining()
            batches = self._consumer.poll(timeout_ms=int(timeout * 1000), max_records=max_records)
            if not batches:
                self._probe()
        return [received(raw) for batch in batches.values() for raw in batch]

    def commit(self, records: Sequence[ReceivedRecord]) -> None:
        """Remember records as dealt with."""
        ends: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            ends[place] = max(record.offset + 1, ends.get(place, 0))
        held = self._consumer.assignment()
        kept = {place: OffsetAndMetadata(end, "", -1) for place, end in ends.items() if place in held}
        try:
            with self._reported():
                if kept:
                    self._consumer.commit(kept)
        except (CommitFailedError, RebalanceInProgressError, IllegalStateError) as error:
            raise PartitionLostError(f"{self._group} was shared out anew") from error
        if lost := ends.keys() - kept.keys():
            places = ", ".join(sorted(f"{place.topic}/{place.partition}" for place in lost))
            raise PartitionLostError(f"another member of {self._group} reads {places} by now")

    def lag(self) -> dict[str, int]:
        """Count what waits in the held partitions."""
        counts: dict[str, int] = {}
        with self._reported():
            held = self._consumer.assignment()
            for place, end in self._consumer.end_offsets(list(held)).items() if held else ():
                position = self._consumer.position(place)
                counts[place.topic] = counts.get(place.topic, 0) + max(0, end - (position or 0))
        return counts

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close(autocommit=False, timeout_ms=3_000)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (CommitFailedError, RebalanceInProgressError, IllegalStateError):
            raise
        except (KafkaError, OSError) as error:
            raise BusUnavailableError(f"Kafka does not answer: {type(error).__name__}") from error

    def _keep_joining(self) -> None:
        """Let a membership that is being settled be settled, also where a poll ends in between.

        kafka-python 3.0.12 takes a rejoin for new partitions as done once the leader has shared out. Where the poll
        ends before the broker's answer, nobody fetches that answer any more: the member stays without partitions and
        without heartbeats. Apache Kafka mended the same in its own client (KAFKA-9815).
        """
        coordinator = self._consumer._coordinator
        if coordinator.rejoining and not coordinator.need_rejoin():
            coordinator.request_rejoin()

    def _probe(self) -> None:
        """Find out whether silence means that nothing was published or that nobody is there."""
        if time.monotonic() - self._probed_at >= PROBE_SECONDS:
            self._probed_at = time.monotonic()
            self._address.probe()


def received(raw: Any) -> ReceivedRecord:
    """Return a record as the bus's readers know it."""
    return ReceivedRecord(
        raw.topic,
        (raw.key or b"").decode(),
        raw.value or b"",
        {name: (value or b"").decode() for name, value in raw.headers},
        partition=raw.partition,
        offset=raw.offset,
        published_at=datetime.fromtimestamp(raw.timestamp / 1000, UTC),
    )
