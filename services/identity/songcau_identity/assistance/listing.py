"""Shows sessions with what is proposed in them: citizens their own, helpers the one they are in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import CURSOR_INVALID, DomainError
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_identity.assistance import repository
from songcau_identity.assistance.model import AssistedSession, ProposedAct
from songcau_identity.assistance.sealing import ActSummary, open_summary
from songcau_identity.assistance.sessions import party_of
from songcau_identity.assistance.words import Words
from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.officers import Desk
from songcau_identity.positions import page_size_of
from songcau_identity.repositories import citizens

NO_SUMMARY = ActSummary(Words("", ""))


@dataclass(frozen=True)
class ShownSession:
    """A session and its acts with what the citizen is asked about each, oldest first."""

    session: AssistedSession
    acts: Sequence[tuple[ProposedAct, ActSummary]]


@dataclass(frozen=True)
class SessionPage:
    """One page; the cursor of the next is empty on the last."""

    sessions: Sequence[ShownSession]
    next_cursor: str


class AssistedSessionList:
    """The use cases GetAssistedSession and ListAssistedSessions."""

    def __init__(self, desk: Desk, cursors: CursorSigner) -> None:
        self._desk = desk
        self._cursors = cursors

    def get(self, asker: Asker, session_id: UUID | None, access: Access) -> ShownSession:
        """Return one session of the asker's, to helpers without what they typed; raises ASSISTED_SESSION_NOT_FOUND."""
        with self._desk.database.read() as conn:
            found = repository.find(conn, session_id) if session_id else None
            session, is_citizen = party_of(conn, asker, found, access)
            shown = self._show(conn, [session])[0]
        return shown if is_citizen else _without_details(shown)

    def list_own(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> SessionPage:
        """Return a page of the asker's as a citizen; raises CITIZEN_NOT_FOUND and CURSOR_INVALID."""
        size, own_id = page_size_of(page_size), asker.own_citizen_id
        with self._desk.database.read() as conn:
            family = citizens.find_family(conn, own_id) if own_id else ()
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.append(family[0])
            before = self._before(cursor, str(family[0]))
            found = repository.list_of(conn, family, before=before, limit=size + 1)
            shown = self._show(conn, found[:size])
        if len(found) <= size:
            return SessionPage(shown, "")
        last = {"session": str(found[size - 1].session_id), "of": str(family[0])}
        return SessionPage(shown, self._cursors.encode(last))

    def _show(self, conn: Connection, sessions: Sequence[AssistedSession]) -> list[ShownSession]:
        acts = repository.list_acts(conn, [one.session_id for one in sessions])
        return [
            ShownSession(
                one,
                [(act, self._open(conn, one, act, sealed)) for act, sealed in acts if act.session_id == one.session_id],
            )
            for one in sessions
        ]

    def _open(self, conn: Connection, session: AssistedSession, act: ProposedAct, sealed: bytes) -> ActSummary:
        if session.citizen_id is None or not sealed:
            return NO_SUMMARY
        try:
            data_key = self._desk.data_keys.get(conn, session.citizen_id)
        except DomainError as error:
            if error.reason is not DATA_KEY_DESTROYED:
                raise
            return NO_SUMMARY
        return open_summary(self._desk.vault, data_key, act.act_id, sealed)

    def _before(self, cursor: str, of: str) -> UUID | None:
        if not cursor:
            return None
        place = self._cursors.decode(cursor)
        if place.get("of") != of or "session" not in place:
            raise DomainError(CURSOR_INVALID)
        return UUID(str(place["session"]))


def _without_details(shown: ShownSession) -> ShownSession:
    return replace(shown, acts=[(act, ActSummary(summary.question)) for act, summary in shown.acts])
