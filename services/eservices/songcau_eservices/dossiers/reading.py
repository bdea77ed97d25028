"""Reads: one dossier, lists, the checklist, the history. Each is on the access list before the answer leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit.audit import NOBODY, AuditEntry
from songcau_kit.clock import local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import CURSOR_INVALID, PERMISSION_DENIED, DomainError
from songcau_kit.pages import Page
from songcau_kit.rpc_call import Call

from songcau_eservices.dossiers import access, parties, repository, repository_citizens
from songcau_eservices.dossiers.access import OWN_USE, PROCESSING, Capacity, Party, Trace
from songcau_eservices.dossiers.answers import facts_of
from songcau_eservices.dossiers.changes import Room
from songcau_eservices.dossiers.checklist import Checklist
from songcau_eservices.dossiers.dossier import Dossier, DossierView, HistoryEntry
from songcau_eservices.dossiers.model import ActorKind, State
from songcau_eservices.dossiers.opening import Opening, Reason
from songcau_eservices.dossiers.submission import checklist_of
from songcau_eservices.dossiers.views import Calendars
from songcau_eservices.errors import NOT_REPRESENTED
from songcau_eservices.pages import position


@dataclass(frozen=True)
class Listing:
    """Which dossiers somebody wants to see."""

    states: tuple[State, ...] = ()
    agency: str = ""
    own: bool = False


class Reading:
    """Answers questions about dossiers."""

    def __init__(self, room: Room, cursors: CursorSigner) -> None:
        self._room = room
        self._opening = Opening(room)
        self._cursors = cursors

    def get(self, call: Call, dossier_id: UUID) -> DossierView:
        """Return one dossier whole; raise DOSSIER_NOT_FOUND, PURPOSE_REQUIRED."""
        with self._opening.opened(call, dossier_id, Reason("GET_DOSSIER")) as at:
            return self._room.views.whole(at.conn, at.whole, at.seal, at.capacity)

    def checklist(self, call: Call, dossier_id: UUID) -> Checklist:
        """Return which papers the dossier needs and has."""
        with self._opening.opened(call, dossier_id, Reason("GET_CHECKLIST")) as at:
            dossier = at.whole.dossier
            content = self._room.versions.get(at.conn, dossier.procedure.version_id)
            answers = at.seal.open_answers(dossier_id, dossier.sealed.answers)
            return checklist_of(content, at.whole, facts_of(answers, dossier.procedure.sub_case))

    def history(self, call: Call, dossier_id: UUID, page: Page) -> tuple[list[HistoryEntry], str]:
        """Return a page of the dossier's steps, oldest first, and the token of the next."""
        kind = f"history/{dossier_id}"
        after = position(self._cursors, page, kind).get("version", 0)
        if not isinstance(after, int):
            raise DomainError(CURSOR_INVALID)
        with self._opening.opened(call, dossier_id, Reason("LIST_DOSSIER_HISTORY")) as at:
            found = repository.list_history(at.conn, dossier_id, after=after, limit=page.size + 1)
        shown = [
            replace(one, reason=at.seal.open_step_reason(dossier_id, one.version, one.reason_enc), reason_enc=None)
            for one in found[: page.size]
        ]
        token = self._cursors.encode({"kind": kind, "version": shown[-1].version}) if len(found) > page.size else ""
        return shown, token

    def list(self, call: Call, listing: Listing, page: Page) -> tuple[Sequence[DossierView], str]:
        """Return a page of the caller's own dossiers or of the queue of the caller's agencies, and the next token.

        Raises CURSOR_INVALID, NOT_REPRESENTED, AUTHENTICATION_INSUFFICIENT to an officer without a second factor, and
        PERMISSION_DENIED for an agency that is not the caller's.
        """
        caller = call.known_caller
        is_own = listing.own or not access.is_officer(caller) or call.on_behalf_of is not None
        if not is_own:
            access.STAFF_SIGN_IN.check(caller, self._room.clock.now())
        own_id = access.get_citizen_id(caller) if is_own else access.find_citizen_id(caller)
        scope = (str(call.on_behalf_of or own_id),) if is_own else _agencies(call, listing.agency)
        kind = f"dossiers/{is_own}/{' '.join(sorted(scope))}/{' '.join(sorted(listing.states))}"
        before = _before(position(self._cursors, page, kind).get("id"))
        with self._room.database.transaction() as conn:
            asked = parties.Asked(parties.READ, local_date(self._room.clock.now()))
            party = parties.find(conn, call, asked)
            self._require_covered(conn, call, party)
            if is_own:
                found = repository.list_own(conn, party.ids, states=listing.states, before=before, limit=page.size + 1)
            else:
                found = repository.list_queue(conn, scope, states=listing.states, before=before, limit=page.size + 1)
            calendars: Calendars = {}
            shown = [
                self._room.views.summary(conn, dossier, _capacity(call, dossier, party), calendars)
                for dossier in found[: page.size]
            ]
        self._note(call, [view.dossier for view in shown], party)
        token = self._cursors.encode({"kind": kind, "id": str(shown[-1].dossier.id)}) if len(found) > page.size else ""
        return shown, token

    def _require_covered(self, conn: Connection, call: Call, party: Party) -> None:
        represented_id = call.on_behalf_of
        if represented_id is not None and not party.ids:
            capacity = Capacity(ActorKind.CITIZEN)
            # Only what is somebody's id gets an entry of its own: whoever makes ids up fills no list.
            subject_id = represented_id if repository_citizens.ask(conn, represented_id)() else NOBODY
            trace = Trace("LIST_DOSSIERS", "citizen", str(subject_id), subject_id, OWN_USE)
            self._room.journal.write(access.audit_entry(call, capacity, trace, "DENIED", NOT_REPRESENTED.code))
            raise DomainError(NOT_REPRESENTED)

    def _note(self, call: Call, dossiers: Sequence[Dossier], party: Party) -> None:
        # Lists hold nothing personal, but that somebody has a dossier is known from them: one entry for each person.
        entries: dict[UUID, AuditEntry] = {}
        for dossier in dossiers:
            capacity = _capacity(call, dossier, party)
            purpose = access.declared_purpose(call, capacity) or PROCESSING
            trace = Trace("LIST_DOSSIERS", "dossier", str(dossier.id), dossier.citizen_id, purpose)
            entries.setdefault(dossier.citizen_id, access.audit_entry(call, capacity, trace))
        self._room.journal.write(*entries.values())


def _capacity(call: Call, dossier: Dossier, party: Party) -> Capacity:
    # The officer's own dossier may stand in their agency's queue; there it is theirs as a citizen only.
    return access.find_capacity(call.known_caller, dossier, party) or Capacity(ActorKind.CITIZEN)


def _agencies(call: Call, wanted: str) -> tuple[str, ...]:
    agencies = call.known_caller.values("agency_codes")
    if not wanted:
        return agencies
    if wanted not in agencies:
        raise DomainError(PERMISSION_DENIED, details={"agency_code": wanted})
    return (wanted,)


def _before(value: object) -> UUID | None:
    if value is None:
        return None
    try:
        return UUID(str(value))
    except ValueError:
        raise DomainError(CURSOR_INVALID) from None
