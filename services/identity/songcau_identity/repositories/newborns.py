"""SQL of children without a number; the certificate arrives here closed, with its digest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.newborn_states import NewbornState, VoidReason

_NEWBORN = "select n.citizen_id, n.mother_id, n.birth_order, n.temporary_key, n.state, n.registered_at from newborns n"


@dataclass(frozen=True)
class Newborn:
    """A child as it was registered, without a personal value."""

    citizen_id: UUID
    mother_id: UUID
    birth_order: int
    temporary_key: str
    state: NewbornState
    registered_at: datetime


@dataclass(frozen=True)
class ClosedCertificate:
    """The birth certificate of a child, closed, with its digest."""

    value_enc: bytes
    value_bix: bytes


def find_newborn(conn: Connection, citizen_id: UUID) -> Newborn | None:
    """Return a child by the citizen it is."""
    row = conn.execute(f"{_NEWBORN} where n.citizen_id = %s", (citizen_id,)).fetchone()
    return _newborn(row) if row else None


def find_registered(conn: Connection, mother_id: UUID, certificate: bytes, birth_order: int) -> Newborn | None:
    """Return the child that was registered for a mother, certificate and order of birth, unless it was voided."""
    row = conn.execute(
        f"""{_NEWBORN} where n.mother_id = %s and n.certificate_bix = %s and n.birth_order = %s
        and n.state <> 'VOIDED'""",
        (mother_id, certificate, birth_order),
    ).fetchone()
    return _newborn(row) if row else None


def list_of_mother(conn: Connection, mother_ids: Collection[UUID]) -> list[Newborn]:
    """Return a mother's children who have no electronic identity of their own, the youngest entry first."""
    rows = conn.execute(
        f"""{_NEWBORN} join citizens c using (citizen_id)
        left join citizens s on s.citizen_id = c.merged_into
        where n.mother_id = any(%s) and n.state <> 'VOIDED' and coalesce(s.identity_level, c.identity_level) = 0
        order by n.registered_at desc, n.citizen_id desc""",
        (list(mother_ids),),
    ).fetchall()
    return [_newborn(row) for row in rows]


def insert_newborn(conn: Connection, newborn: Newborn, certificate: ClosedCertificate) -> None:
    """Add a child; one that is registered already raises UniqueViolation."""
    conn.execute(
        """insert into newborns (citizen_id, mother_id, certificate_enc, certificate_bix, birth_order, temporary_key,
            state, registered_at) values (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            newborn.citizen_id,
            newborn.mother_id,
            certificate.value_enc,
            certificate.value_bix,
            newborn.birth_order,
            newborn.temporary_key,
            newborn.state,
            newborn.registered_at,
        ),
    )


def end_newborn(
    conn: Connection, citizen_id: UUID, state: NewbornState, at: datetime, *, reason: VoidReason | None = None
) -> None:
    """Write how the time of a temporary key ended; the caller holds the child's citizen."""
    conn.execute(
        "update newborns set state = %s, void_reason = %s, ended_at = %s where citizen_id = %s",
        (state, reason, at, citizen_id),
    )


def _newborn(row: tuple[Any, ...]) -> Newborn:
    return Newborn(row[0], row[1], row[2], row[3], NewbornState(row[4]), row[5])
