"""SQL of addresses, which arrive here closed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.addresses.model import (
    AddressKind,
    AddressRefusal,
    AddressState,
    EnteredBy,
    HeldAddress,
)

HELD_COLUMNS = """address_id, citizen_id, kind, state, resolution, value_enc, entered_by, entered_at, recorded_at,
    ended_at, refusal"""
_HELD = f"select {HELD_COLUMNS} from addresses"  # noqa: S608  constants only


@dataclass(frozen=True)
class Settlement:
    """How an address leaves its state: by which act of an officer (None for the citizen's own), why and when."""

    state: AddressState
    at: datetime
    act_id: UUID | None = None
    refusal: AddressRefusal | None = None


def insert_address(conn: Connection, held: HeldAddress, act_id: UUID | None, placed_on: date) -> None:
    """Add an address placed on a legal day; a second one of its kind in the same open state raises UniqueViolation."""
    conn.execute(
        """insert into addresses (address_id, citizen_id, kind, state, resolution, value_enc, entered_by, entered_at,
            recorded_at, act_id, placed_on) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            held.address_id,
            held.citizen_id,
            held.kind,
            held.state,
            held.resolution,
            held.value_enc,
            held.entered_by,
            held.entered_at,
            held.recorded_at,
            act_id,
            placed_on,
        ),
    )


def find_address(conn: Connection, address_id: UUID) -> HeldAddress | None:
    """Return an address in whatever state."""
    row = conn.execute(f"{_HELD} where address_id = %s", (address_id,)).fetchone()
    return read_address(row) if row else None


def find_of_kind(
    conn: Connection, citizen_ids: Collection[UUID], kind: AddressKind, state: AddressState
) -> list[HeldAddress]:
    """Return the addresses of a kind in a state: one a record, so several only where records were merged."""
    rows = conn.execute(
        f"{_HELD} where citizen_id = any(%s) and kind = %s and state = %s", (list(citizen_ids), kind, state)
    ).fetchall()
    return [read_address(row) for row in rows]


def list_addresses(conn: Connection, citizen_ids: Collection[UUID]) -> list[HeldAddress]:
    """Return every address citizens have or had, newest first."""
    rows = conn.execute(
        f"{_HELD} where citizen_id = any(%s) order by entered_at desc, address_id desc", (list(citizen_ids),)
    ).fetchall()
    return [read_address(row) for row in rows]


def settle(conn: Connection, address_id: UUID, settlement: Settlement) -> None:
    """Move an address to its next state; the caller holds its citizen."""
    is_recorded = settlement.state is AddressState.RECORDED
    conn.execute(
        """update addresses set state = %(state)s, act_id = coalesce(%(act)s, act_id), refusal = %(refusal)s,
            recorded_at = case when %(recorded)s then %(at)s else recorded_at end,
            ended_at = case when %(recorded)s then null else %(at)s end
        where address_id = %(id)s""",
        {
            "state": settlement.state,
            "act": settlement.act_id,
            "refusal": settlement.refusal,
            "recorded": is_recorded,
            "at": settlement.at,
            "id": address_id,
        },
    )


def save_resolution(
    conn: Connection, address_id: UUID, *, resolution: str, value_enc: bytes, act_id: UUID | None
) -> None:
    """Keep what an address was resolved to, by which act of an officer, if any; the caller holds its citizen."""
    conn.execute(
        """update addresses set resolution = %s, value_enc = %s, resolving_act_id = coalesce(%s, resolving_act_id)
        where address_id = %s""",
        (resolution, value_enc, act_id, address_id),
    )


def read_address(row: tuple[Any, ...]) -> HeldAddress:
    """Return an address from a row of HELD_COLUMNS."""
    return HeldAddress(
        address_id=row[0],
        citizen_id=row[1],
        kind=AddressKind(row[2]),
        state=AddressState(row[3]),
        resolution=row[4],
        value_enc=row[5],
        entered_by=EnteredBy(row[6]),
        entered_at=row[7],
        recorded_at=row[8],
        ended_at=row[9],
        refusal=AddressRefusal(row[10]) if row[10] else None,
    )
