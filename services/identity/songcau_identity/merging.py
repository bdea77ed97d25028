"""Merges two records of one person and undoes it: a reference from one to the other, nothing moved or rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.database import Connection, ForeignKeyViolation
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Operation
from songcau_identity.consent.lapsing import lapse_since
from songcau_identity.errors import (
    CITIZEN_NOT_ACTIVE,
    CITIZEN_NOT_FOUND,
    CITIZEN_NOT_MERGED,
    MERGE_CHAIN,
    MERGE_INVALID,
    MERGE_KINDS_DIFFER,
)
from songcau_identity.model import Citizen, CitizenStatus
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, Seen, refuse_merged
from songcau_identity.repositories import citizens as repository
from songcau_identity.repositories import records


@dataclass(frozen=True)
class MergeAnswer:
    """Both records after the act."""

    survivor: Citizen
    other: Citizen

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.survivor.citizen_id, self.other.citizen_id]


MERGE_ANSWER = TypeAdapter(MergeAnswer)


class Merging:
    """The use cases MergeCitizens and UnmergeCitizens."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)

    def merge(self, order: Order, surviving: Seen, merged: Seen) -> MergeAnswer:
        """Let one record stand for both.

        Raises MERGE_INVALID, MERGE_KINDS_DIFFER, MERGE_CHAIN, CITIZEN_MERGED, CITIZEN_NOT_ACTIVE and what every act
        of an officer raises.
        """
        asked = f"{surviving} {merged}".encode()

        def act(conn: Connection) -> MergeAnswer:
            survivor, other = self._hold_both(conn, order, surviving, merged)
            check_mergeable(survivor, other)
            merged_now = replace(other, version=other.version + 1, merged_into=survivor.citizen_id)
            answer = MergeAnswer(self._bump(conn, survivor), self._write(conn, merged_now))
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.merged(merged_now, *told, survivor_id=survivor.citizen_id)
            self._acts.finish(conn, order, Entry(other.citizen_id, survivor.citizen_id), event)
            return answer

        return self._acts.run(order, Operation.MERGE_CITIZENS, asked, act=act, form=MERGE_ANSWER)

    def unmerge(self, order: Order, merged: Seen) -> MergeAnswer:
        """Let a record stand for itself again; raises CITIZEN_NOT_MERGED and what every act of an officer raises."""

        def act(conn: Connection) -> MergeAnswer:
            if merged.citizen_id is None:
                raise DomainError(CITIZEN_NOT_FOUND)
            found = repository.find_citizen(conn, merged.citizen_id)
            # Both rows at once and in the order of every other act, so that two acts never wait for each other.
            held = repository.hold_citizens(conn, {found.citizen_id, found.survivor_id} if found else [])
            other = self._acts.hold(conn, order, {merged.citizen_id: merged.version})[merged.citizen_id]
            survivor_id = other.merged_into
            if survivor_id is None or survivor_id not in held:
                raise DomainError(CITIZEN_NOT_MERGED)
            survivor = held[survivor_id]
            order.access.subjects.append(survivor_id)
            free = replace(other, version=other.version + 1, merged_into=None)
            answer = MergeAnswer(self._bump(conn, survivor), self._write(conn, free))
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.unmerged(free, *told, survivor_id=survivor_id)
            # Either person, and whoever represents either, could agree for both.
            since = records.get_merged_at(conn, other.citizen_id)
            lapse_since(conn, self._desk.clock, (survivor_id, other.citizen_id), since)
            self._acts.finish(conn, order, Entry(other.citizen_id, survivor_id), event)
            return answer

        return self._acts.run(order, Operation.UNMERGE_CITIZENS, f"{merged}".encode(), act=act, form=MERGE_ANSWER)

    def _hold_both(self, conn: Connection, order: Order, surviving: Seen, merged: Seen) -> tuple[Citizen, Citizen]:
        if surviving.citizen_id is None or merged.citizen_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        if surviving.citizen_id == merged.citizen_id:
            raise DomainError(MERGE_INVALID)
        wanted = {surviving.citizen_id: surviving.version, merged.citizen_id: merged.version}
        held = self._acts.hold(conn, order, wanted)
        return held[surviving.citizen_id], held[merged.citizen_id]

    def _bump(self, conn: Connection, survivor: Citizen) -> Citizen:
        return self._write(conn, replace(survivor, version=survivor.version + 1))

    def _write(self, conn: Connection, citizen: Citizen) -> Citizen:
        try:
            repository.update_citizen(conn, citizen, self._desk.clock.now())
        except ForeignKeyViolation:
            raise DomainError(MERGE_CHAIN) from None
        return citizen


def check_mergeable(survivor: Citizen, other: Citizen) -> None:
    """Raise what keeps two records apart; that a record has others in it is the database's to say."""
    for citizen in (survivor, other):
        refuse_merged(citizen)
    if survivor.account_kind is not other.account_kind:
        raise DomainError(MERGE_KINDS_DIFFER)
    for citizen, is_open in (
        (survivor, survivor.status is CitizenStatus.ACTIVE),
        (other, other.status not in (CitizenStatus.BLOCKED, CitizenStatus.DECEASED)),
    ):
        if not is_open:
            raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": citizen.status})
