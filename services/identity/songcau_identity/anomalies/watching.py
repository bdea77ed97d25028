"""The list of citizens whose look-ups without a case are always told: put there and taken off by data officers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.anomalies import repository_watched as repository
from songcau_identity.anomalies import texts
from songcau_identity.anomalies.model import WatchedCitizen
from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.errors import CITIZEN_NOT_FOUND, CITIZEN_WATCHED, OWN_ACT, WATCH_NOT_FOUND
from songcau_identity.officers import Desk, check_version, refuse_own_record
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.rights import words

TABLE, COLUMN = "watched_citizens", "reason_enc"
LIST = "watched citizens"


@dataclass(frozen=True)
class WatchOutcome:
    """A watched citizen after a write; the register keeps it in clear, so it holds no reason."""

    watched: WatchedCitizen

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.watched.citizen_id]


WATCH_OUTCOME = TypeAdapter(WatchOutcome)


@dataclass(frozen=True)
class OpenedWatch:
    """A watched citizen with the reason."""

    watched: WatchedCitizen
    reason: Personal


class Watching:
    """The use cases ListWatchedCitizens, WatchCitizen and UnwatchCitizen."""

    def __init__(self, desk: Desk, cursors: CursorSigner) -> None:
        self._desk = desk
        self._cursors = cursors

    def list_all(
        self, asker: Asker, access: Access, *, page_size: int, cursor: str
    ) -> tuple[Sequence[OpenedWatch], str]:
        """Return a page, those put there last first, and the cursor of the next; raises CURSOR_INVALID."""
        require_agency(asker)
        require_purpose(asker)
        size = page_size_of(page_size)
        before = read_position(self._cursors, cursor, of=LIST)
        with self._desk.database.transaction() as conn:
            found = repository.list_watched(conn, before=before, limit=size + 1)
            page = [open_watch(self._desk, conn, one) for one in found[:size]]
        access.subjects.extend(one.citizen_id for one in found[:size])
        if len(found) <= size:
            return page, ""
        last = page[-1].watched
        return page, write_position(self._cursors, Position(last.watched_at, last.watch_id), of=LIST)

    def watch(
        self, asker: Asker, request_id: str, citizen_id: UUID | None, reason: str, access: Access
    ) -> WatchedCitizen:
        """Put a citizen on the list; raises ANOMALY_INVALID, CITIZEN_NOT_FOUND, OWN_RECORD and CITIZEN_WATCHED."""
        require_agency(asker)
        require_purpose(asker)
        text = texts.read_words(reason, "reason")

        def act(conn: Connection) -> WatchOutcome:
            family = citizens.find_family(conn, citizen_id) if citizen_id else ()
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.append(family[0])
            refuse_own_record(conn, asker, family[0])
            new_id, now = self._desk.clock.new_id(), self._desk.clock.now()
            watched = WatchedCitizen(new_id, 1, family[0], asker.caller.subject, now)
            data_key = self._desk.data_keys.get(conn, family[0])
            sealed = words.seal(data_key, new_id, COLUMN, text, table=TABLE)
            if not repository.insert_watched(conn, watched, sealed):
                found = repository.find_watch_of(conn, family[0])
                raise DomainError(CITIZEN_WATCHED, details={"watch_id": str(found or "")})
            return WatchOutcome(watched)

        wanted = Request("WatchCitizen", request_id, f"{citizen_id} {text.reveal()}".encode())
        run = self._desk.writes.run
        return run(asker, Operation.WATCH_CITIZEN, wanted, access, act=act, form=WATCH_OUTCOME).watched

    def unwatch(
        self, asker: Asker, request_id: str, watch_id: UUID | None, version: int, access: Access
    ) -> WatchedCitizen:
        """Take a citizen off the list; who put them there does not.

        Raises WATCH_NOT_FOUND, OWN_RECORD, OWN_ACT, VERSION_REQUIRED and VERSION_CONFLICT.
        """
        require_agency(asker)
        require_purpose(asker)

        def act(conn: Connection) -> WatchOutcome:
            held = repository.hold_watched(conn, watch_id) if watch_id else None
            if held is None:
                raise DomainError(WATCH_NOT_FOUND)
            access.subjects.append(held.citizen_id)
            refuse_own_record(conn, asker, held.citizen_id)
            if held.watched_by == asker.caller.subject:
                raise DomainError(OWN_ACT)
            check_version(held, version)
            ended = replace(held, version=held.version + 1, ended_at=self._desk.clock.now())
            repository.end_watch(conn, ended, by=asker.caller.subject)
            return WatchOutcome(ended)

        wanted = Request("UnwatchCitizen", request_id, f"{watch_id} {version}".encode())
        run = self._desk.writes.run
        return run(asker, Operation.UNWATCH_CITIZEN, wanted, access, act=act, form=WATCH_OUTCOME).watched


def open_watch(desk: Desk, conn: Connection, watched: WatchedCitizen) -> OpenedWatch:
    """Return a watched citizen with the reason."""
    data_key = desk.data_keys.get(conn, watched.citizen_id)
    sealed = repository.get_reason(conn, watched.watch_id)
    return OpenedWatch(watched, words.unseal(data_key, watched.watch_id, COLUMN, sealed, table=TABLE))
