"""What every act of a data officer on a record has in common: purpose, evidence, the rows held, the act on record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit import outbox
from songcau_kit.clock import Clock, local_date
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import VERSION_CONFLICT, VERSION_REQUIRED, DomainError
from songcau_kit.outbox import OutboxEvent

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.documents import DocumentEvidence, verify_document
from songcau_identity.errors import CITIZEN_MERGED, CITIZEN_NOT_FOUND, OWN_RECORD
from songcau_identity.events import CitizenEvents
from songcau_identity.model import Citizen
from songcau_identity.record_act import RecordAct
from songcau_identity.repeatable import A, RepeatableWrites, Request
from songcau_identity.repositories import citizens, records
from songcau_identity.repositories.records import NewAct
from songcau_identity.vault import Vault


@dataclass(frozen=True)
class Desk:
    """What all acts on records share."""

    database: Database
    clock: Clock
    data_keys: DataKeys
    vault: Vault
    writes: RepeatableWrites
    events: CitizenEvents


@dataclass(frozen=True)
class Order:
    """Who orders which act in which request, on which document."""

    asker: Asker
    act: RecordAct
    request_id: str
    evidence: DocumentEvidence
    access: Access


@dataclass(frozen=True)
class Seen:
    """A record and the version of it the officer saw; None is an id that is none."""

    citizen_id: UUID | None
    version: int


@dataclass(frozen=True)
class Entry:
    """One act for the history: on whose record, beside whose, and the facts before."""

    citizen_id: UUID
    other_citizen_id: UUID | None = None
    before: Mapping[str, str] | None = None


class OfficerActs:
    """Runs acts of officers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def run(
        self, order: Order, operation: Operation, asked: bytes, *, act: Callable[[Connection], A], form: TypeAdapter[A]
    ) -> A:
        """Do an act once, on evidence; raises what `prove` raises, the register's reasons and what the act raises."""
        self._prove(order)
        words = "\x00".join(order.evidence.words().values()).encode()
        request = Request(str(order.act), order.request_id, asked + b"\x00" + words)
        return self._desk.writes.run(order.asker, operation, request, order.access, act=act, form=form)

    def _prove(self, order: Order) -> None:
        """Raise OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, PURPOSE_UNKNOWN or EVIDENCE_INVALID."""
        require_agency(order.asker)
        require_purpose(order.asker)
        verify_document(order.evidence, today=local_date(self._desk.clock.now()))

    def hold(self, conn: Connection, order: Order, wanted: Mapping[UUID, int]) -> Mapping[UUID, Citizen]:
        """Return citizens at the versions the officer saw, held until the transaction ends.

        Raises CITIZEN_NOT_FOUND, OWN_RECORD, VERSION_REQUIRED and VERSION_CONFLICT.
        """
        held = citizens.hold_citizens(conn, wanted)
        order.access.subjects.extend(held)
        if len(held) < len(wanted):
            raise DomainError(CITIZEN_NOT_FOUND)
        for citizen_id in held:
            refuse_own_record(conn, order.asker, citizen_id)
        for citizen_id, version in wanted.items():
            check_version(held[citizen_id], version)
        return held

    def hold_one(self, conn: Connection, order: Order, citizen_id: UUID | None, version: int) -> Citizen:
        """Return the one citizen of an act; raises as `hold`, and CITIZEN_MERGED for a record that was merged."""
        if citizen_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        citizen = self.hold(conn, order, {citizen_id: version})[citizen_id]
        refuse_merged(citizen)
        return citizen

    def finish(self, conn: Connection, order: Order, entry: Entry, event: OutboxEvent | None = None) -> UUID:
        """Put an act on record with its evidence, tell the others, and return its id."""
        desk, act_id = self._desk, self._desk.clock.new_id()
        data_key = desk.data_keys.get(conn, entry.citizen_id)
        before = entry.before
        act = NewAct(
            act_id=act_id,
            citizen_id=entry.citizen_id,
            other_citizen_id=entry.other_citizen_id,
            act=order.act,
            officer=order.asker.caller.subject,
            agencies=order.asker.organization,
            evidence_enc=desk.vault.seal_words(data_key, act_id, "evidence_enc", order.evidence.words()),
            before_enc=None if before is None else desk.vault.seal_words(data_key, act_id, "before_enc", before),
        )
        records.insert_act(conn, act, desk.clock.now())
        if event is not None:
            outbox.append(conn, event)
        return act_id


def refuse_own_record(conn: Connection, asker: Asker, citizen_id: UUID) -> None:
    """Raise OWN_RECORD where the record, or one merged with it, is the officer's own."""
    own = asker.own_citizen_id
    if own is not None and own in citizens.find_family(conn, citizen_id):
        raise DomainError(OWN_RECORD)


class Versioned(Protocol):
    """What has a version."""

    @property
    def version(self) -> int:
        """Return the present version."""


def check_version(found: Versioned, expected: int) -> None:
    """Raise VERSION_REQUIRED for 0 and VERSION_CONFLICT for a stale version."""
    if expected == 0:
        raise DomainError(VERSION_REQUIRED)
    if expected != found.version:
        raise DomainError(VERSION_CONFLICT, details={"current_version": str(found.version)})


def refuse_merged(citizen: Citizen) -> None:
    """Raise CITIZEN_MERGED where another record stands for this one."""
    if citizen.merged_into is not None:
        raise DomainError(CITIZEN_MERGED, details={"surviving_citizen_id": str(citizen.merged_into)})
