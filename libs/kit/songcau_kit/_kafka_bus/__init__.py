"""The bus over Apache Kafka, for every real installation."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from songcau_kit._kafka_bus.address import KafkaAddress
from songcau_kit._kafka_bus.connecting import connect
from songcau_kit._kafka_bus.producer import DELIVERY_MS, PRODUCER, end
from songcau_kit._kafka_bus.subscription import KafkaSubscription
from songcau_kit._kafka_bus.topics import TopicKeeper
from songcau_kit.bus import (
    BusUnavailableError,
    Record,
    RecordTooLargeError,
    UnknownTopicError,
    check_size,
)
from songcau_kit.topics import TopicSpec

CLOSE_SECONDS = 5.0


class KafkaBus:
    """A bus on a Kafka cluster; the producer is idempotent and waits for all in-sync replicas."""

    def __init__(self, url: str, client_id: str) -> None:
        self._address = KafkaAddress.parse(url)
        self._client_id = client_id
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._known: set[str] = set()

    def ensure_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Make missing topics and partitions."""
        with self._administration() as admin:
            TopicKeeper(admin).ensure(topics)
        self._known |= {topic.name for topic in topics}

    def publish(self, records: Sequence[Record]) -> None:
        """Send the records and wait until each is durable."""
        for record in records:
            check_size(record)
        self._learn({record.topic for record in records})
        producer = self._sender()
        try:
            waiting = [
                producer.send(
                    record.topic,
                    key=record.key.encode(),
                    value=record.value,
                    headers=[(name, value.encode()) for name, value in record.headers.items()],
                )
                for record in records
            ]
            for future in waiting:
                future.get(timeout=DELIVERY_MS / 1000 + 5)
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            self._discard(producer)  # an idempotent producer whose batch was refused sends nothing more
            raise RecordTooLargeError("the broker refused a record's size") from error
        except (KafkaError, AssertionError) as error:
            self._discard(producer)
            raise BusUnavailableError(f"Kafka did not take the records: {type(error).__name__}") from error

    def subscribe(self, group: str, topics: Sequence[str], *, member: str | None = None) -> KafkaSubscription:
        """Join a group."""
        return KafkaSubscription(self._address, group=group, topics=topics, name=member or self._client_id)

    def check(self) -> None:
        """Ask the cluster for its brokers."""
        with self._administration() as admin:
            admin.describe_cluster()

    def close(self) -> None:
        """Send what waits and hang up."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError):
                producer.flush(timeout=CLOSE_SECONDS)
            end(producer)

    def _sender(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                try:
                    options = self._address.options(f"{self._client_id}-producer")
                    self._producer = connect(KafkaProducer, **options, **PRODUCER)
                except KafkaError as error:
                    raise BusUnavailableError("Kafka does not answer") from error
            return self._producer

    def _discard(self, producer: KafkaProducer) -> None:
        """Drop a producer whose batch failed: its sequence numbers no longer tell what the broker holds."""
        with self._lock:
            if self._producer is producer:
                self._producer = None
        end(producer)

    def _learn(self, topics: set[str]) -> None:
        if not topics - self._known:
            return
        with self._administration() as admin:
            self._known |= set(admin.list_topics())
        if missing := sorted(topics - self._known):
            raise UnknownTopicError(f"no topic is called {', '.join(missing)}; declare it in proto/topics")

    @contextmanager
    def _administration(self) -> Iterator[KafkaAdminClient]:
        try:
            self._address.probe()
            admin = connect(KafkaAdminClient, **self._address.options(f"{self._client_id}-admin"))
            try:
                yield admin
            finally:
                admin.close()
        except (KafkaError, OSError) as error:
            raise BusUnavailableError(f"Kafka does not answer: {type(error).__name__}") from error
