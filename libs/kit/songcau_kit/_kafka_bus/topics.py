"""Making topics on a Kafka cluster: what is missing is added, nothing is taken away."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kafka.admin import KafkaAdminClient, NewPartitions, NewTopic
from kafka.errors import (
    ClusterAuthorizationFailedError,
    InvalidPartitionsError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
)

from songcau_kit.bus import MAX_RECORD_BYTES, UnknownTopicError
from songcau_kit.topics import TopicSpec

SETTLE_SECONDS = 10.0
DENIED = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)
FRAMING_BYTES = 64 * 1024  # what Kafka's framing of a record may add to its key, value and headers


@dataclass(frozen=True)
class TopicKeeper:
    """Brings a cluster's topics to what the topic files declare; several may do so at once."""

    admin: KafkaAdminClient
    replication_factor: int = -1  # the cluster's own default

    def ensure(self, topics: Sequence[TopicSpec]) -> None:
        """Create missing topics, add missing partitions, then wait until every partition has a leader.

        Raises UnknownTopicError where a topic is missing and the principal may make none.
        """
        present = self.partitions()
        for topic in topics:
            if topic.name not in present:
                self._create(topic)
        smaller = [topic for topic in topics if present.get(topic.name, topic.partitions) < topic.partitions]
        self._settle([topic for topic in smaller if self._grow(topic)])

    def partitions(self) -> Mapping[str, int]:
        """Return the number of partitions of each topic that has a leader for all of them."""
        described = self.admin.describe_topics()
        return {
            item["name"]: len(item["partitions"])
            for item in described
            if item["error_code"] == 0 and all(part["error_code"] == 0 for part in item["partitions"])
        }

    def _create(self, topic: TopicSpec) -> None:
        configuration = settings_of(topic)
        new = NewTopic(topic.name, topic.partitions, self.replication_factor, topic_configs=configuration)
        try:
            with suppress(TopicAlreadyExistsError):  # another process was quicker
                self.admin.create_topics([new])
        except DENIED as error:
            text = f"there is no topic {topic.name} for this principal: `songcau topics apply` makes it and lets it in"
            raise UnknownTopicError(text) from error
        self._settle([topic])

    def _grow(self, topic: TopicSpec) -> bool:
        """Add partitions; return False where the principal may not, as fewer serve until somebody adds them."""
        try:
            with suppress(InvalidPartitionsError):  # another process was quicker
                self.admin.create_partitions({topic.name: NewPartitions(topic.partitions)})
        except DENIED:
            return False
        return True

    def _settle(self, topics: Sequence[TopicSpec]) -> None:
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            present = self.partitions()
            if all(present.get(topic.name, 0) >= topic.partitions for topic in topics):
                return
            time.sleep(0.05)
        raise KafkaError("new topics found no leader in time")


def settings_of(topic: TopicSpec) -> dict[str, str]:
    """Return a topic's Kafka configuration."""
    retention = -1 if topic.retention is None else int(topic.retention.total_seconds() * 1000)
    return {
        "retention.ms": str(retention),
        "max.message.bytes": str(MAX_RECORD_BYTES + FRAMING_BYTES),
        # The time of a record is the broker's, as with the other bus, so that clocks of writers do not matter.
        "message.timestamp.type": "LogAppendTime",
    }
