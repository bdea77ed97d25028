"""SQL of the local copy of citizens."""

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
_LOCK = "select citizen_no, status, is_person from citizens where citizen_id = %s for no key update"


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
    """Return the copy and keep it as it is until the transaction ends, None where no event came yet."""
    row = connection.execute(_LOCK, (citizen_id,)).fetchone()
    return Citizen(citizen_id, row[0], CitizenStatus(row[1]), row[2]) if row else None
