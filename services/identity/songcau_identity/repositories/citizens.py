"""SQL of citizens, their profiles, merges and verifications; every personal value arrives here closed."""

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.model import (
    AccountKind,
    Citizen,
    CitizenStatus,
    Evidence,
    IdentifierKind,
    IdentityLevel,
    PaperKind,
)
from songcau_identity.vault import SealedProfile

_CITIZEN = """c.citizen_id, c.status, c.account_kind, c.identity_level, c.version, c.linked_at, c.last_verified_at,
    c.merged_into"""
_PROFILE = """p.full_name_enc, p.birth_date_enc, p.phone_number_enc, p.sex_enc, p.nationality_enc, p.name_bix,
    p.name_exact_bix, p.name_year_bix, p.phone_number_bix"""
_RECORD = f"""select {_CITIZEN}, {_PROFILE}, i.identifier_id, i.kind, i.value_enc
    from citizens c join citizen_profiles p using (citizen_id)
    left join identifiers i on i.citizen_id = c.citizen_id and i.status = 'ACTIVE'
        and i.kind in ('PERSONAL_NUMBER', 'TAX_CODE', 'FOREIGNER_EID')"""  # noqa: S608
# The state of whom the record means: nobody and the unlinked cost the same statement and open nothing.
_FOUND = """coalesce((select s.status from citizens s where s.citizen_id = c.merged_into), c.status) <> 'UNLINKED'"""
_BY_NUMBER = f""" where {_FOUND} and c.citizen_id in (
    select citizen_id from identifiers where value_bix = %s and kind = %s) order by c.citizen_id"""  # noqa: S608

_BY_PAPER = f""" where {_FOUND} and c.citizen_id in (
    select citizen_id from papers where value_bix = %s and kind = %s
    and withdrawal is distinct from 'ENTERED_IN_ERROR') order by c.citizen_id"""  # noqa: S608


@dataclass(frozen=True)
class ClosedNumber:
    """The number a citizen is known by, closed."""

    identifier_id: UUID
    kind: IdentifierKind
    value_enc: bytes


@dataclass(frozen=True)
class CitizenRecord:
    """A citizen with everything a profile shows, closed; without a number where none was issued yet."""

    citizen: Citizen
    profile: SealedProfile
    number: ClosedNumber | None


def find_citizen(conn: Connection, citizen_id: UUID) -> Citizen | None:
    """Return a citizen's state."""
    row = conn.execute(f"select {_CITIZEN} from citizens c where citizen_id = %s", (citizen_id,)).fetchone()  # noqa: S608
    return _citizen(row) if row else None


def hold_citizens(conn: Connection, citizen_ids: Collection[UUID]) -> Mapping[UUID, Citizen]:
    """Return the states of citizens and hold their rows until the transaction ends, in one order for all callers."""
    rows = conn.execute(
        f"select {_CITIZEN} from citizens c where citizen_id = any(%s) order by citizen_id for update",  # noqa: S608
        (list(citizen_ids),),
    ).fetchall()
    return {row[0]: _citizen(row) for row in rows}


def find_family(conn: Connection, citizen_id: UUID) -> tuple[UUID, ...]:
    """Return the citizen that is meant by an id and then every record merged into it; nothing for an unknown id."""
    rows = conn.execute(
        """with meant as (select coalesce(merged_into, citizen_id) as id from citizens where citizen_id = %s)
        select id, 0 from meant union all select c.citizen_id, 1 from citizens c join meant on c.merged_into = meant.id
        order by 2, 1""",
        (citizen_id,),
    ).fetchall()
    return tuple(row[0] for row in rows)


