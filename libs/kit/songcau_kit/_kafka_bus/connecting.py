"""Making clients of kafka-python that leave nothing behind where no broker answers."""

from collections.abc import Callable
from typing import Any, TypeVar

from kafka.net import KafkaNetClient

Client = TypeVar("Client")


def connect(make: Callable[..., Client], *topics: str, **options: Any) -> Client:
    """Make a client, or raise what kafka-python raises, with every thread and socket of the attempt closed.

    kafka-python 3.0.12 starts a client's thread before it looks for a broker. Where it finds none it raises and lets
    the thread go on for good: a worker that tries again all night would have thousands.
    """
    nets: list[KafkaNetClient] = []

    def open_net(**settings: Any) -> KafkaNetClient:
        nets.append(KafkaNetClient(**settings))
        return nets[-1]

    try:
        return make(*topics, **options, kafka_client=open_net)
    except BaseException:
        for net in nets:
            net.close()
        raise
