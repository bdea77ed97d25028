"""A citizen died: nobody acts as them any more, and for them their heirs only; what was entered wrongly is annulled."""

from collections.abc import Callable
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.assistance import running_out as assistance
from songcau_identity.auditing import Operation
from songcau_identity.documents import require_kind
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.model import AccountKind, CitizenAct
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, Seen
from songcau_identity.organisations import following
from songcau_identity.organisations.model import MemberEnd
from songcau_identity.repositories import citizens
from songcau_identity.representations import repository, running_out
from songcau_identity.representations.model import END_DOCUMENTS, EndCause, Kind
from songcau_identity.standing import MOVE_OUTCOME, MoveOutcome, legal_step, take_step

# The register takes the extract back, a court its declaration (article 73), or the officer's agency its own mistake.
ANNULMENT_DOCUMENTS = frozenset({"CIVIL_STATUS_RECORD", "COURT_DECISION", "OFFICE_RECORD"})


class Deaths:
    """The use cases RecordDeath and AnnulDeath."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)

    def record(self, order: Order, seen: Seen) -> MoveOutcome:
        """Enter a death and end whatever the citizen granted, held, was a member of or was helped with.

        Raises EVIDENCE_INVALID, CITIZEN_NOT_ACTIVE and what every act of an officer raises.
        """
        require_kind(order.evidence, END_DOCUMENTS[EndCause.DEATH], code="NOT_FOR_THIS_ACT")
        return self._run(order, seen, (Operation.RECORD_DEATH, CitizenAct.RECORD_DEATH), self._end_everything)

    def annul(self, order: Order, seen: Seen) -> MoveOutcome:
        """Take a death back: who lives has no heirs, and stays blocked until somebody unblocks them.

        What the death ended is entered anew where it is still wanted. Raises as `record`, and CITIZEN_NOT_DECEASED.
        """
        require_kind(order.evidence, ANNULMENT_DOCUMENTS, code="NOT_FOR_THIS_ACT")
        return self._run(order, seen, (Operation.ANNUL_DEATH, CitizenAct.ANNUL_DEATH), self._end_heirs)

    def _run(
        self,
        order: Order,
        seen: Seen,
        step: tuple[Operation, CitizenAct],
        end: Callable[[Connection, tuple[UUID, ...]], None],
    ) -> MoveOutcome:
        operation, citizen_act = step

        def act(conn: Connection) -> MoveOutcome:
            before = self._acts.hold_one(conn, order, seen.citizen_id, seen.version)
            if before.account_kind is not AccountKind.CITIZEN:
                raise DomainError(CITIZEN_NOT_FOUND)
            move = legal_step(before, citizen_act, seen.version)
            self._acts.finish(conn, order, Entry(before.citizen_id))
            after = take_step(self._desk, conn, order.asker, before, move)
            end(conn, citizens.find_family(conn, after.citizen_id))
            return MoveOutcome(after)

        return self._acts.run(order, operation, f"{seen}".encode(), act=act, form=MOVE_OUTCOME)

    def _end_everything(self, conn: Connection, citizen_ids: tuple[UUID, ...]) -> None:
        clock = self._desk.clock
        following.end_all_of(conn, clock, citizen_ids, MemberEnd.DEATH)
        running_out.end_all_of(conn, clock, citizen_ids, EndCause.DEATH)
        assistance.end_all_of(conn, clock, citizen_ids)

    def _end_heirs(self, conn: Connection, citizen_ids: tuple[UUID, ...]) -> None:
        for one in repository.hold_open_of(conn, citizen_ids):
            if one.kind is Kind.HEIR and one.represented.id in citizen_ids:
                running_out.end(conn, self._desk.clock, one, EndCause.ENTERED_WRONGLY)