def find_families(conn: Connection, ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Return every record of the citizens these ids mean, and the ids themselves where they are no citizens'."""
    rows = conn.execute(
        """with meant as (select coalesce(merged_into, citizen_id) as id from citizens where citizen_id = any(%(ids)s))
        select unnest(%(ids)s::uuid[]) union select id from meant
        union select c.citizen_id from citizens c join meant on c.merged_into = meant.id""",
        {"ids": list(ids)},
    ).fetchall()
    return tuple(row[0] for row in rows)


def find_record(conn: Connection, citizen_id: UUID) -> CitizenRecord | None:
    """Return a citizen with the closed profile."""
    row = conn.execute(f"{_RECORD} where c.citizen_id = %s", (citizen_id,)).fetchone()
    return _record(row) if row else None


def find_by_number(conn: Connection, kind: IdentifierKind, digest: bytes) -> list[CitizenRecord]:
    """Return who holds or ever held a number, unless unlinked."""
    rows = conn.execute(
        _RECORD + _BY_NUMBER,
        (digest, kind),
    ).fetchall()
    return [_record(row) for row in rows]


def hold_named(conn: Connection, kind: IdentifierKind, digest: bytes) -> UUID | None:
    """Return the active citizen meant by a number, who stays active until the transaction ends.

    One statement for everybody and for nobody; several who name the same citizen do not wait for one another.
    """
    row = conn.execute(
        """select meant.citizen_id from identifiers i join citizens c on c.citizen_id = i.citizen_id
        join citizens meant on meant.citizen_id = coalesce(c.merged_into, c.citizen_id)
        where i.value_bix = %s and i.kind = %s and meant.account_kind = 'CITIZEN' and meant.status = 'ACTIVE'
        order by c.citizen_id limit 1 for share of meant""",
        (digest, kind),
    ).fetchone()
    return row[0] if row else None


def find_by_paper(conn: Connection, kind: PaperKind, digest: bytes) -> list[CitizenRecord]:
    """Return who has or had a paper, those apart for whom it was entered in error, unless unlinked."""
    rows = conn.execute(_RECORD + _BY_PAPER, (digest, kind)).fetchall()
    return [_record(row) for row in rows]


def find_by_phone_number(conn: Connection, digest: bytes, *, limit: int) -> list[CitizenRecord]:
    """Return citizens who gave a telephone number, unless unlinked."""
    rows = conn.execute(
        f"{_RECORD} where {_FOUND} and p.phone_number_bix = %s order by c.citizen_id limit %s",
        (digest, limit),
    ).fetchall()
    return [_record(row) for row in rows]


def find_by_name(
    conn: Connection, *, name_digest: bytes, exact_digest: bytes, name_year_digest: bytes | None, limit: int
) -> list[CitizenRecord]:
    """Return citizens of one folded name, those with exactly the same accents first, unless unlinked."""
    digest, column = (name_digest, "name_bix") if name_year_digest is None else (name_year_digest, "name_year_bix")
    rows = conn.execute(
        f"""{_RECORD} where {_FOUND} and p.{column} = %s
            order by p.name_exact_bix = %s desc, c.citizen_id limit %s""",
        (digest, exact_digest, limit),
    ).fetchall()
    return [_record(row) for row in rows]


def insert_citizen(conn: Connection, citizen: Citizen, at: datetime) -> None:
    """Add a citizen."""
    conn.execute(
        """insert into citizens (citizen_id, status, account_kind, identity_level, version, linked_at,
            last_verified_at, created_at, updated_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            citizen.citizen_id,
            citizen.status,
            citizen.account_kind,
            int(citizen.identity_level),
            citizen.version,
            citizen.linked_at,
            citizen.last_verified_at,
            at,
            at,
        ),
    )


def update_citizen(conn: Connection, citizen: Citizen, at: datetime) -> None:
    """Write a citizen's new state; the caller holds the row. A merge that chains violates a foreign key."""
    conn.execute(
        """update citizens set status = %s, identity_level = %s, version = %s, linked_at = %s, last_verified_at = %s,
            updated_at = %s, merged_into = %s, is_merged = %s where citizen_id = %s""",
        (
            citizen.status,
            int(citizen.identity_level),
            citizen.version,
            citizen.linked_at,
            citizen.last_verified_at,
            at,
            citizen.merged_into,
            citizen.merged_into is not None,
            citizen.citizen_id,
        ),
    )


def put_profile(conn: Connection, citizen_id: UUID, profile: SealedProfile, at: datetime) -> None:
    """Write the closed profile of a citizen, new or not."""
    conn.execute(
        """insert into citizen_profiles (citizen_id, full_name_enc, birth_date_enc, phone_number_enc,
            sex_enc, nationality_enc, name_bix, name_exact_bix, name_year_bix, phone_number_bix, updated_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (citizen_id) do update set full_name_enc = excluded.full_name_enc,
            birth_date_enc = excluded.birth_date_enc, phone_number_enc = excluded.phone_number_enc,
            sex_enc = excluded.sex_enc, nationality_enc = excluded.nationality_enc,
            name_bix = excluded.name_bix, name_exact_bix = excluded.name_exact_bix,
            name_year_bix = excluded.name_year_bix, phone_number_bix = excluded.phone_number_bix,
            updated_at = excluded.updated_at""",
        (citizen_id, *astuple(profile), at),
    )


def insert_verification(
    conn: Connection, verification_id: UUID, citizen: Citizen, evidence: Evidence, at: datetime
) -> None:
    """Add the evidence of a verification."""
    conn.execute(
        """insert into verifications (verification_id, citizen_id, method, transaction_id, verified_at,
            identity_level, authentication_level, recorded_at) values (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            verification_id,
            citizen.citizen_id,
            evidence.method,
            evidence.transaction_id,
            evidence.verified_at,
            int(citizen.identity_level),
            int(evidence.authentication_level),
            at,
        ),
    )


def _citizen(row: tuple[Any, ...]) -> Citizen:
    citizen_id, status, kind, level, version, linked_at, last_verified_at, merged_into = row[:8]
    return Citizen(
        citizen_id=citizen_id,
        status=CitizenStatus(status),
        account_kind=AccountKind(kind),
        identity_level=IdentityLevel(level),
        version=version,
        linked_at=linked_at,
        last_verified_at=last_verified_at,
        merged_into=merged_into,
    )


def _record(row: tuple[Any, ...]) -> CitizenRecord:
    identifier_id, kind, value_enc = row[17:20]
    number = ClosedNumber(identifier_id, IdentifierKind(kind), value_enc) if identifier_id else None
    return CitizenRecord(_citizen(row), SealedProfile(*row[8:17]), number)
