"""What the producer promises, and how it ends."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from songcau_kit._kafka_bus.topics import FRAMING_BYTES
from songcau_kit.bus import MAX_RECORD_BYTES

DELIVERY_MS = 6_000
# Without lingering, as the relay hands over whole batches.
PRODUCER: Mapping[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "linger_ms": 0,
    "max_block_ms": 3_000,
    "delivery_timeout_ms": DELIVERY_MS,
    "max_request_size": MAX_RECORD_BYTES + FRAMING_BYTES,
}
END_SECONDS = 5.0


def end(producer: KafkaProducer) -> None:
    """Close a producer for good: what it has not sent by now is never sent.

    kafka-python 3.0.12 flushes first when it is closed. Where records are left it raises instead of closing, and its
    thread goes on to send them, so the thread is ended before.
    """
    producer._sender.force_close()
    producer._sender.join(END_SECONDS)
    with suppress(KafkaError):
        producer.close(timeout=0)
