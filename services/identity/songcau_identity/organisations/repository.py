"""SQL of organisations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.organisations.model import Organisation, OrganisationKind, OrganisationState, RegisterFinding
from songcau_identity.organisations.sealing import SealedNames

COLUMNS = """o.organisation_id, o.kind, o.unit_code, o.state, o.register_finding, o.is_owner_s, o.version,
    o.created_at, o.founder_id, o.name_enc, o.identifier_enc, o.evidence_enc"""
WIDTH = 12
_SELECT = f"select {COLUMNS} from organisations o"  # noqa: S608 -- names of this module


@dataclass(frozen=True)
class SealedOrganisation:
    """An organisation as it stands in the database; the founder's data key seals the document the founder named."""

    organisation: Organisation
    founder_id: UUID
    names: SealedNames
    evidence_enc: bytes | None

    @property
    def key_subject_id(self) -> UUID:
        """Whose data key seals its names: the owner's where they are personal, so that they are erased together."""
        return self.founder_id if self.organisation.is_owner_s else self.organisation.organisation_id


def insert(conn: Connection, new: SealedOrganisation, identifier_bix: bytes) -> None:
    """Add an organisation; another one of this identifier that is not over violates the unique index."""
    one = new.organisation
    conn.execute(
        """insert into organisations (organisation_id, kind, unit_code, state, register_finding, is_owner_s,
            founder_id, name_enc, identifier_enc, identifier_bix, evidence_enc, version, created_at, updated_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            one.organisation_id,
            one.kind,
            one.unit_code,
            one.state,
            one.finding,
            one.is_owner_s,
            new.founder_id,
            new.names.name_enc,
            new.names.identifier_enc,
            identifier_bix,
            new.evidence_enc,
            one.version,
            one.created_at,
            one.created_at,
        ),
    )


def find(conn: Connection, organisation_id: UUID) -> SealedOrganisation | None:
    """Return an organisation."""
    row = conn.execute(f"{_SELECT} where o.organisation_id = %s", (organisation_id,)).fetchone()
    return read(row) if row else None


def find_open(conn: Connection, identifier_bix: bytes) -> SealedOrganisation | None:
    """Return the organisation of an identifier that is not over."""
    row = conn.execute(
        f"{_SELECT} where o.identifier_bix = %s and o.state not in ('REFUSED', 'DISSOLVED')", (identifier_bix,)
    ).fetchone()
    return read(row) if row else None


def list_owned(conn: Connection, citizen_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Return the household businesses known by the number of one of these citizens, those that are over among them."""
    rows = conn.execute(
        "select organisation_id from organisations where founder_id = any(%s) and is_owner_s order by organisation_id",
        (list(citizen_ids),),
    ).fetchall()
    return tuple(row[0] for row in rows)


def hold(conn: Connection, organisation_ids: Collection[UUID]) -> dict[UUID, Organisation]:
    """Return organisations and hold their rows until the transaction ends, in one order for all callers."""
    rows = conn.execute(
        f"{_SELECT} where o.organisation_id = any(%s) order by o.organisation_id for update",
        (list(organisation_ids),),
    ).fetchall()
    return {row[0]: read(row).organisation for row in rows}


def save(conn: Connection, after: Organisation, at: datetime) -> None:
    """Write the state and version after a step; the caller holds the row."""
    conn.execute(
        "update organisations set state = %s, version = %s, updated_at = %s where organisation_id = %s",
        (after.state, after.version, at, after.organisation_id),
    )


def read(row: tuple[Any, ...]) -> SealedOrganisation:
    """Return the organisation of a row of COLUMNS."""
    identity, kind, unit_code, state, finding, is_owner_s, version, created_at = row[:8]
    founder_id, name_enc, identifier_enc, evidence_enc = row[8:WIDTH]
    organisation = Organisation(
        organisation_id=identity,
        kind=OrganisationKind(kind),
        unit_code=unit_code,
        state=OrganisationState(state),
        finding=RegisterFinding(finding),
        is_owner_s=is_owner_s,
        version=version,
        created_at=created_at,
    )
    return SealedOrganisation(organisation, founder_id, SealedNames(name_enc, identifier_enc), evidence_enc)
