"""Reading consultations: each access stands in the citizen's access list before the answer leaves."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from songcau_kit.audit import AuditEntry
from songcau_kit.caller import Caller
from songcau_kit.clock import local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.pages import Page
from songcau_kit.rpc_call import Call

from songcau_telehealth.citizens.citizens import own_ids
from songcau_telehealth.citizens.representations import READ
from songcau_telehealth.consultations import access, repository, repository_lists
from songcau_telehealth.consultations.access import Standing, Trace
from songcau_telehealth.consultations.model import Actor, State
from songcau_telehealth.consultations.parties import find_party, require_covered, subject_of_refusal
from songcau_telehealth.consultations.records import Consultation, ConsultationLine, ConsultationView
from songcau_telehealth.consultations.repository_lists import ListQuery
from songcau_telehealth.consultations.sealing import Envelope
from songcau_telehealth.consultations.steps import Desk, Seen
from songcau_telehealth.errors import CONSULTATION_NOT_FOUND, VIEW_NOT_YOURS
from songcau_telehealth.pages import position_of

NEWEST = UUID(int=(1 << 128) - 1)

_ACTOR_OF_VIEW = {
    "OWN": Actor.CITIZEN,
    "STATION": Actor.STATION,
    "QUEUE": Actor.CLINICIAN,
    "ASSIGNED": Actor.CLINICIAN,
}


class Reading:
    """What may be read, by whom, with the trace it leaves."""

    def __init__(self, desk: Desk, cursors: CursorSigner) -> None:
        self._desk = desk
        self._cursors = cursors

    def get(self, call: Call, consultation_id: UUID) -> ConsultationView:
        """Return one consultation; raise CONSULTATION_NOT_FOUND for a stranger too."""
        seen = Seen()
        try:
            with self._desk.database.transaction() as connection:
                consultation, standing, purpose = self.reach(connection, call, consultation_id, seen)
                view = self._desk.view(connection, consultation, standing)
        except DomainError as error:
            self._desk.refuse(call, seen, "GET_CONSULTATION", error)
            raise
        trace = Trace("GET_CONSULTATION", str(consultation_id), consultation.citizen_id, purpose)
        self._desk.journal.write(access.audit_entry(call, standing, trace))
        return view

    def reach(
        self, connection: Connection, call: Call, consultation_id: UUID, seen: Seen
    ) -> tuple[Consultation, Standing, str]:
        """Return a consultation for somebody who stands to it, and why they read it."""
        consultation = repository.find_consultation(connection, consultation_id)
        if consultation is not None:
            seen.note(consultation.citizen_id, str(consultation_id))
        caller = call.known_caller
        party = find_party(connection, call, READ, local_date(self._desk.clock.now()))
        # Before anything else, so that nobody learns which consultations there are.
        require_covered(party)
        if consultation is None:
            raise DomainError(CONSULTATION_NOT_FOUND)
        standing = access.find_standing(caller, consultation, party)
        if standing is None:
            raise DomainError(CONSULTATION_NOT_FOUND)
        seen.standing = standing
        access.require_second_factor(caller, standing, self._desk.staff_level)
        return consultation, standing, access.purpose_of(call, standing)

    def list_consultations(
        self, call: Call, page: Page, *, view: str | None, states: Sequence[State]
    ) -> tuple[Sequence[ConsultationLine], str]:
        """Return a page of a view, newest first, and the next page's token."""
        view, keys, standing = _keys_of(call, view)
        purpose = access.purpose_of(call, standing)
        access.require_second_factor(call.known_caller, standing, self._desk.staff_level)
        before = UUID(position_of(self._cursors, page, f"before_{view}", str(NEWEST)))
        with self._desk.database.transaction() as connection:
            self._require_covered(connection, call, standing)
            query = ListQuery(view, _all_keys(connection, view, keys), states, before, page.size + 1)
            found = repository_lists.list_consultations(connection, query)
            shown = [self._named(connection, line) for line in found[: page.size]]
        self._desk.journal.write(*(_entry(call, standing, line, purpose) for line in shown))
        if len(found) <= page.size:
            return shown, ""
        return shown, self._cursors.encode({f"before_{view}": str(shown[-1].consultation_id)})

    def _require_covered(self, connection: Connection, call: Call, standing: Standing) -> None:
        represented_id = call.on_behalf_of
        if represented_id is None:
            return
        try:
            require_covered(find_party(connection, call, READ, local_date(self._desk.clock.now())))
        except DomainError as error:
            subject_id = subject_of_refusal(connection, call, represented_id)
            trace = Trace("LIST_CONSULTATIONS", "", subject_id, access.OWN_USE)
            self._desk.journal.write(access.refused_entry(call, standing, trace, error))
            raise

    def _named(self, connection: Connection, line: ConsultationLine) -> ConsultationLine:
        data_key = self._desk.data_keys.get(connection, line.citizen_id)
        envelope = Envelope(data_key, line.consultation_id)
        triage = envelope.triage(line.triage_sealed)
        return replace(
            line,
            patient_name=envelope.patient(line.patient_sealed).full_name,
            priority=triage.priority if triage else None,
        )


def _keys_of(call: Call, view: str | None) -> tuple[str, Sequence[str], Standing]:
    """Return the view that is meant, by what it is found, and as what the caller reads it."""
    held = _views_of(call.known_caller) if call.on_behalf_of is None else _view_of_represented(call, call.on_behalf_of)
    chosen = view or next(iter(held), None)
    if chosen is None or chosen not in held:
        raise DomainError(VIEW_NOT_YOURS)
    keys = held[chosen]
    organization = keys[0] if chosen in ("STATION", "QUEUE") else ""
    return chosen, keys, Standing(frozenset({_ACTOR_OF_VIEW[chosen]}), organization)


def _all_keys(connection: Connection, view: str, keys: Sequence[str]) -> Sequence[str]:
    """Return the keys of a view; the citizen's own is every id that means them."""
    return keys if view != "OWN" else [str(each) for each in own_ids(connection, UUID(keys[0]))]


def _view_of_represented(call: Call, represented_id: UUID) -> dict[str, Sequence[str]]:
    return {"OWN": [str(represented_id)]} if access.find_citizen_id(call.known_caller) else {}


def _views_of(caller: Caller) -> dict[str, Sequence[str]]:
    """Return the views this caller has, the widest of staff first."""
    views: dict[str, Sequence[str]] = {}
    facilities = caller.values("facility_codes")
    if caller.has_role("station-officer") and facilities:
        views["STATION"] = facilities
    if caller.has_role("clinician") and facilities:
        views["QUEUE"] = facilities
    practitioner_id = access.find_practitioner_id(caller)
    if practitioner_id:
        views["ASSIGNED"] = [str(practitioner_id)]
    citizen_id = access.find_citizen_id(caller)
    if citizen_id:
        views["OWN"] = [str(citizen_id)]
    return views


def _entry(call: Call, standing: Standing, line: ConsultationLine, purpose: str) -> AuditEntry:
    trace = Trace("LIST_CONSULTATIONS", str(line.consultation_id), line.citizen_id, purpose)
    return access.audit_entry(call, standing, trace)
