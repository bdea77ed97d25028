"""Reads what lies in a Kafka cluster from its oldest record to its newest, without joining any group."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from songcau_kit._kafka_bus.address import KafkaAddress

from songcau_local.errors import StackError

POLL_MS = 500
# Kafka's own bookkeeping is not what happened on the platform.
INTERNAL = "__"

Row = tuple[str, int, int, str, bytes, dict[str, str], datetime]


def read_records(url: str, topics: Sequence[str] | None) -> list[Row]:
    """Return the records of some topics, or all, oldest first; raises StackError where the cluster does not answer."""
    address = KafkaAddress.parse(url)
    try:
        address.probe()
        consumer = KafkaConsumer(**address.options("songcau-log"), auto_offset_reset="earliest")
    except (KafkaError, OSError):
        raise StackError("the bus does not answer: is the stack up? `songcau status` tells") from None
    try:
        return sorted(_read(consumer, topics), key=lambda row: (row[6], row[0], row[1], row[2]))
    finally:
        consumer.close()


def _read(consumer: Any, topics: Sequence[str] | None) -> list[Row]:
    wanted = {name for name in consumer.topics() if not name.startswith(INTERNAL)} & set(topics or consumer.topics())
    places = [TopicPartition(topic, number) for topic in wanted for number in consumer.partitions_for_topic(topic)]
    if not places:
        return []
    consumer.assign(places)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(places)
    rows: list[Row] = []
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            rows += [_row(record) for record in records]
    return rows


def _row(record: Any) -> Row:
    headers = {name: value.decode() for name, value in record.headers}
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    key = record.key.decode() if record.key else ""
    return record.topic, record.partition, record.offset, key, record.value, headers, at
