"""Handles the events of other services: each has its effect once, what cannot be handled goes to the dead letters."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from songcau_kit import inbox
from songcau_kit.bus import Bus, BusError, PartitionLostError, ReceivedRecord, Subscription
from songcau_kit.crash import crash_point
from songcau_kit.database import Connection, Database, service_of
from songcau_kit.dead_letters import Fault, bury
from songcau_kit.errors import UNAVAILABLE, DomainError
from songcau_kit.logs import bind_correlation, get_logger, unbind
from songcau_kit.loop import FIRST_PAUSE_S, LONGEST_PAUSE_S, HaltError, Loop, Looping
from songcau_kit.metrics import counter, gauge
from songcau_kit.topics import dead_letter_topic

POLL_S = 0.5
BATCH = 200
COMMIT_S = 0.2
LONGEST_REST_S = 0.01
MEASURE_S = 15.0

M = TypeVar("M")

_log = get_logger(__name__)


@dataclass(frozen=True)
class EventHandler(Generic[M]):
    """What to do with the records of one topic.

    `handle` runs in the transaction that also notes the event, must not commit, and may run again after it raised.
    The transaction may be a pipeline: what a statement changed is known from `returning`, not from `rowcount`.
    """

    decode: Callable[[bytes], M]
    handle: Callable[[Connection, M], None]


class DeadLetterLimitError(HaltError):
    """So many dead letters in a row mean that the consumer is wrong, not the events."""


class _StoppedError(Exception):
    """The process ends while a record waits for its next attempt."""


class Consumer(Looping):
    """A component of `work`; several processes of one group share the partitions. Too many dead letters halt it."""

    def __init__(
        self,
        bus: Bus,
        database: Database,
        *,
        group: str,
        handlers: Mapping[str, EventHandler[Any]],
        retries: int = 5,
        dead_letter_limit: int = 20,
    ) -> None:
        self._bus = bus
        self._database = database
        self._group = group
        self._handlers = dict(handlers)
        self._retries = retries
        self._dead_letter_limit = dead_letter_limit
        self._dead_in_a_row = 0
        self._settled: list[ReceivedRecord] = []
        self._has_buried = False
        self._commit_at = 0.0
        self._loop = Loop(f"{group}-consumer", self._step)
        service = service_of(database.application_name)
        self._measure_at = 0.0
        self._lag = gauge(
            service, "consumer_lag", "events", description="Events that wait for this member.", labels=("topic",)
        )
        self._handled = counter(
            service,
            "events_handled",
            "Events taken from the bus, by topic and what became of them.",
            labels=("topic", "outcome"),
        )

    def _step(self) -> float:
        self._bus.ensure_topics([dead_letter_topic(self._group)])
        subscription = self._bus.subscribe(self._group, sorted(self._handlers))
        try:
            while not self._loop.stopping.is_set():
                self._consume(subscription)
                self._measure(subscription)
        finally:
            with suppress(BusError):  # what is not kept comes again
                self._commit(subscription)
            subscription.close()
        return 0.0

    def _consume(self, subscription: Subscription) -> None:
        records = subscription.poll(POLL_S, BATCH)
        began = time.monotonic()
        if len(records) > 1 and self._settle_together(records):
            self._settled += records
        else:
            self._settle_each(records)
        # To keep a position takes longer than to handle an event; one that is lost costs a look into the inbox. The
        # inbox does not know dead letters, so that these would come twice.
        if not records or self._has_buried or time.monotonic() >= self._commit_at:
            self._commit(subscription)
        if 0 < len(records) < BATCH:
            # It rests as long as it worked: on a busy machine batches become larger instead of more.
            self._loop.stopping.wait(min(time.monotonic() - began, LONGEST_REST_S))

    def _settle_each(self, records: Sequence[ReceivedRecord]) -> None:
        try:
            for record in records:
                if self._loop.stopping.is_set():
                    break
                self._settle(record)
                self._settled.append(record)
        except _StoppedError:
            _log.info("consumer_stopped_before_retry", group=self._group)

    def _measure(self, subscription: Subscription) -> None:
        if time.monotonic() >= self._measure_at:
            self._measure_at = time.monotonic() + MEASURE_S
            waiting = subscription.lag()
            for topic in self._handlers:
                self._lag.labels(topic).set(waiting.get(topic, 0))

    def _commit(self, subscription: Subscription) -> None:
        settled, self._settled, self._has_buried = self._settled, [], False
        self._commit_at = time.monotonic() + COMMIT_S
        try:
            if settled:
                subscription.commit(settled)
        except PartitionLostError:
            # Another member got the partition; it finds these events in the inbox and passes them over.
            _log.info("consumer_lost_partition", group=self._group)

    def _settle_together(self, records: list[ReceivedRecord]) -> bool:
        """Handle records in one transaction, as a commit each is what a busy consumer waits for.

        Return False where one of them needs a closer look; nothing has happened then and each is settled by itself.
        """
        outcomes: list[str] = []
        try:
            work = [(record, UUID(record.headers["ce_id"]), self._handlers[record.topic]) for record in records]
            messages = [handler.decode(record.value) for record, _, handler in work]
            crash_point("consumer.before_effect")
            with self._database.transaction(pipeline=True) as connection:
                new = inbox.receive_all(connection, self._group, [event_id for _, event_id, _ in work])
                for (record, event_id, handler), message in zip(work, messages, strict=True):
                    outcomes.append("handled" if event_id in new else "known")
                    if event_id in new:
                        new.remove(event_id)  # it may stand in the log twice
                        with _correlated(record):
                            handler.handle(connection, message)
        except Exception as error:  # noqa: BLE001 -- the one at fault is found when each is settled by itself
            _log.info("events_settled_one_by_one", group=self._group, cause=_cause(error))
            return False
        crash_point("consumer.after_effect")
        self._dead_in_a_row = 0
        for record, outcome in zip(records, outcomes, strict=True):
            self._handled.labels(record.topic, outcome).inc()
        return True

    def _settle(self, record: ReceivedRecord) -> None:
        with _correlated(record):
            outcome = self._handle(record)
            self._handled.labels(record.topic, outcome).inc()

    def _handle(self, record: ReceivedRecord) -> str:
        handler = self._handlers[record.topic]
        event_id = _event_id(record)
        if event_id is None:
            return self._bury(record, Fault.ID_MISSING, "ce_id")
        try:
            message = handler.decode(record.value)
        except Exception as error:  # noqa: BLE001 -- whatever a decoder meets, the record is at fault
            return self._bury(record, Fault.UNDECODABLE, type(error).__name__)
        return self._try(record, lambda: self._apply(event_id, handler, message))

    def _try(self, record: ReceivedRecord, apply: Callable[[], bool]) -> str:
        failures = 0
        pause = FIRST_PAUSE_S
        while True:
            try:
                outcome = "handled" if apply() else "known"
            except Exception as error:  # noqa: BLE001 -- a handler's error is retried, then buried with its record
                # A database that is away is not the event's fault and uses up no attempt.
                failures += 0 if isinstance(error, DomainError) and error.reason is UNAVAILABLE else 1
                if failures > self._retries:
                    return self._bury(record, Fault.HANDLER_FAILED, _cause(error))
                _log.warning("event_failed", topic=record.topic, event_id=record.headers["ce_id"], exc_info=error)
                if self._loop.stopping.wait(pause):
                    raise _StoppedError from None
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                self._dead_in_a_row = 0
                return outcome

    def _apply(self, event_id: UUID, handler: EventHandler[M], message: M) -> bool:
        crash_point("consumer.before_effect")
        with self._database.transaction() as connection:
            is_new = inbox.receive(connection, self._group, event_id)
            if is_new:
                handler.handle(connection, message)
        crash_point("consumer.after_effect")
        return is_new

    def _bury(self, record: ReceivedRecord, fault: Fault, cause: str) -> str:
        if self._dead_in_a_row >= self._dead_letter_limit:
            raise DeadLetterLimitError(
                f"{self._dead_in_a_row} dead letters in a row stopped {self._group}: "
                "see `songcau dlq`, mend the cause and start the process again"
            )
        self._has_buried = True
        bury(self._bus, self._group, record, fault=fault, cause=cause)
        self._dead_in_a_row += 1
        _log.error("event_buried", topic=record.topic, offset=record.offset, fault=fault.value, cause=cause)
        return "buried"


@contextmanager
def _correlated(record: ReceivedRecord) -> Iterator[None]:
    tokens = bind_correlation(record.headers.get("ce_correlationid", ""))
    try:
        yield
    finally:
        unbind(tokens)


def _event_id(record: ReceivedRecord) -> UUID | None:
    try:
        return UUID(record.headers["ce_id"])
    except (KeyError, ValueError):
        return None


def _cause(error: Exception) -> str:
    return error.reason.code if isinstance(error, DomainError) else type(error).__name__
