"""kafka-python alone with the promises of our producer: how fast records are produced, how soon they are consumed."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kafka import KafkaConsumer, KafkaProducer
from songcau_kit._kafka_bus.address import KafkaAddress
from songcau_kit._kafka_bus.producer import PRODUCER
from songcau_kit.outbox import OutboxEvent

from load.bus.ground import event
from load.measures import Round
from load.pace import ARRIVES_WITHIN_S, act_at_pace, wait_for_arrival

NAME_BYTES = 36


def produce_round(bus_url: str, topic: str, count: int) -> Round:
    """Produce so many records and wait until the broker has all of them."""
    events = [event(topic, number) for number in range(count)]
    with _producer(bus_url) as producer:
        producer.partitions_for(topic)
        began = time.perf_counter()
        moments, futures = _send(producer, events)
        producer.flush()
        took = time.perf_counter() - began
        for future in futures:
            future.get(timeout=0)
    return Round(took, [began + took - moment for moment in moments])


def consume_round(bus_url: str, topic: str, *, per_second: int, seconds: float) -> Round:
    """Produce at a steady pace, consume in a group; raises TimeoutError where records stay away."""
    count = int(per_second * seconds)
    sent: dict[bytes, float] = {}
    with _consuming(bus_url, topic) as seen, _producer(bus_url) as producer:
        began = time.perf_counter()

        def send(number: int) -> None:
            one = event(topic, number)
            name = str(one.event_id).encode()
            sent[name] = time.perf_counter()
            producer.send(topic, key=one.key.encode(), value=name + one.payload[NAME_BYTES:])

        act_at_pace(count, per_second, send)
        wait_for_arrival(lambda: len(seen) >= count)
        return Round(time.perf_counter() - began, [seen[name] - at for name, at in sent.items()])


@contextmanager
def _producer(bus_url: str) -> Iterator[KafkaProducer]:
    producer = KafkaProducer(**KafkaAddress.parse(bus_url).options("raw"), **PRODUCER)
    try:
        yield producer
    finally:
        producer.close()


@contextmanager
def _consuming(bus_url: str, topic: str) -> Iterator[dict[bytes, float]]:
    """Consume during the block; yield, once partitions are assigned, when the record of each name was seen."""
    seen: dict[bytes, float] = {}
    ready, over = threading.Event(), threading.Event()

    def consume() -> None:
        options = {"group_id": f"raw-{topic}", "auto_offset_reset": "earliest"}
        consumer = KafkaConsumer(topic, bootstrap_servers=list(KafkaAddress.parse(bus_url).brokers), **options)
        while not over.is_set():
            for batch in consumer.poll(timeout_ms=100).values():
                now = time.perf_counter()
                seen.update((record.value[:NAME_BYTES], now) for record in batch)
            if consumer.assignment():
                ready.set()
        consumer.close()

    thread = threading.Thread(target=consume)
    thread.start()
    try:
        ready.wait(ARRIVES_WITHIN_S)
        yield seen
    finally:
        over.set()
        thread.join()


def _send(producer: KafkaProducer, events: Sequence[OutboxEvent]) -> tuple[list[float], list[object]]:
    moments, futures = [], []
    for one in events:
        headers = [(name, value.encode()) for name, value in one.headers.items()]
        moments.append(time.perf_counter())
        futures.append(producer.send(one.topic, key=one.key.encode(), value=one.payload, headers=headers))
    return moments, futures
