"""Records the papers people show beside their personal number, withdraws them, and shows them masked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.doubts import judge_again
from songcau_identity.errors import (
    CITIZEN_NOT_FOUND,
    NOTHING_TO_CHANGE,
    PAPER_ALREADY_WITHDRAWN,
    PAPER_NOT_FOUND,
    PAPER_TAKEN,
    PERSON_REQUIRED,
)
from songcau_identity.model import (
    SHARED_PAPERS,
    AccountKind,
    Citizen,
    Doubt,
    IdentifierKind,
    PaperKind,
    PaperSource,
    PaperStatus,
    PaperWithdrawal,
)
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, Seen
from songcau_identity.paper_numbers import PaperNumber, StatedPaper, mask_paper, read_paper
from songcau_identity.renumbering import refuse_unlinked
from songcau_identity.repositories import citizens, identifiers
from songcau_identity.repositories import papers as repository
from songcau_identity.repositories.papers import HeldPaper, NewPaper


@dataclass(frozen=True)
class PaperAnswer:
    """A citizen after an act on one of their papers, and what looks odd now."""

    citizen: Citizen
    paper_id: UUID
    doubts: tuple[Doubt, ...]

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.citizen.citizen_id]


PAPER_ANSWER = TypeAdapter(PaperAnswer)


@dataclass(frozen=True)
class ShownPaper:
    """A paper as it may be shown, with its history."""

    held: HeldPaper
    masked: Personal
    issuer: str


class Papers:
    """The use cases RecordPaper, WithdrawPaper, ListPapers and ListOwnPapers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)

    def record(self, order: Order, seen: Seen, stated: StatedPaper) -> PaperAnswer:
        """Enter a paper the officer saw.

        Raises PAPER_INVALID, PAPER_TAKEN, PERSON_REQUIRED, NOTHING_TO_CHANGE, CITIZEN_NOT_ACTIVE and what every act
        of an officer raises.
        """
        paper = read_paper(stated, at="/paper")
        digest = self._desk.vault.paper_digest(paper)

        def act(conn: Connection) -> PaperAnswer:
            identifiers.lock_number(conn, digest)
            before = self._acts.hold_one(conn, order, seen.citizen_id, seen.version)
            refuse_unlinked(before)
            refuse_organisation(before)
            refuse_holders(conn, paper.kind, digest, before.citizen_id)
            citizen, paper_id = self._step(conn, before), self._desk.clock.new_id()
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.paper_recorded(citizen, *told, paper_id=paper_id, kind=paper.kind)
            act_id = self._acts.finish(conn, order, Entry(citizen.citizen_id), event)
            enter_paper(self._desk, conn, citizen.citizen_id, paper, paper_id=paper_id, act_id=act_id)
            return PaperAnswer(citizen, paper_id, judge_again(self._desk, conn, citizen, act_id))

        asked = f"{seen} {paper.kind} ".encode() + digest
        return self._acts.run(order, Operation.RECORD_PAPER, asked, act=act, form=PAPER_ANSWER)

    def withdraw(self, order: Order, paper_id: UUID | None, version: int, withdrawal: PaperWithdrawal) -> PaperAnswer:
        """Let a paper count no more; it stays in the history.

        Raises PAPER_NOT_FOUND, PAPER_ALREADY_WITHDRAWN and what every act of an officer raises.
        """

        def act(conn: Connection) -> PaperAnswer:
            found = self._find(conn, paper_id)
            before = self._acts.hold_one(conn, order, found.citizen_id, version)
            if self._find(conn, found.paper_id).status is PaperStatus.WITHDRAWN:
                raise DomainError(PAPER_ALREADY_WITHDRAWN)
            citizen = self._step(conn, before)
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.paper_withdrawn(citizen, *told, paper_id=found.paper_id, kind=found.kind)
            act_id = self._acts.finish(conn, order, Entry(citizen.citizen_id), event)
            repository.withdraw_paper(conn, found.paper_id, withdrawal, act_id, self._desk.clock.now())
            return PaperAnswer(citizen, found.paper_id, judge_again(self._desk, conn, citizen, act_id))

        asked = f"{paper_id} {version} {withdrawal}".encode()
        return self._acts.run(order, Operation.WITHDRAW_PAPER, asked, act=act, form=PAPER_ANSWER)

    def list_papers(self, asker: Asker, citizen_id: UUID | None, access: Access) -> list[ShownPaper]:
        """Return every paper of a citizen and of the records merged into theirs; raises CITIZEN_NOT_FOUND."""
        require_agency(asker)
        require_purpose(asker)
        return self._list(citizen_id, access)

    def list_own(self, asker: Asker, access: Access) -> list[ShownPaper]:
        """Return every paper of the asker; raises CITIZEN_NOT_FOUND."""
        return self._list(asker.own_citizen_id, access)

    def _list(self, citizen_id: UUID | None, access: Access) -> list[ShownPaper]:
        with self._desk.database.read() as conn:
            family = citizens.find_family(conn, citizen_id) if citizen_id else ()
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.extend(family)
            return [self._show(conn, held) for held in repository.list_papers(conn, family)]

    def _show(self, conn: Connection, held: HeldPaper) -> ShownPaper:
        data_key = self._desk.data_keys.get(conn, held.citizen_id)
        paper = self._desk.vault.open_paper(data_key, held.paper_id, held.kind, held.value_enc)
        return ShownPaper(held, Personal(mask_paper(paper.number.reveal())), paper.issuer)

    def _find(self, conn: Connection, paper_id: UUID | None) -> HeldPaper:
        found = repository.find_paper(conn, paper_id) if paper_id else None
        if found is None:
            raise DomainError(PAPER_NOT_FOUND)
        return found

    def _step(self, conn: Connection, before: Citizen) -> Citizen:
        citizen = replace(before, version=before.version + 1)
        citizens.update_citizen(conn, citizen, self._desk.clock.now())
        return citizen


