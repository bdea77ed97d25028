"""SQL of where the hamlets of old units went: the province's list first, then what officers found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.addresses.model import UnitRef


@dataclass(frozen=True)
class ListedHamlet:
    """A row of the province's list: a hamlet of an old unit, by its key, and the code of the unit of today."""

    old_code: str
    old_valid_from: date
    name: str
    unit_code: str


def find_hamlet(conn: Connection, old: UnitRef, name: str) -> str | None:
    """Return the code of the unit of today a hamlet of an old unit went to."""
    row = conn.execute(
        """select unit_code from (
            select unit_code, 0 as place from listed_hamlets
                where old_code = %(code)s and old_valid_from = %(from)s and name = %(name)s
            union all select unit_code, 1 from hamlets
                where old_code = %(code)s and old_valid_from = %(from)s and name = %(name)s) known
        order by place limit 1""",
        {"code": old.code, "from": old.valid_from, "name": name},
    ).fetchone()
    return row[0] if row else None


def enter_hamlet(
    conn: Connection, old: UnitRef, name: str, *, unit_code: str, act_id: UUID, at: datetime
) -> str | None:
    """Keep where a hamlet went and return what stands after that: the list, else the first answer."""
    conn.execute(
        """insert into hamlets (old_code, old_valid_from, name, unit_code, act_id, recorded_at)
        values (%s, %s, %s, %s, %s, %s) on conflict do nothing""",
        (old.code, old.valid_from, name, unit_code, act_id, at),
    )
    return find_hamlet(conn, old, name)


def replace_list(conn: Connection, hamlets: Iterable[ListedHamlet]) -> None:
    """Let these be the province's list; whoever loads another at the same time waits."""
    conn.execute("lock table listed_hamlets in share row exclusive mode")
    conn.execute("delete from listed_hamlets")
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into listed_hamlets (old_code, old_valid_from, name, unit_code) values (%s, %s, %s, %s)",
            [(one.old_code, one.old_valid_from, one.name, one.unit_code) for one in hamlets],
        )
