"""How fast the relay empties an outbox, beside kafka-python producing the same records with the same promises."""

import time
from collections.abc import Sequence

from kafka import KafkaProducer
from songcau_kit._kafka_bus import PRODUCER
from songcau_kit._kafka_bus.address import KafkaAddress
from songcau_kit.outbox import OutboxEvent
from songcau_kit.relay import Relay

from load.bus.ground import Ground, event, fill
from load.measures import Round


def relay_round(ground: Ground, topic: str, count: int) -> Round:
    """Empty an outbox of so many events; the latencies are those of the batches, shared by their events."""
    fill(ground, [event(topic, number) for number in range(count)])
    relay, latencies = Relay(ground.database, ground.bus), []
    began = time.perf_counter()
    while True:
        batch = time.perf_counter()
        size = relay.relay_batch()
        if not size:
            break
        latencies += [time.perf_counter() - batch] * size
    took = time.perf_counter() - began
    if len(latencies) != count:
        raise RuntimeError(f"the relay took {len(latencies)} of {count} events")
    return Round(took, latencies)


def raw_round(ground: Ground, topic: str, count: int) -> Round:
    """Produce the same records with kafka-python alone and wait until the broker has all of them."""
    producer = KafkaProducer(**raw_options(ground))
    events = [event(topic, number) for number in range(count)]
    try:
        producer.partitions_for(topic)
        began = time.perf_counter()
        moments, futures = _send(producer, events)
        producer.flush()
        took = time.perf_counter() - began
        for future in futures:
            future.get(timeout=0)
        return Round(took, [began + took - moment for moment in moments])
    finally:
        producer.close()


def raw_options(ground: Ground) -> dict[str, object]:
    """Return the options of a producer that promises what ours does."""
    return {**KafkaAddress.parse(ground.bus_url).options("raw"), **PRODUCER}


def _send(producer: KafkaProducer, events: Sequence[OutboxEvent]) -> tuple[list[float], list[object]]:
    moments, futures = [], []
    for one in events:
        headers = [(name, value.encode()) for name, value in one.headers.items()]
        moments.append(time.perf_counter())
        futures.append(producer.send(one.topic, key=one.key.encode(), value=one.payload, headers=headers))
    return moments, futures
