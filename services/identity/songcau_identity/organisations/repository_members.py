"""SQL of the members of organisations."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.organisations import repository
from songcau_identity.organisations.model import Member, MemberEnd, MemberState, Role
from songcau_identity.organisations.repository import SealedOrganisation

_COLUMNS = """m.member_id, m.organisation_id, m.citizen_id, m.role, m.state, m.version, m.created_at,
    m.representation_id, m.end_cause, m.ended_at, m.invited_in"""
_SELECT = f"select {_COLUMNS} from organisation_members m"  # noqa: S608 -- names of this module
_OPEN = "m.state <> 'ENDED'"


def insert(conn: Connection, new: Member) -> None:
    """Add a membership; a second one of the citizen, or a second legal representative, violates a unique index."""
    conn.execute(
        """insert into organisation_members (member_id, organisation_id, citizen_id, role, state, representation_id,
            invited_in, version, created_at, updated_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            new.member_id,
            new.organisation_id,
            new.citizen_id,
            new.role,
            new.state,
            new.representation_id,
            new.invited_in,
            new.version,
            new.created_at,
            new.created_at,
        ),
    )


def save(conn: Connection, after: Member, at: datetime) -> None:
    """Write what a step made of a membership; the caller holds its organisation."""
    conn.execute(
        """update organisation_members set state = %s, version = %s, representation_id = %s, end_cause = %s,
            ended_at = %s, updated_at = %s where member_id = %s""",
        (after.state, after.version, after.representation_id, after.end, after.ended_at, at, after.member_id),
    )


def find(conn: Connection, member_id: UUID) -> Member | None:
    """Return a membership; who acts on it holds the organisation first and asks again."""
    row = conn.execute(f"{_SELECT} where m.member_id = %s", (member_id,)).fetchone()
    return _member(row) if row else None


def find_of_representation(conn: Connection, representation_id: UUID) -> Member | None:
    """Return the membership that a representation stands for."""
    row = conn.execute(f"{_SELECT} where m.representation_id = %s", (representation_id,)).fetchone()
    return _member(row) if row else None


def find_open(conn: Connection, organisation_id: UUID, citizen_ids: Collection[UUID]) -> Member | None:
    """Return the membership of one person that is not over; the highest where merged records have two."""
    row = conn.execute(
        f"""{_SELECT} where m.organisation_id = %s and m.citizen_id = any(%s) and {_OPEN}
        order by array_position(%s, m.role), m.state limit 1""",
        (organisation_id, list(citizen_ids), [str(role) for role in Role]),
    ).fetchone()
    return _member(row) if row else None


def find_representative(conn: Connection, organisation_id: UUID, *, past: bool = False) -> Member | None:
    """Return the legal representative, or the latest there was with `past`."""
    row = conn.execute(
        f"""{_SELECT} where m.organisation_id = %s and m.role = 'LEGAL_REPRESENTATIVE' and (%s or {_OPEN})
        order by m.member_id desc limit 1""",
        (organisation_id, past),
    ).fetchone()
    return _member(row) if row else None


def list_open(conn: Connection, organisation_id: UUID) -> list[Member]:
    """Return every membership of an organisation that is not over."""
    rows = conn.execute(f"{_SELECT} where m.organisation_id = %s and {_OPEN} order by m.member_id", (organisation_id,))
    return [_member(row) for row in rows.fetchall()]


def list_invited_in(conn: Connection, inviter: Member) -> list[Member]:
    """Return the unanswered invitations that were made in a membership.

    Those of which nobody wrote down who made them count as the legal representative's.
    """
    is_representative = inviter.role is Role.LEGAL_REPRESENTATIVE
    rows = conn.execute(
        f"""{_SELECT} where m.organisation_id = %s and m.state = 'INVITED'
            and (m.invited_in = %s or (%s and m.invited_in is null))
        order by m.member_id""",
        (inviter.organisation_id, inviter.member_id, is_representative),
    ).fetchall()
    return [_member(row) for row in rows]


def count_invited(conn: Connection, organisation_id: UUID) -> int:
    """Return how many invitations of an organisation are unanswered."""
    row = conn.execute(
        "select count(*) from organisation_members where organisation_id = %s and state = 'INVITED'",
        (organisation_id,),
    ).fetchone()
    return int(row[0]) if row else 0


def list_open_of(conn: Connection, citizen_ids: Collection[UUID]) -> list[Member]:
    """Return every membership of these citizens that is not over."""
    rows = conn.execute(
        f"{_SELECT} where m.citizen_id = any(%s) and {_OPEN} order by m.member_id", (list(citizen_ids),)
    )
    return [_member(row) for row in rows.fetchall()]


def list_page(conn: Connection, organisation_id: UUID, *, before: UUID | None, limit: int) -> list[Member]:
    """Return members of an organisation, newest first, older than `before`, those that are over among them."""
    rows = conn.execute(
        f"""{_SELECT} where m.organisation_id = %(of)s and (%(before)s::uuid is null or m.member_id < %(before)s)
        order by m.member_id desc limit %(limit)s""",
        {"of": organisation_id, "before": before, "limit": limit},
    ).fetchall()
    return [_member(row) for row in rows]


def list_of_citizen(
    conn: Connection, citizen_ids: Collection[UUID], *, before: UUID | None, limit: int | None
) -> list[tuple[Member, SealedOrganisation]]:
    """Return the memberships of one person, newest first, older than `before`, each with its organisation."""
    rows = conn.execute(
        f"""select {repository.COLUMNS}, {_COLUMNS} from organisation_members m join organisations o
            using (organisation_id)
        where m.citizen_id = any(%(ids)s) and (%(before)s::uuid is null or m.member_id < %(before)s)
        order by m.member_id desc limit %(limit)s""",  # noqa: S608
        {"ids": list(citizen_ids), "before": before, "limit": limit},
    ).fetchall()
    return [(_member(row[repository.WIDTH :]), repository.read(row)) for row in rows]


def _member(row: tuple[Any, ...]) -> Member:
    member_id, organisation_id, citizen_id, role, state, version, created_at, *rest = row
    representation_id, end, ended_at, invited_in = rest
    return Member(
        member_id=member_id,
        organisation_id=organisation_id,
        citizen_id=citizen_id,
        role=Role(role),
        state=MemberState(state),
        version=version,
        created_at=created_at,
        representation_id=representation_id,
        end=MemberEnd(end) if end else None,
        ended_at=ended_at,
        invited_in=invited_in,
    )
