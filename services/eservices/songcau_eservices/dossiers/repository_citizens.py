"""All SQL of the service's own copy of citizens: states only, kept by events of identity."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from songcau_kit.database import Connection


class CitizenStatus(StrEnum):
    """What services may do for the citizen now."""

    ACTIVE = "ACTIVE"
    UNLINKED = "UNLINKED"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True)
class Citizen:
    """The state of one citizen; `version` is identity's."""

    id: UUID
    status: CitizenStatus
    account_kind: str
    identity_level: int
    version: int


def ask(conn: Connection, citizen_id: UUID) -> Callable[[], Citizen | None]:
    """Send the question for a citizen and return how to take its answer."""
    cursor = conn.execute(
        "select id, status, account_kind, identity_level, version from citizens where id = %s", (citizen_id,)
    )

    def answer() -> Citizen | None:
        row = cursor.fetchone()
        return Citizen(row[0], CitizenStatus(row[1]), *row[2:]) if row else None

    return answer


def save(conn: Connection, citizen: Citizen) -> None:
    """Write what is newer than the copy; an older fact changes nothing."""
    conn.execute(
        """insert into citizens (id, status, account_kind, identity_level, version) values (%s, %s, %s, %s, %s)
        on conflict (id) do update set status = excluded.status, account_kind = excluded.account_kind,
            identity_level = excluded.identity_level, version = excluded.version
        where citizens.version < excluded.version""",
        (citizen.id, citizen.status, citizen.account_kind, citizen.identity_level, citizen.version),
    )


def move(
    conn: Connection, citizen_id: UUID, version: int, *, status: CitizenStatus | None, identity_level: int | None
) -> None:
    """Change what a newer fact tells of; one about an unknown citizen is kept with the least rights."""
    conn.execute(
        """insert into citizens (id, status, account_kind, identity_level, version)
        values (%(id)s, coalesce(%(status)s, 'UNLINKED'), 'CITIZEN', coalesce(%(level)s, 1), %(version)s)
        on conflict (id) do update set status = coalesce(%(status)s, citizens.status),
            identity_level = coalesce(%(level)s, citizens.identity_level), version = excluded.version
        where citizens.version < excluded.version""",
        {"id": citizen_id, "status": status, "level": identity_level, "version": version},
    )
