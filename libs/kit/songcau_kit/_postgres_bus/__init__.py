"""The bus over PostgreSQL, for installations without Kafka: topics, a log per partition, groups."""

import threading
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg.types.json import Jsonb

from songcau_kit._postgres_bus.membership import CHANNEL, Membership
from songcau_kit._postgres_bus.subscription import PostgresSubscription
from songcau_kit.bus import BusUnavailableError, Record, UnknownTopicError, check_size
from songcau_kit.clock import SystemClock
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.migrations import MigrationError, apply, migrations_of
from songcau_kit.topics import TopicSpec

_ENSURE_TOPIC = """insert into bus.topics (name, partitions, retention) values (%s, %s, %s)
    on conflict (name) do update
    set partitions = greatest(topics.partitions, excluded.partitions), retention = excluded.retention"""
_ENSURE_PARTITIONS = """insert into bus.partitions (topic, partition)
    select name, generate_series(0, partitions - 1) from bus.topics where name = %s
    on conflict do nothing"""
_PARTITIONS = "select name, partitions from bus.topics where name = any(%s)"
# Always locked in the same order, so that two publishers never wait for each other in a circle.
_LOCK = """select topic, partition, next_offset from bus.partitions
    where (topic, partition) in (select * from unnest(%s::text[], %s::int[]))
    order by topic, partition for update"""
_INSERT = """insert into bus.records (topic, partition, record_offset, key, value, headers)
    select * from unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::bytea[], %s::jsonb[])"""
_ADVANCE = """update bus.partitions set next_offset = moved.next_offset
    from unnest(%s::text[], %s::int[], %s::bigint[]) as moved (topic, partition, next_offset)
    where partitions.topic = moved.topic and partitions.partition = moved.partition"""
# Reads from the old end only: what is younger than the first young record is younger still.
_PRUNE = """with gone as (
    delete from bus.records using (
        select old.topic, old.partition, old.record_offset, old.published_at < now() - topics.retention as is_over
        from bus.partitions join bus.topics on topics.name = partitions.topic
        cross join lateral (
            select topic, partition, record_offset, published_at from bus.records
            where records.topic = partitions.topic and records.partition = partitions.partition
            order by record_offset limit %s
        ) as old
        where topics.retention is not null
    ) as oldest
    where oldest.is_over and records.topic = oldest.topic
        and records.partition = oldest.partition and records.record_offset = oldest.record_offset
    returning true
) select count(*) from gone"""


class PostgresBus:
    """A bus in a database of its own, whose tables it makes itself."""

    def __init__(self, url: str, client_id: str) -> None:
        self._url = url
        self._client_id = client_id
        self._database = Database(
            url, application_name=f"bus-{client_id}", min_size=1, max_size=8, wait_seconds=2.0, has_crash_points=False
        )
        self._lock = threading.Lock()
        self._is_migrated = False
        self._partitions: dict[str, int] = {}

    def ensure_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Make missing topics and partitions."""
        with self._transaction() as connection:
            for topic in sorted(topics, key=lambda topic: topic.name):
                connection.execute(_ENSURE_TOPIC, (topic.name, topic.partitions, topic.retention))
                connection.execute(_ENSURE_PARTITIONS, (topic.name,))
        for topic in topics:
            self._partitions.pop(topic.name, None)

    def publish(self, records: Sequence[Record]) -> None:
        """Append records to their partitions in one transaction."""
        for record in records:
            check_size(record)
        if not records:
            return
        self._learn_partitions({record.topic for record in records})
        places: dict[tuple[str, int], list[Record]] = defaultdict(list)
        for record in records:
            places[record.topic, self._partition_of(record)].append(record)
        with self._transaction() as connection:
            self._append(connection, places)

    def subscribe(self, group: str, topics: Sequence[str], *, member: str | None = None) -> PostgresSubscription:
        """Join a group."""
        with self._transaction():
            pass  # makes the tables where they are missing
        name = f"{member or self._client_id}.{SystemClock().new_id()}"
        membership = Membership(group, name, tuple(topics))
        return PostgresSubscription(self._url, self._database, membership=membership, tidy=self.prune)

    def check(self) -> None:
        """Ask the database for a sign of life."""
        with self._transaction() as connection:
            connection.execute("select 1").fetchone()

    def prune(self, *, at_most: int = 1_000) -> int:
        """Remove up to `at_most` records a partition that are older than their topic keeps; return how many went."""
        with self._transaction() as connection:
            (gone,) = connection.execute(_PRUNE, (at_most,)).fetchone() or (0,)
            return int(gone)

    def close(self) -> None:
        """Close the pool."""
        self._database.close()

    def _append(self, connection: Connection, places: dict[tuple[str, int], list[Record]]) -> None:
        topics, partitions = zip(*places, strict=True)
        rows = []
        ends = []
        for topic, partition, start in connection.execute(_LOCK, (list(topics), list(partitions))).fetchall():
            ordered = places[topic, partition]
            ends.append((topic, partition, start + len(ordered)))
            rows += [
                (topic, partition, start + place, record.key, record.value, Jsonb(dict(record.headers)))
                for place, record in enumerate(ordered)
            ]
        connection.execute(_INSERT, _columns(rows))
        connection.execute(_ADVANCE, _columns(ends))
        for topic in sorted(set(topics)):
            connection.execute("select pg_notify(%s, %s)", (CHANNEL, topic))

    def _partition_of(self, record: Record) -> int:
        return zlib.crc32(record.key.encode()) % self._partitions[record.topic]

    def _learn_partitions(self, topics: set[str]) -> None:
        if unknown := topics - self._partitions.keys():
            with self._transaction() as connection:
                rows = connection.execute(_PARTITIONS, (sorted(unknown),)).fetchall()
            self._partitions.update(dict(rows))
            if missing := sorted(unknown - self._partitions.keys()):
                raise UnknownTopicError(f"no topic is called {', '.join(missing)}; declare it in proto/topics")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            self._migrate()
            with self._database.transaction(pipeline=True) as connection:
                yield connection
        except (DomainError, MigrationError) as error:
            raise BusUnavailableError("the database of the bus does not answer") from error

    def _migrate(self) -> None:
        with self._lock:
            if not self._is_migrated:
                apply(self._url, migrations_of(__name__), owner="bus")
                self._is_migrated = True


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
