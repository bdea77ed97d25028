"""What the figures of the bus stand on: one Kafka broker, one database with the kit's tables, records like ours."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from songcau_kit import outbox
from songcau_kit.bus import Bus, open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.database import Database
from songcau_kit.migrations import migrate
from songcau_kit.outbox import OutboxEvent
from songcau_kit.topics import TopicSpec
from songcau_local.full.kafka import LocalKafka
from songcau_local.postgres import EmbeddedPostgres
from songcau_local.supervisor import POSTGRES_SETTINGS

from load.processes import Processes

PARTITIONS = 6
VALUE = bytes(range(256)) + bytes(44)
KEYS = 500
CLOCK = SystemClock()


@dataclass(frozen=True)
class Ground:
    """A broker, a database and the addresses of both."""

    brokers: str
    url: str
    database: Database
    bus: Bus
    processes: Processes

    @property
    def bus_url(self) -> str:
        """The address of the bus as settings say it."""
        return f"kafka://{self.brokers}"

    def start_relay(self) -> None:
        """Start the relay in a process of its own; it stays until the end."""
        self.processes.start_module("relay", "support.relay_process", self.url, self.bus_url, "songcau-load")

    def make_topic(self, name: str) -> str:
        """Declare a topic and return its name."""
        self.bus.ensure_topics([TopicSpec(name, PARTITIONS, retention=timedelta(hours=1))])
        return name


@contextmanager
def open_ground() -> Iterator[Ground]:
    """Start the broker and PostgreSQL, with the settings the platform starts them with; end both after the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="songcau-load-")))
        broker = stack.enter_context(LocalKafka(folder / "kafka"))
        postgres = EmbeddedPostgres(folder / "postgres", settings=POSTGRES_SETTINGS)
        stack.callback(postgres.discard)
        postgres.start()
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute("create database load")
        url = postgres.url("load")
        migrate(url, package="songcau_kit")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create table effects (event_id uuid primary key, at timestamptz not null)")
        database = Database(url, application_name="songcau-load", max_size=8)
        stack.callback(database.close)
        bus = open_bus(f"kafka://{broker.address}", "load")
        stack.callback(bus.close)
        processes = stack.enter_context(Processes(folder / "logs"))
        yield Ground(broker.address, url, database, bus, processes)


def event(topic: str, number: int) -> OutboxEvent:
    """Return an event with the size and headers of ours."""
    event_id: UUID = CLOCK.new_id()
    headers = {
        "ce_id": str(event_id),
        "ce_type": "songcau.eservices.dossier.v1",
        "ce_source": "eservices",
        "ce_time": CLOCK.now().isoformat(),
        "ce_specversion": "1.0",
    }
    return OutboxEvent(event_id, topic, f"aggregate-{number % KEYS}", VALUE, headers)


def fill(ground: Ground, events: Sequence[OutboxEvent]) -> None:
    """Write events to the outbox."""
    with ground.database.transaction() as connection:
        for start in range(0, len(events), 1000):
            outbox.append(connection, *events[start : start + 1000])
