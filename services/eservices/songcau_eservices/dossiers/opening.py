"""The frame of every read of a dossier: seen by those who may, and on the access list before the answer leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import Call

from songcau_eservices.dossiers import access, parties
from songcau_eservices.dossiers.access import Capacity, Trace
from songcau_eservices.dossiers.changes import Met, Room
from songcau_eservices.dossiers.loading import find_whole
from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.dossiers.views import Whole


@dataclass(frozen=True)
class Reason:
    """What is read: the operation, and the object where it is not the dossier itself."""

    operation: str
    object_kind: str = "dossier"
    object_id: str = ""


@dataclass(frozen=True)
class Opened:
    """A dossier the caller may read, with the way to what is sealed in it."""

    conn: Connection
    whole: Whole
    capacity: Capacity
    seal: Seal


class Opening:
    """Opens dossiers for reading."""

    def __init__(self, room: Room) -> None:
        self._room = room

    @contextmanager
    def opened(self, call: Call, dossier_id: UUID, reason: Reason) -> Iterator[Opened]:
        """Open one dossier for the block and commit the audit entry at its end.

        Raises DOSSIER_NOT_FOUND for a stranger, NOT_REPRESENTED, AUTHENTICATION_INSUFFICIENT, PURPOSE_REQUIRED and
        PURPOSE_UNKNOWN. What is refused or fails is on the list too, unless no such dossier exists.
        """
        met: list[Met] = []
        try:
            with self._room.database.read() as conn:
                yield self._open(conn, call, dossier_id, met)
        except DomainError as error:
            self._write(call, met, reason, error)
            raise
        self._write(call, met, reason)

    def peek(self, call: Call, dossier_id: UUID) -> Opened | None:
        """Return a dossier before slow work on a change of it, or None for a stranger.

        Nothing leaves the service by this and nothing is entered: the change that follows is, refused or not. The
        connection is closed when the answer is there.
        """
        with self._room.database.read() as conn:
            try:
                return self._open(conn, call, dossier_id, [], default=access.PROCESSING)
            except DomainError:
                return None

    def _open(self, conn: Connection, call: Call, dossier_id: UUID, met: list[Met], *, default: str = "") -> Opened:
        caller = call.known_caller
        asked = parties.Asked(parties.READ, local_date(self._room.clock.now()))
        take_party = parties.ask(conn, call, asked)
        whole, own_ids = find_whole(conn, dossier_id, reader_id=access.find_citizen_id(caller))
        party = take_party(own_ids)
        if whole is None:
            raise DomainError(parties.refusal_of(party))
        capacity = access.find_capacity(caller, whole.dossier, party)
        met.append(Met(whole.dossier, capacity))
        if capacity is None:
            raise DomainError(parties.refusal_of(party))
        access.require_second_factor(caller, capacity, self._room.clock.now())
        access.purpose_of(call, capacity, default=default)
        return Opened(conn, whole, capacity, Seal(self._room.keys.get(conn, whole.dossier.citizen_id)))

    def _write(self, call: Call, met: list[Met], reason: Reason, error: DomainError | None = None) -> None:
        for one in met:
            dossier, capacity = one.dossier, one.capacity
            purpose = access.declared_purpose(call, capacity)
            object_id = reason.object_id or str(dossier.id)
            trace = Trace(reason.operation, reason.object_kind, object_id, dossier.citizen_id, purpose)
            if error is None:
                entry = access.audit_entry(call, capacity, trace)
            else:
                outcome = access.outcome_of_refusal(capacity, error.reason)
                entry = access.audit_entry(call, capacity, trace, outcome, error.reason.code)
            self._room.journal.write(entry)
