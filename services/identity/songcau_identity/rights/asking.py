"""Puts a request to every service over the bus: for its part of a copy, for what it must keep."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.events import SYSTEM, Actor
from songcau_kit.field_cipher import Place, encrypt
from songcau_kit.parcels import new_parcel_key

from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_FOUND
from songcau_identity.events import SubjectQuestion
from songcau_identity.model import Citizen, CitizenAct, CitizenStatus, find_transition
from songcau_identity.officers import Desk
from songcau_identity.organisations import repository as organisations
from songcau_identity.repositories import citizens
from songcau_identity.rights import repository_parts as parts
from songcau_identity.rights import repository_proposals as proposals
from songcau_identity.rights.model import SubjectRequest
from songcau_identity.rights.repository_proposals import Proposal

KEEP = {
    CitizenStatus.ACTIVE: CitizenAct.KEEP_ACTIVE,
    CitizenStatus.UNLINKED: CitizenAct.KEEP_UNLINKED,
    CitizenStatus.BLOCKED: CitizenAct.KEEP_BLOCKED,
}


@dataclass(frozen=True)
class Told:
    """Who makes the services be asked, in which request."""

    actor: Actor = SYSTEM
    correlation_id: str = ""


AGAIN = Told()


class Asking:
    """Asks the holders of data; each answers on its own topic."""

    def __init__(self, desk: Desk, holders: Sequence[str]) -> None:
        self._desk = desk
        self.holders = tuple(holders)

    def ask_for_copy(self, conn: Connection, request: SubjectRequest, told: Told = AGAIN) -> None:
        """Ask for the parts of a copy; asked again, only those who have not provided theirs count as asked."""
        family = self._hold_family(conn, request.citizen_id)
        citizen = self._bump(conn, family[0])
        public_key = self._exchange_key(conn, request)
        asked = SubjectQuestion(request.subject_request_id, self._subjects(conn, family))
        parts.ask(conn, request.subject_request_id, self._unanswered(conn, request), self._desk.clock.now())
        events = self._desk.events
        event = events.copy_requested(citizen, told.actor, told.correlation_id, asked=asked, public_key=public_key)
        outbox.append(conn, event)

    def propose_erasure(self, conn: Connection, request: SubjectRequest, told: Told = AGAIN) -> None:
        """Close the services for a citizen and ask what must be kept; raises CITIZEN_NOT_ACTIVE for the erased."""
        desk, family = self._desk, self._hold_family(conn, request.citizen_id)
        before = family[0]
        known = proposals.find(conn, request.subject_request_id)
        step = find_transition(before.status, CitizenAct.PROPOSE_ERASURE)
        if step is None and (known is None or before.status is not CitizenStatus.ERASING):
            raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": before.status})
        citizen = self._bump(conn, replace(before, status=CitizenStatus.ERASING))
        ids = self._subjects(conn, family)
        erasure_id = known.erasure_id if known else desk.clock.new_id()
        status_before = known.status_before if known else before.status
        proposal = Proposal(request.subject_request_id, erasure_id, ids, status_before)
        proposals.propose(conn, proposal, desk.clock.now())
        parts.ask(conn, request.subject_request_id, self.holders, desk.clock.now())
        asked = SubjectQuestion(request.subject_request_id, ids)
        event = desk.events.erasure_proposed(citizen, told.actor, told.correlation_id, asked=asked)
        outbox.append(conn, event)

    def call_off(self, conn: Connection, proposal: Proposal, told: Told = AGAIN) -> None:
        """Let a citizen be again what they were before their erasure was proposed."""
        before = self._hold_family(conn, proposal.citizen_ids[0])[0]
        step = find_transition(before.status, KEEP[proposal.status_before])
        if step is None:
            return
        kept = self._bump(conn, replace(before, status=step.after))
        asked = SubjectQuestion(proposal.subject_request_id, proposal.citizen_ids)
        events = self._desk.events
        event = events.erasure_called_off(kept, told.actor, told.correlation_id, asked=asked)
        outbox.append(conn, event)

    def subjects_of(self, conn: Connection, citizen_id: UUID) -> tuple[UUID, ...]:
        """Return every id that stands for a citizen, the record that is meant first; the records are held.

        A household business known by its owner's number is its owner, in the dossiers of services as well.
        """
        return self._subjects(conn, self._hold_family(conn, citizen_id))

    def _subjects(self, conn: Connection, family: Sequence[Citizen]) -> tuple[UUID, ...]:
        ids = tuple(one.citizen_id for one in family)
        return (*ids, *organisations.list_owned(conn, ids))

    def _hold_family(self, conn: Connection, citizen_id: UUID) -> list[Citizen]:
        ids = citizens.find_family(conn, citizen_id)
        if not ids:
            raise DomainError(CITIZEN_NOT_FOUND)
        held = citizens.hold_citizens(conn, ids)
        return [held[one] for one in ids]

    def _bump(self, conn: Connection, citizen: Citizen) -> Citizen:
        bumped = replace(citizen, version=citizen.version + 1)
        citizens.update_citizen(conn, bumped, self._desk.clock.now())
        return bumped

    def _exchange_key(self, conn: Connection, request: SubjectRequest) -> bytes:
        known = parts.find_exchange(conn, request.subject_request_id)
        if known is not None:
            return known[0]
        key = new_parcel_key()
        data_key = self._desk.data_keys.get(conn, request.citizen_id)
        sealed = encrypt(data_key, exchange_place(request.subject_request_id), key.private)
        parts.add_exchange(conn, request.subject_request_id, key.public, sealed)
        return key.public

    def _unanswered(self, conn: Connection, request: SubjectRequest) -> list[str]:
        known = parts.list_parts(conn, request.subject_request_id)
        provided = {part.holder for part in known if part.state is parts.PartState.PROVIDED}
        return [holder for holder in self.holders if holder not in provided]


def exchange_place(subject_request_id: UUID) -> Place:
    """Return where the private half of an exchange's key stands."""
    return Place("copy_exchanges", "private_key_enc", str(subject_request_id))
