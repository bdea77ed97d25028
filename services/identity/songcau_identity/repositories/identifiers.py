"""SQL of the numbers people and organisations have or had; every number arrives here closed, with its digest."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.model import IdentifierKind, IdentifierStatus


@dataclass(frozen=True)
class IdentifierHolder:
    """Who holds or held a number."""

    citizen_id: UUID
    status: IdentifierStatus


@dataclass(frozen=True)
class NewIdentifier:
    """A number about to be held by a citizen, closed."""

    identifier_id: UUID
    citizen_id: UUID
    kind: IdentifierKind
    value_enc: bytes
    value_bix: bytes


@dataclass(frozen=True)
class HeldIdentifier:
    """A number a citizen has or had, closed."""

    identifier_id: UUID
    citizen_id: UUID
    kind: IdentifierKind
    value_enc: bytes
    status: IdentifierStatus
    active_from: datetime
    cancelled_at: datetime | None


def lock_number(conn: Connection, digest: bytes) -> None:
    """Let one transaction at a time work on a number, whether anybody holds it yet or not."""
    conn.execute("select pg_advisory_xact_lock(%s)", (int.from_bytes(digest[:8], signed=True),))


def find_holder(conn: Connection, kind: IdentifierKind, digest: bytes) -> IdentifierHolder | None:
    """Return who holds a number now, else who held it last."""
    row = conn.execute(
        """select citizen_id, status from identifiers where value_bix = %s and kind = %s
        order by status = 'ACTIVE' desc, active_from desc limit 1""",
        (digest, kind),
    ).fetchone()
    return IdentifierHolder(row[0], IdentifierStatus(row[1])) if row else None


def insert_identifier(conn: Connection, identifier: NewIdentifier, at: datetime) -> None:
    """Add an active number; one that is or was another citizen's raises UniqueViolation."""
    conn.execute(
        """insert into identifiers (identifier_id, citizen_id, kind, value_enc, value_bix, status, active_from)
        values (%s, %s, %s, %s, %s, 'ACTIVE', %s)""",
        (*astuple(identifier), at),
    )


def cancel_identifiers(conn: Connection, citizen_id: UUID, kind: IdentifierKind, at: datetime) -> None:
    """Keep a citizen's active numbers of a kind as history only."""
    conn.execute(
        """update identifiers set status = 'CANCELLED', cancelled_at = %s
        where citizen_id = %s and kind = %s and status = 'ACTIVE'""",
        (at, citizen_id, kind),
    )


def list_digests(conn: Connection, citizen_id: UUID) -> list[bytes]:
    """Return what finds the numbers a citizen has or had."""
    rows = conn.execute("select value_bix from identifiers where citizen_id = %s", (citizen_id,)).fetchall()
    return [row[0] for row in rows]


def list_identifiers(conn: Connection, citizen_ids: Collection[UUID]) -> list[HeldIdentifier]:
    """Return every number citizens have or had, newest first."""
    rows = conn.execute(
        """select identifier_id, citizen_id, kind, value_enc, status, active_from, cancelled_at from identifiers
        where citizen_id = any(%s) order by active_from desc, identifier_id desc""",
        (list(citizen_ids),),
    ).fetchall()
    return [
        HeldIdentifier(row[0], row[1], IdentifierKind(row[2]), row[3], IdentifierStatus(row[4]), row[5], row[6])
        for row in rows
    ]
