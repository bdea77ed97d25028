"""How fast the relay empties an outbox."""

import time

from songcau_kit.relay import Relay

from load.bus.ground import Ground, event, fill
from load.measures import Round


def our_round(ground: Ground, topic: str, count: int) -> Round:
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
