"""Reading as a member of a group: poll, commit, stay alive in between."""

import heapq
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from songcau_kit._postgres_bus.membership import CHANNEL, LEASE_SECONDS, Holding, Membership
from songcau_kit._postgres_bus.sharing import Place
from songcau_kit.bus import BusError, BusUnavailableError, PartitionLostError, ReceivedRecord
from songcau_kit.database import CONNECT_TIMEOUT_S, STATEMENT_TIMEOUT_MS, Connection, Database
from songcau_kit.errors import DomainError

ATTEND_SECONDS = 1.0
# A member that does not poll for so long is taken for stuck, and its lease runs out.
POLL_LIMIT_SECONDS = 300.0
TIDY_SECONDS = 60.0

_READ = """select record.topic, record.partition, record.record_offset, record.key, record.value, record.headers,
        record.published_at
    from unnest(%s::text[], %s::int[], %s::bigint[]) as held (topic, partition, position)
    cross join lateral (
        select topic, partition, record_offset, key, value, headers, published_at from bus.records
        where records.topic = held.topic and records.partition = held.partition
            and records.record_offset >= held.position
        order by record_offset limit %s
    ) as record
    order by record.topic, record.partition, record.record_offset"""

_LAG = """select held.topic, sum(partitions.next_offset - held.position)
    from unnest(%s::text[], %s::int[], %s::bigint[]) as held (topic, partition, position)
    join bus.partitions using (topic, partition)
    group by held.topic"""


class PostgresSubscription:
    """One member of a group; one thread uses it."""

    def __init__(self, url: str, database: Database, *, membership: Membership, tidy: Callable[[], object]) -> None:
        self._url = url
        self._database = database
        self._membership = membership
        self._tidy = tidy
        self._tidy_at = time.monotonic() + TIDY_SECONDS
        self._held: dict[Place, Holding] = {}
        self._connection: Connection | None = None
        self._attend_at = 0.0
        self._polled_at = time.monotonic()
        self._closing = threading.Event()
        self._heart = threading.Thread(target=self._beat, name=f"{membership.group}-heartbeat", daemon=True)
        self._heart.start()

    def poll(self, timeout: float, max_records: int = 100) -> list[ReceivedRecord]:
        """Return the next records, waiting up to `timeout` seconds for the first."""
        until = time.monotonic() + timeout
        while True:
            self._polled_at = time.monotonic()
            with self._session() as connection:
                if time.monotonic() >= self._attend_at:
                    self._attend(connection)
                records = self._read(connection, max_records)
                left = until - time.monotonic()
                if records or left <= 0 or self._closing.is_set():
                    return records
                self._wait(connection, min(left, max(0.0, self._attend_at - time.monotonic())))

    def commit(self, records: Sequence[ReceivedRecord]) -> None:
        """Remember records as dealt with."""
        ends: dict[Place, tuple[int, int]] = {}
        lost: set[Place] = set()
        for record in records:
            place = (record.topic, record.partition)
            if (holding := self._held.get(place)) is None:
                lost.add(place)
            else:
                ends[place] = (holding.epoch, max(record.offset + 1, ends.get(place, (0, 0))[1]))
        if ends:
            with self._session() as connection:
                lost |= ends.keys() - self._membership.commit(connection, ends)
        for place in lost:
            self._held.pop(place, None)
        if lost:
            places = ", ".join(f"{topic}/{partition}" for topic, partition in sorted(lost))
            raise PartitionLostError(f"another member of {self._membership.group} reads {places} by now")

    def lag(self) -> dict[str, int]:
        """Count what waits in the held partitions."""
        if not self._held:
            return {}
        with self._session() as connection:
            return {topic: int(count) for topic, count in connection.execute(_LAG, self._places())}

    def close(self) -> None:
        """Leave the group."""
        self._closing.set()
        self._heart.join()
        with suppress(DomainError), self._database.transaction(pipeline=True) as connection:
            self._membership.leave(connection)
        self._hang_up()

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        try:
            if self._connection is None:
                self._connection = self._connect()
            yield self._connection
        except psycopg.OperationalError as error:
            self._hang_up()
            raise BusUnavailableError("the database of the bus does not answer") from error

    def _connect(self) -> Connection:
        connection: Connection = psycopg.connect(
            self._url,
            autocommit=True,
            application_name=f"bus-{self._membership.group}",
            connect_timeout=CONNECT_TIMEOUT_S,
            options=f"-c statement_timeout={STATEMENT_TIMEOUT_MS}",
        )
        try:
            connection.execute(f"listen {CHANNEL}".encode())
            self._membership.announce(connection)
        except BaseException:
            connection.close()
            raise
        self._attend_at = 0.0
        return connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._held = {}

    def _attend(self, connection: Connection) -> None:
        with connection.pipeline(), connection.transaction():
            held = self._membership.attend(connection)
        for place, holding in held.items():
            before = self._held.get(place)
            if before is not None and before.epoch == holding.epoch:
                holding.position = before.position
        self._held = held
        self._attend_at = time.monotonic() + ATTEND_SECONDS

    def _read(self, connection: Connection, max_records: int) -> list[ReceivedRecord]:
        if not self._held:
            return []
        columns = self._places()
        by_place: dict[Place, list[ReceivedRecord]] = {}
        for row in connection.execute(_READ, (*columns, max(1, max_records // len(self._held)))):
            record = _received(row)
            by_place.setdefault((record.topic, record.partition), []).append(record)
        # Oldest first across partitions; within one the merge keeps the order of the log.
        records = list(heapq.merge(*by_place.values(), key=lambda record: record.published_at))[:max_records]
        for record in records:
            self._held[record.topic, record.partition].position = record.offset + 1
        return records

    def _places(self) -> list[list[object]]:
        places = [(topic, partition, holding.position) for (topic, partition), holding in self._held.items()]
        return [list(column) for column in zip(*places, strict=True)]

    def _wait(self, connection: Connection, seconds: float) -> None:
        for notice in connection.notifies(timeout=seconds, stop_after=1):
            if notice.payload == f"group {self._membership.group}":
                self._attend_at = 0.0

    def _beat(self) -> None:
        while not self._closing.wait(LEASE_SECONDS / 3):
            if time.monotonic() - self._polled_at < POLL_LIMIT_SECONDS:
                # A lease that cannot be renewed runs out, and a commit then shows that the partition is lost.
                with suppress(DomainError), self._database.transaction(pipeline=True) as connection:
                    self._membership.renew(connection)
            if time.monotonic() >= self._tidy_at:
                self._tidy_at = time.monotonic() + TIDY_SECONDS
                with suppress(BusError):
                    self._tidy()


def _received(row: tuple[Any, ...]) -> ReceivedRecord:
    topic, partition, offset, key, value, headers, published_at = row
    return ReceivedRecord(topic, key, value, headers, partition=partition, offset=offset, published_at=published_at)
