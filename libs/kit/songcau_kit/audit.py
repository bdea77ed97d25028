"""Who read or wrote a person's data: entries in the service's own database, and an event for the access list."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal
from uuid import UUID

from songcau.common.v1 import access_event_pb2, event_meta_pb2

from songcau_kit.clock import Clock, SystemClock
from songcau_kit.database import Connection, Database, service_of
from songcau_kit.errors import UNAVAILABLE, DomainError
from songcau_kit.events import Actor, event_meta, to_outbox
from songcau_kit.logs import get_logger
from songcau_kit.outbox import OutboxEvent, check_size

# Readers that come one after another share a commit, which costs more than the wait; a lone reader waits for nobody.
LONGEST_WAIT_S = 0.0015

# The subject of an access that met nobody: an id that nobody has must not become a list, nor a key, of its own.
NOBODY = UUID(int=0)
Outcome = Literal["ALLOWED", "DENIED", "FAILED"]
_SYSTEM_CLOCK = SystemClock()

_log = get_logger(__name__)


@dataclass(frozen=True)
class AuditEntry:
    """One access to one person's data: ids and codes only, never names, numbers or free text."""

    subject_id: UUID
    actor_id: str
    actor_kind: str
    actor_organization: str | None
    on_behalf_of: str | None
    client_id: str
    operation: str
    object_kind: str
    object_id: str
    purpose: str
    outcome: Outcome
    reason: str | None
    correlation_id: str
    assisted_by: str | None = None
    assisted_by_kind: str | None = None
    assisted_by_organization: str | None = None


_ASSISTANCE = ", assisted_by, assisted_by_kind, assisted_by_organization"
_COLUMNS = ", ".join(("id", "occurred_at", *(field.name for field in fields(AuditEntry)))).removesuffix(_ASSISTANCE)
# One value and one form for any number of entries: a form for each number, with twenty values an entry, costs the
# driver and the database more than all the rest of a commit. The ids of the events follow the order of the entries.
# Columns of assistance stand in a form of their own: a release before they existed may still own the schema.
_FORM = """with access as materialized (
    select {columns}, topic, key, payload, headers, ordinality
    from rows from (json_to_recordset(%s::json) as (id uuid, occurred_at timestamptz, subject_id uuid, actor_id text,
        actor_kind text, actor_organization text, on_behalf_of text, client_id text, operation text,
        object_kind text, object_id text, purpose text, outcome text, reason text, correlation_id text,
        assisted_by text, assisted_by_kind text, assisted_by_organization text,
        topic text, key text, payload text, headers jsonb)) with ordinality as told
), entry as (insert into audit_entries ({columns}) select {columns} from access)
insert into outbox (event_id, topic, key, payload, headers)
select id, topic, key, decode(payload, 'hex'), headers from access order by ordinality"""
_INSERT = _FORM.format(columns=_COLUMNS)
_INSERT_ASSISTED = _FORM.format(columns=_COLUMNS + _ASSISTANCE)


def access_topic(service: str) -> str:
    """Return the topic that tells of accesses in this service."""
    return f"{service}.access.v1"


def record(connection: Connection, *entries: AuditEntry, clock: Clock = _SYSTEM_CLOCK) -> None:
    """Write entries and their events in the caller's transaction.

    The service that the events name is the first word of the application name given to Database.
    """
    service = service_of(connection.info.parameter_status("application_name") or "")
    _insert(connection, _prepare(service, entries, clock))


