"""SQL of the addresses that wait for officers; communes arrive here as digests."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.addresses.model import HeldAddress
from songcau_identity.addresses.repository import HELD_COLUMNS, read_address
from songcau_identity.positions import Position

_TO_PLACE = """state in ('PROPOSED', 'RECORDED') and (placed_on is null or placed_on < %(today)s)
    and (resolution <> 'RESOLVED' or placed_on is null and resolving_act_id is null)"""


@dataclass(frozen=True)
class Reach:
    """Whose addresses an officer is shown: those of communes by digest, None for all, but not the officer's own."""

    communes: Collection[bytes] | None
    without: Collection[UUID]


@dataclass(frozen=True)
class WaitingAddress:
    """An address that waits, and the version of its citizen."""

    held: HeldAddress
    citizen_version: int


def save_doubts(conn: Connection, held: HeldAddress, communes: Collection[bytes]) -> None:
    """Let an address wait for the officers of exactly these communes; the caller holds its citizen."""
    conn.execute(
        "delete from address_doubts where address_id = %s and unit_bix <> all(%s)", (held.address_id, list(communes))
    )
    conn.execute(
        """insert into address_doubts (address_id, unit_bix, entered_at) select %s, unnest(%s::bytea[]), %s
        on conflict do nothing""",
        (held.address_id, list(communes), held.entered_at),
    )


def is_waiting(conn: Connection, address_id: UUID) -> bool:
    """Return whether an address waits for an officer."""
    row = conn.execute("select 1 from address_doubts where address_id = %s limit 1", (address_id,)).fetchone()
    return row is not None


def list_waiting(conn: Connection, reach: Reach, *, after: Position | None, limit: int) -> list[WaitingAddress]:
    """Return the addresses that wait, the oldest first, after a position; none of a record merged into another."""
    of_communes = "" if reach.communes is None else "and d.unit_bix = any(%(communes)s)"
    rows = conn.execute(
        f"""select {HELD_COLUMNS}, version from (
            select distinct d.entered_at as waits_since, d.address_id from address_doubts d
                join addresses using (address_id) join citizens c using (citizen_id)
            where addresses.state in ('PROPOSED', 'RECORDED')
                and (%(at)s::timestamptz is null or (d.entered_at, d.address_id) > (%(at)s, %(id)s)) {of_communes}
                and c.merged_into is null and c.citizen_id <> all(%(without)s)
            order by d.entered_at, d.address_id limit %(limit)s) waiting
        join addresses using (address_id) join (select citizen_id, version from citizens) c using (citizen_id)
        order by waits_since, address_id""",  # noqa: S608  constants only
        {
            "communes": list(reach.communes or ()),
            "without": list(reach.without),
            "at": after.at if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    ).fetchall()
    return [WaitingAddress(read_address(row[:-1]), row[-1]) for row in rows]


def hold_to_place(conn: Connection, today: date, apart: Collection[UUID], limit: int) -> list[HeldAddress]:
    """Return a portion of the open addresses nobody placed today, `apart` from these, and hold their citizens.

    Those an older release entered are among them whatever it resolved them to, but for what an officer decided. The
    rows were read before their citizens were held: `find_to_place` reads them again.
    """
    rows = conn.execute(
        f"""select {HELD_COLUMNS} from addresses join (
            select citizen_id from citizens where merged_into is null) c using (citizen_id)
        where {_TO_PLACE} and address_id <> all(%(apart)s)
        order by placed_on nulls first, address_id limit %(limit)s for update of c skip locked""",  # noqa: S608
        {"today": today, "apart": list(apart), "limit": limit},
    ).fetchall()
    return [read_address(row) for row in rows]


def find_to_place(conn: Connection, address_id: UUID, today: date) -> HeldAddress | None:
    """Return an address nobody placed or decided meanwhile; the caller holds its citizen."""
    row = conn.execute(
        f"select {HELD_COLUMNS} from addresses where {_TO_PLACE} and address_id = %(id)s",  # noqa: S608
        {"today": today, "id": address_id},
    ).fetchone()
    return read_address(row) if row else None


def note_placing(conn: Connection, address_ids: Collection[UUID], today: date) -> None:
    """Remember that these were placed today."""
    conn.execute("update addresses set placed_on = %s where address_id = any(%s)", (today, list(address_ids)))


def place_all_again(conn: Connection) -> int:
    """Let every open address be placed again at once and return how many; what somebody holds is placed tomorrow."""
    return conn.execute(
        """update addresses set placed_on = null where address_id in (
            select address_id from addresses where state in ('PROPOSED', 'RECORDED') and resolution <> 'RESOLVED'
            order by address_id for update skip locked)"""
    ).rowcount
