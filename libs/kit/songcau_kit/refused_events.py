"""Events of the outbox that the bus refuses for their size: trying again never helps, so they become dead letters.

What not even the dead letters take stands aside in the service's own database.
"""

from collections.abc import Sequence

from songcau_kit.bus import Bus, Record, RecordTooLargeError
from songcau_kit.database import Connection
from songcau_kit.dead_letters import Fault, bury
from songcau_kit.logs import get_logger
from songcau_kit.metrics import counter
from songcau_kit.topics import dead_letter_topic

# Not by the id of the event, which a writer past the kit may have used twice.
_SET_ASIDE = """with refused as (
    delete from outbox where id = %s returning event_id, topic, key, payload, headers, created_at
) insert into refused_events (event_id, topic, key, payload, headers, written_at)
select event_id, topic, key, payload, headers, created_at from refused"""

_log = get_logger(__name__)


class RefusedEvents:
    """Publishes around records that are too large; several relays of a service may share its dead letters."""

    def __init__(self, bus: Bus, service: str) -> None:
        self._bus = bus
        self._service = service
        # Without labels: an alert sees the first one only where the series stood at zero before.
        self._refused = counter(service, "events_refused", "Events the bus refused for good, now out of the way.")

    def publish(self, records: Sequence[Record]) -> int:
        """Publish records in order until all are out or one was buried; return how many are dealt with.

        What is behind a buried record goes with the next call, so its key keeps its order with one event missing.
        Returns 0 where the dead letters refuse the first record too. Raises BusError for anything but a size.
        """
        try:
            self._bus.publish(records)
        except RecordTooLargeError as refusal:
            if len(records) == 1:
                return self._bury(records[0], refusal)
        else:
            return len(records)
        half = len(records) // 2
        done = self.publish(records[:half])
        return done if done < half else done + self.publish(records[half:])

    def set_aside(self, connection: Connection, outbox_id: int) -> None:
        """Move an event that not even the dead letters take out of the outbox, so that its lane goes on without it.

        Raises where the table is not there yet: a schema older than this release keeps the event in its lane.
        """
        connection.execute(_SET_ASIDE, (outbox_id,))
        _log.error("event_set_aside", outbox_id=outbox_id)
        self._refused.inc()

    def _bury(self, record: Record, refusal: RecordTooLargeError) -> int:
        event = {"topic": record.topic, "event_id": record.headers.get("ce_id", ""), "size": record.size}
        self._bus.ensure_topics([dead_letter_topic(self._service)])
        try:
            bury(self._bus, self._service, record, fault=Fault.TOO_LARGE, cause=type(refusal).__name__)
        except RecordTooLargeError:
            _log.error("event_refused_twice", **event)
            return 0
        _log.error("event_refused", **event)
        self._refused.inc()
        return 1
