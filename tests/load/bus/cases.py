"""`make bench-bus`: relay and consumer on a real Kafka beside kafka-python alone, in one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from load.bus import drain, lag
from load.bus.ground import Ground, open_ground
from load.limits import kafka
from load.measures import Case, Round, percentile
from load.report import table

LAG_AIM_MS = 20.0
PER_SECOND = 200


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    drains: int = 9
    events: int = 5000
    lags: int = 5
    seconds: float = 6.0


SHORT = Plan(drains=2, events=1000, lags=1, seconds=2.0)


def run(plan: Plan) -> list[str]:
    """Run both comparisons and return their lines of the document."""
    with open_ground() as ground:
        drained = table([drain_case(ground, plan)], "events per second")
        return [*drained, "", *lag_lines(*lag_rounds(ground, plan), plan)]


def drain_case(ground: Ground, plan: Plan) -> Case:
    """Return the relay's drain beside raw produce."""
    topic = ground.make_topic("load.drain.v1")
    case = Case(
        "relay drain",
        0.7,
        f"an outbox of {plan.events:,} events of 300 bytes with CloudEvents headers, 500 aggregates: claimed in order, "
        "published with acks from all, removed and committed",
        "kafka-python produces the same records with the same settings (idempotent, acks from all) and flushes",
    )
    for number in range(plan.drains + 1):
        raw = kafka.produce_round(ground.bus_url, topic, plan.events)
        ours = drain.our_round(ground, topic, plan.events)
        if number:  # the first pair warms up
            case.add(raw, ours)
    return case


def lag_rounds(ground: Ground, plan: Plan) -> tuple[list[Round], list[Round]]:
    """Return the rounds of raw produce to consume and of commit to effect, taken in turns."""
    raw, ours = [], []
    ground.start_relay()
    for number in range(plan.lags):
        pace = {"per_second": PER_SECOND, "seconds": plan.seconds}
        raw.append(kafka.consume_round(ground.bus_url, ground.make_topic(f"load.raw{number}.v1"), **pace))
        ours.append(lag.our_round(ground, ground.make_topic(f"load.ours{number}.v1"), **pace))
    return raw, ours


def lag_lines(raw: Sequence[Round], ours: Sequence[Round], plan: Plan) -> list[str]:
    """Return the table of lags and the difference that counts."""
    differences = [
        (percentile(mine.latencies, 0.99) - percentile(bare.latencies, 0.99)) * 1000
        for mine, bare in zip(ours, raw, strict=True)
    ]
    found = median(differences)
    verdict = "met" if found <= LAG_AIM_MS else "missed"
    spread = f"{min(differences):.1f}–{max(differences):.1f}"
    return [
        f"At {PER_SECOND} events a second, {plan.lags} rounds of {plan.seconds:g} s a side in turns:",
        "",
        "| what | median | p95 | p99 |",
        "|---|---:|---:|---:|",
        f"| commit → effect committed (outbox, relay, Kafka, consumer, inbox) | {_lag(ours)} |",
        f"| kafka-python produce → consume | {_lag(raw)} |",
        "",
        f"Difference of the p99 of neighbouring rounds: **{found:.1f} ms** ({spread}), "
        f"aim ≤ {LAG_AIM_MS:g} ms: {verdict}.",
    ]


def _lag(rounds: Sequence[Round]) -> str:
    values = [value for one in rounds for value in one.latencies]
    return " | ".join(f"{percentile(values, share) * 1000:.1f} ms" for share in (0.5, 0.95, 0.99))