class AuditJournal:
    """Commits entries of reads and denials before their answers leave; callers that come together share one commit."""

    def __init__(self, database: Database, *, clock: Clock = _SYSTEM_CLOCK) -> None:
        self._database = database
        self._clock = clock
        self._service = service_of(database.application_name)
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._waiting = _Group(1)

    def write(self, *entries: AuditEntry) -> None:
        """Return once the entries are committed; raises UNAVAILABLE, and then the answer must not leave."""
        if not entries:
            return
        # Each caller prepares its own, so that what cannot be written fails for nobody else.
        accesses = _prepare(self._service, entries, self._clock)
        with self._guard:
            group = self._waiting
            group.join(accesses)
        with self._writing:
            # The first of a group to come here commits for all that joined while the group before was committing.
            if not group.is_done:
                group.wait_for_others()
                with self._guard:
                    self._waiting = _Group(group.callers)
                self._commit(group)
        if group.error is not None:
            raise DomainError(UNAVAILABLE) from group.error

    def _commit(self, group: "_Group") -> None:
        try:
            with self._database.single() as connection:
                _insert(connection, group.accesses)
        except Exception as error:  # noqa: BLE001 -- it is raised again in every thread of the group
            _log.error("audit_not_written", entries=len(group.accesses), exc_info=error)
            group.error = error
        finally:
            group.is_done = True


class _Group:
    """The entries that one commit will carry, and how many callers the commit before it had."""

    def __init__(self, expected: int) -> None:
        self.accesses: list[_Access] = []
        self.callers = 0
        self.is_done = False
        self.error: Exception | None = None
        self._expected = expected
        self._is_full = threading.Event()

    def join(self, accesses: Sequence["_Access"]) -> None:
        """Add a caller's entries."""
        self.accesses.extend(accesses)
        self.callers += 1
        if self.callers >= self._expected:
            self._is_full.set()

    def wait_for_others(self) -> None:
        """Wait a moment for as many callers as came together last time; one who comes alone does not wait."""
        self._is_full.wait(LONGEST_WAIT_S)


@dataclass(frozen=True)
class _Access:
    """An entry with its time and the event that tells of it; both carry one id."""

    at: datetime
    entry: AuditEntry
    event: OutboxEvent


def _prepare(service: str, entries: Sequence[AuditEntry], clock: Clock) -> list[_Access]:
    """Prepare the entries of one access: they carry one moment, by which they are told from those of another."""
    at = clock.now()
    return [_prepare_one(service, entry, clock, at) for entry in entries]


def _prepare_one(service: str, entry: AuditEntry, clock: Clock, at: datetime) -> _Access:
    actor = Actor(entry.actor_id, entry.actor_kind, entry.actor_organization or "")
    message = access_event_pb2.AccessEvent(
        meta=event_meta(clock, entry.subject_id, 0, actor, correlation_id=entry.correlation_id),
        subject_id=str(entry.subject_id),
        service=service,
        on_behalf_of=entry.on_behalf_of or "",
        client_id=entry.client_id,
        operation=entry.operation,
        object_kind=entry.object_kind,
        object_id=entry.object_id,
        purpose=entry.purpose,
        outcome=f"ACCESS_OUTCOME_{entry.outcome}",
        reason=entry.reason or "",
        assisted_by=_assistant(entry),
    )
    message.meta.occurred_at.FromDatetime(at)
    return _Access(at, entry, to_outbox(access_topic(service), message))


def _assistant(entry: AuditEntry) -> event_meta_pb2.Actor | None:
    if entry.assisted_by is None:
        return None
    return event_meta_pb2.Actor(
        id=entry.assisted_by, kind=entry.assisted_by_kind, organization=entry.assisted_by_organization
    )


def _insert(connection: Connection, accesses: Sequence[_Access]) -> None:
    if accesses:
        form = _INSERT_ASSISTED if any(one.entry.assisted_by for one in accesses) else _INSERT
        connection.execute(form, (json.dumps([_values(one) for one in accesses], ensure_ascii=False),))


def _values(access: _Access) -> dict[str, object]:
    event = access.event
    check_size(event)
    return {
        **vars(access.entry),
        "id": str(event.event_id),
        "occurred_at": access.at.isoformat(),
        "subject_id": str(access.entry.subject_id),
        "topic": event.topic,
        "key": event.key,
        "payload": event.payload.hex(),
        "headers": event.headers,
    }