def enter_paper(
    desk: Desk, conn: Connection, citizen_id: UUID, paper: PaperNumber, *, paper_id: UUID, act_id: UUID | None
) -> None:
    """Add a paper, told by VNeID where no act of an officer is named; raises PAPER_TAKEN."""
    value_enc = desk.vault.seal_paper(desk.data_keys.get(conn, citizen_id), paper_id, paper)
    source = PaperSource.OFFICER if act_id else PaperSource.VNEID
    digest = desk.vault.paper_digest(paper)
    try:
        new = NewPaper(paper_id, citizen_id, paper.kind, value_enc, digest, source, act_id)
        repository.insert_paper(conn, new, desk.clock.now())
    except UniqueViolation:
        raise DomainError(PAPER_TAKEN) from None


def refuse_holders(conn: Connection, kind: PaperKind, digest: bytes, citizen_id: UUID) -> None:
    """Raise NOTHING_TO_CHANGE where the citizen holds the paper, PAPER_TAKEN where another does and one alone may."""
    if citizen_id in repository.find_holders(conn, kind, digest):
        raise DomainError(NOTHING_TO_CHANGE)
    other = find_other_holder(conn, kind, digest, citizen_id)
    if other is not None:
        raise DomainError(PAPER_TAKEN, details={"citizen_id": str(other)})


def find_other_holder(conn: Connection, kind: PaperKind, digest: bytes, citizen_id: UUID) -> UUID | None:
    """Return who keeps a citizen from holding a paper, None where nobody does."""
    others = [] if kind in SHARED_PAPERS else list(repository.find_holders(conn, kind, digest))
    if kind is PaperKind.CCCD:
        # The chip card carries a personal number, and those are nobody else's, cancelled or not.
        holder = identifiers.find_holder(conn, IdentifierKind.PERSONAL_NUMBER, digest)
        others += [holder.citizen_id] if holder else []
    return next((other for other in others if other != citizen_id), None)


def refuse_organisation(citizen: Citizen) -> None:
    """Raise PERSON_REQUIRED for an organisation."""
    if citizen.account_kind is not AccountKind.CITIZEN:
        raise DomainError(PERSON_REQUIRED)
