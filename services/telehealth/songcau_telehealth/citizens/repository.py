"""SQL of the local copy of citizens."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.database import Connection

from songcau_telehealth.citizens.model import Citizen, CitizenNews, CitizenStatus

# Events of one citizen come in order, but an old one may come again; the version keeps it from winning.
_APPLY = """
insert into citizens (citizen_id, status, is_person, version, updated_at)
values (%(citizen)s, coalesce(%(status)s, 'ACTIVE'), coalesce(%(is_person)s, true), %(version)s, now())
on conflict (citizen_id) do update set
    status = coalesce(%(status)s, citizens.status),
    is_person = coalesce(%(is_person)s, citizens.is_person),
    version = excluded.version, updated_at = excluded.updated_at
where citizens.version < excluded.version
"""
_MEANT = "coalesce((select surviving_id from citizen_aliases where citizen_id = %(id)s), %(id)s)"
_LOCK = f"""select citizen_id, citizen_no, status, is_person from citizens where citizen_id = {_MEANT}
for no key update"""  # noqa: S608
_CLOSED = f"select from citizens where citizen_id = {_MEANT} and status = any(%(statuses)s)"
_FAMILY = f"""with meant as (select {_MEANT} as id) select id from meant
union all select a.citizen_id from citizen_aliases a join meant on a.surviving_id = meant.id"""  # noqa: S608
_NUMBERS = f"""select citizen_no from citizens where citizen_id in ({_FAMILY})
order by citizen_id <> {_MEANT}, citizen_no"""  # noqa: S608
_ALIAS = """
insert into citizen_aliases (citizen_id, surviving_id, version) values (%(citizen)s, %(survivor)s, %(version)s)
on conflict (citizen_id) do update set surviving_id = excluded.surviving_id, version = excluded.version
where citizen_aliases.version < excluded.version
"""


def apply_news(connection: Connection, news: CitizenNews) -> None:
    """Bring the copy to what an event says, unless a newer one was here before."""
    parameters = {
        "citizen": news.citizen_id,
        "status": news.status,
        "is_person": news.is_person,
        "version": news.version,
    }
    connection.execute(_APPLY, parameters)


def lock_citizen(connection: Connection, citizen_id: UUID) -> Citizen | None:
    """Return the citizen an id means and keep them as they are until the transaction ends, None where no event came."""
    row = connection.execute(_LOCK, {"id": citizen_id}).fetchone()
    return Citizen(row[0], row[1], CitizenStatus(row[2]), row[3]) if row else None


def is_known(connection: Connection, citizen_id: UUID) -> bool:
    """Say whether an event of identity ever told of this citizen."""
    return connection.execute("select from citizens where citizen_id = %s", (citizen_id,)).fetchone() is not None


def is_closed(connection: Connection, citizen_id: UUID) -> bool:
    """Say whether the citizen an id means is blocked or dead."""
    closed = [CitizenStatus.BLOCKED, CitizenStatus.DECEASED]
    return connection.execute(_CLOSED, {"id": citizen_id, "statuses": closed}).fetchone() is not None


def find_family(connection: Connection, citizen_id: UUID) -> frozenset[UUID]:
    """Return every id that means the same citizen."""
    return frozenset(row[0] for row in connection.execute(_FAMILY, {"id": citizen_id}))


def list_numbers(connection: Connection, citizen_id: UUID) -> list[int]:
    """Return the number of every record of the same citizen, that of the surviving one first.

    Bookings know patients by it.
    """
    rows = connection.execute(_NUMBERS, {"id": citizen_id}).fetchall()
    return [number for (number,) in rows]


def lock_records(connection: Connection, citizen_ids: Sequence[UUID]) -> None:
    """Wait for who holds one of these records, and keep them until the transaction ends; always in one order."""
    connection.execute(
        "select from citizens where citizen_id = any(%s) order by citizen_id for no key update", (list(citizen_ids),)
    )


def save_alias(connection: Connection, citizen_id: UUID, surviving_id: UUID | None, version: int) -> None:
    """Let an id mean another citizen, or itself again; an older fact changes nothing."""
    connection.execute(_ALIAS, {"citizen": citizen_id, "survivor": surviving_id, "version": version})
