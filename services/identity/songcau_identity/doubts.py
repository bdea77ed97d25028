"""What looks odd about a record waits for an officer here; it never stops anybody from being served."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.errors import DOUBT_NOT_FOUND, DOUBT_SETTLED
from songcau_identity.identifiers import parse_personal_number
from songcau_identity.model import Citizen, Doubt, IdentifierKind, Sex
from songcau_identity.officers import Desk, Entry, OfficerActs, Order
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repositories import citizens, identifiers, papers, records
from songcau_identity.repositories.records import RecordDoubt

LIST = "record doubts"


@dataclass(frozen=True)
class DoubtPage:
    """One page of doubts that wait; the cursor of the next is empty on the last."""

    doubts: tuple[RecordDoubt, ...]
    next_cursor: str


@dataclass(frozen=True)
class DoubtAnswer:
    """A doubt after it was settled."""

    doubt: RecordDoubt

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.doubt.citizen_id]


DOUBT_ANSWER = TypeAdapter(DoubtAnswer)


class RecordDoubts:
    """The use cases ListRecordDoubts and SettleRecordDoubt."""

    def __init__(self, desk: Desk, cursors: CursorSigner) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)
        self._cursors = cursors

    def list_open(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> DoubtPage:
        """Return one page, the oldest first; raises CURSOR_INVALID."""
        require_agency(asker)
        require_purpose(asker)
        size = page_size_of(page_size)
        after = read_position(self._cursors, cursor, of=LIST)
        with self._desk.database.read() as conn:
            found = records.list_open_doubts(conn, after=after, limit=size + 1)
        page = tuple(found[:size])
        access.subjects.extend(dict.fromkeys(doubt.citizen_id for doubt in page))
        if len(found) <= size:
            return DoubtPage(page, "")
        return DoubtPage(page, write_position(self._cursors, Position(page[-1].raised_at, page[-1].doubt_id), of=LIST))

    def confirm(self, order: Order, doubt_id: UUID | None, citizen_version: int) -> DoubtAnswer:
        """End a doubt on evidence that the record is right as the officer saw it.

        Raises DOUBT_NOT_FOUND, DOUBT_SETTLED and what every act of an officer raises.
        """

        def act(conn: Connection) -> DoubtAnswer:
            doubt = self._find(conn, doubt_id)
            self._acts.hold(conn, order, {doubt.citizen_id: citizen_version})
            if self._find(conn, doubt.doubt_id).is_settled:
                raise DomainError(DOUBT_SETTLED)
            act_id = self._acts.finish(conn, order, Entry(doubt.citizen_id))
            records.confirm_doubt(conn, doubt.doubt_id, act_id, self._desk.clock.now())
            return DoubtAnswer(replace(doubt, is_settled=True))

        asked = f"{doubt_id} {citizen_version}".encode()
        return self._acts.run(order, Operation.SETTLE_RECORD_DOUBT, asked, act=act, form=DOUBT_ANSWER)

    def _find(self, conn: Connection, doubt_id: UUID | None) -> RecordDoubt:
        doubt = records.find_doubt(conn, doubt_id) if doubt_id else None
        if doubt is None:
            raise DomainError(DOUBT_NOT_FOUND)
        return doubt


def judge_again(desk: Desk, conn: Connection, citizen: Citizen, act_id: UUID) -> tuple[Doubt, ...]:
    """Return what looks odd after an act on a record: new doubts wait, those the act removed have ended."""
    now = desk.clock.now()
    doubts = _doubts_of(desk, conn, citizen)
    records.end_doubts(conn, citizen.citizen_id, act_id, now, remaining=doubts)
    let_wait(desk, conn, citizen.citizen_id, doubts, facts_changed=True)
    return doubts


def let_wait(desk: Desk, conn: Connection, citizen_id: UUID, doubts: Collection[Doubt], *, facts_changed: bool) -> None:
    """Let doubts wait for an officer; one that an officer confirmed comes back only with other facts."""
    new = {desk.clock.new_id(): doubt for doubt in doubts}
    records.raise_doubts(conn, citizen_id, new, desk.clock.now(), facts_changed=facts_changed)


def _doubts_of(desk: Desk, conn: Connection, citizen: Citizen) -> tuple[Doubt, ...]:
    numbers = identifiers.list_digests(conn, citizen.citizen_id)
    return (*_doubts_of_facts(desk, conn, citizen), *papers.find_doubts(conn, citizen.citizen_id, numbers))


def _doubts_of_facts(desk: Desk, conn: Connection, citizen: Citizen) -> tuple[Doubt, ...]:
    record = citizens.find_record(conn, citizen.citizen_id)
    if record is None or record.number is None or record.number.kind is not IdentifierKind.PERSONAL_NUMBER:
        return ()
    data_key = desk.data_keys.get(conn, citizen.citizen_id)
    number = desk.vault.open_number(data_key, record.number.identifier_id, record.number.value_enc)
    profile = desk.vault.open(data_key, record.profile)
    sex, birth_date = profile.sex.reveal(), profile.birth_date.reveal()
    return parse_personal_number(number.reveal()).doubts(
        sex=Sex(sex) if sex else None, birth_year=int(birth_date[:4]) if birth_date else None
    )
