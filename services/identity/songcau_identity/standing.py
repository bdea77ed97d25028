"""Ends, blocks and unblocks links: the moves of a citizen's standing that carry no facts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database
from songcau_kit.errors import VERSION_CONFLICT, VERSION_REQUIRED, DomainError, Reason
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister

from songcau_identity.auditing import Access, Asker, Auditor, Operation
from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_BLOCKED, CITIZEN_NOT_FOUND
from songcau_identity.events import CitizenEvents
from songcau_identity.model import Citizen, CitizenAct, Transition, find_transition
from songcau_identity.repositories import citizens as repository
from songcau_identity.stored_answers import read_citizen, write_citizen

OPERATIONS: Mapping[CitizenAct, Operation] = {
    CitizenAct.UNLINK: Operation.UNLINK_CITIZEN,
    CitizenAct.BLOCK: Operation.BLOCK_CITIZEN,
    CitizenAct.UNBLOCK: Operation.UNBLOCK_CITIZEN,
}
REFUSALS: Mapping[CitizenAct, Reason] = {
    CitizenAct.UNLINK: CITIZEN_NOT_ACTIVE,
    CitizenAct.BLOCK: CITIZEN_NOT_ACTIVE,
    CitizenAct.UNBLOCK: CITIZEN_NOT_BLOCKED,
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
    is_replayed: bool = False


class Standing:
    """The use cases UnlinkCitizen, BlockCitizen and UnblockCitizen."""

    def __init__(self, *, database: Database, clock: Clock, auditor: Auditor) -> None:
        self._database = database
        self._clock = clock
        self._auditor = auditor
        self._register = IdempotencyRegister()
        self._events = CitizenEvents(clock)

    def move(self, asker: Asker, act: CitizenAct, request: MoveRequest, access: Access) -> MoveOutcome:
        """Take one step of the lifecycle.

        Raises CITIZEN_NOT_FOUND, CITIZEN_NOT_ACTIVE, CITIZEN_NOT_BLOCKED, VERSION_REQUIRED, VERSION_CONFLICT.
        """
        if request.citizen_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        key = IdempotencyKey(f"{asker.caller.client_id}/{asker.caller.subject}", act, request.request_id)
        asked = f"{request.citizen_id} {request.expected_version}".encode()
        with self._database.transaction() as conn:
            stored = self._register.begin(conn, key, asked)
            if stored is not None:
                outcome = MoveOutcome(read_citizen(json.loads(stored.response)), is_replayed=True)
                access.subjects.append(outcome.citizen.citizen_id)
            else:
                outcome = self._take_step(conn, asker, act, request, access)
                self._register.finish(conn, key, json.dumps(write_citizen(outcome.citizen)).encode())
            self._auditor.record(conn, asker, OPERATIONS[act], access)
            return outcome

    def _take_step(
        self, conn: Connection, asker: Asker, act: CitizenAct, request: MoveRequest, access: Access
    ) -> MoveOutcome:
        before = repository.find_citizen_for_update(conn, request.citizen_id) if request.citizen_id else None
        if before is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        access.subjects.append(before.citizen_id)
        step = legal_step(before, act, request.expected_version)
        citizen = replace(before, status=step.after, version=before.version + 1)
        repository.update_citizen(conn, citizen, self._clock.now())
        event = self._events.moved(citizen, asker.actor, asker.correlation_id, fact=step.fact)
        outbox.append(conn, event)
        return MoveOutcome(citizen)


def legal_step(before: Citizen, act: CitizenAct, expected_version: int) -> Transition:
    """Return the step of an act from the citizen's state; raises what refuses it."""
    if expected_version == 0:
        raise DomainError(VERSION_REQUIRED)
    if expected_version != before.version:
        raise DomainError(VERSION_CONFLICT, details={"current_version": str(before.version)})
    step = find_transition(before.status, act)
    if step is None:
        raise DomainError(REFUSALS[act], details={"state": before.status})
    return step
