"""Ends, blocks and unblocks links: the moves of a citizen's standing that carry no facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit import outbox
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Reason

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_BLOCKED, CITIZEN_NOT_DECEASED, CITIZEN_NOT_FOUND
from songcau_identity.model import Citizen, CitizenAct, Transition, find_transition
from songcau_identity.officers import Desk, check_version, refuse_merged, refuse_own_record
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens as repository

OPERATIONS: Mapping[CitizenAct, Operation] = {
    CitizenAct.UNLINK: Operation.UNLINK_CITIZEN,
    CitizenAct.BLOCK: Operation.BLOCK_CITIZEN,
    CitizenAct.UNBLOCK: Operation.UNBLOCK_CITIZEN,
}
REFUSALS: Mapping[CitizenAct, Reason] = {
    CitizenAct.UNLINK: CITIZEN_NOT_ACTIVE,
    CitizenAct.BLOCK: CITIZEN_NOT_ACTIVE,
    CitizenAct.UNBLOCK: CITIZEN_NOT_BLOCKED,
    CitizenAct.RECORD_DEATH: CITIZEN_NOT_ACTIVE,
    CitizenAct.ANNUL_DEATH: CITIZEN_NOT_DECEASED,
}


@dataclass(frozen=True)
class MoveRequest:
    """One asked move; the version is the one the asker saw, 0 where they named none."""

    request_id: str
    citizen_id: UUID | None
    expected_version: int


@dataclass(frozen=True)
class MoveOutcome:
    """The citizen after the move."""

    citizen: Citizen

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.citizen.citizen_id]


MOVE_OUTCOME = TypeAdapter(MoveOutcome)


class Standing:
    """The use cases UnlinkCitizen, BlockCitizen and UnblockCitizen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def move(self, asker: Asker, act: CitizenAct, request: MoveRequest, access: Access) -> MoveOutcome:
        """Take one step of the lifecycle.

        Raises CITIZEN_NOT_FOUND, OWN_RECORD, CITIZEN_NOT_ACTIVE, CITIZEN_NOT_BLOCKED, CITIZEN_MERGED,
        VERSION_REQUIRED, VERSION_CONFLICT.
        """
        asked = Request(act, request.request_id, f"{request.citizen_id} {request.expected_version}".encode())

        def take(conn: Connection) -> MoveOutcome:
            before = self._hold(conn, request.citizen_id, act)
            access.subjects.append(before.citizen_id)
            if act is not CitizenAct.UNLINK:
                refuse_own_record(conn, asker, before.citizen_id)
            step = legal_step(before, act, request.expected_version)
            return MoveOutcome(take_step(self._desk, conn, asker, before, step))

        return self._desk.writes.run(asker, OPERATIONS[act], asked, access, act=take, form=MOVE_OUTCOME)

    def _hold(self, conn: Connection, citizen_id: UUID | None, act: CitizenAct) -> Citizen:
        """Hold whom an act means: citizens who signed in under a record that was merged mean the surviving one."""
        family = repository.find_family(conn, citizen_id) if citizen_id else ()
        if citizen_id is None or not family:
            raise DomainError(CITIZEN_NOT_FOUND)
        meant = family[0] if act is CitizenAct.UNLINK else citizen_id
        citizen = repository.hold_citizens(conn, [meant])[meant]
        refuse_merged(citizen)
        return citizen


def legal_step(before: Citizen, act: CitizenAct, expected_version: int) -> Transition:
    """Return the step of an act from the citizen's state; raises what refuses it."""
    check_version(before, expected_version)
    step = find_transition(before.status, act)
    if step is None:
        raise DomainError(REFUSALS[act], details={"state": before.status})
    return step


def take_step(desk: Desk, conn: Connection, asker: Asker, before: Citizen, step: Transition) -> Citizen:
    """Write the state after a step and tell the others; the caller holds the row."""
    citizen = replace(before, status=step.after, version=before.version + 1)
    repository.update_citizen(conn, citizen, desk.clock.now())
    outbox.append(conn, desk.events.moved(citizen, asker.actor, asker.correlation_id, fact=step.fact))
    return citizen
