"""SQL of claims to be the legal representative, and of what waits for an officer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.organisations import repository
from songcau_identity.organisations.model import Proposal, ProposalState
from songcau_identity.organisations.repository import SealedOrganisation
from songcau_identity.positions import Position

_COLUMNS = "p.proposal_id, p.organisation_id, p.citizen_id, p.state, p.version, p.created_at"
_SELECT = f"select {_COLUMNS} from organisation_proposals p"  # noqa: S608 -- names of this module
_AFTER = "(%(at)s::timestamptz is null or ({at}, {id}) > (%(at)s, %(id)s))"


@dataclass(frozen=True)
class SealedCase:
    """What waits for an officer: an organisation to confirm, or a proposal; who asks, on which document."""

    organisation: SealedOrganisation
    proposal: Proposal | None
    citizen_id: UUID
    evidence_enc: bytes | None

    @property
    def organisation_id(self) -> UUID:
        """Which organisation it is about."""
        return self.organisation.organisation.organisation_id

    @property
    def position(self) -> Position:
        """Where it stands in the queue."""
        if self.proposal is not None:
            return Position(self.proposal.created_at, self.proposal.proposal_id)
        founded = self.organisation.organisation
        return Position(founded.created_at, founded.organisation_id)


def insert(conn: Connection, new: Proposal, evidence_enc: bytes) -> None:
    """Add a proposal; a second one of the citizen that waits violates the unique index."""
    conn.execute(
        """insert into organisation_proposals (proposal_id, organisation_id, citizen_id, state, evidence_enc, version,
            created_at, updated_at) values (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            new.proposal_id,
            new.organisation_id,
            new.citizen_id,
            new.state,
            evidence_enc,
            new.version,
            new.created_at,
            new.created_at,
        ),
    )


def save(conn: Connection, after: Proposal, at: datetime) -> None:
    """Write the state after a step; the caller holds the organisation."""
    conn.execute(
        "update organisation_proposals set state = %s, version = %s, updated_at = %s where proposal_id = %s",
        (after.state, after.version, at, after.proposal_id),
    )


def find(conn: Connection, proposal_id: UUID) -> Proposal | None:
    """Return a proposal; who decides holds the organisation first and asks again."""
    row = conn.execute(f"{_SELECT} where p.proposal_id = %s", (proposal_id,)).fetchone()
    return _proposal(row) if row else None


def find_pending(conn: Connection, organisation_id: UUID, citizen_ids: Collection[UUID]) -> Proposal | None:
    """Return what one person proposed to an organisation and nobody decided yet."""
    row = conn.execute(
        f"{_SELECT} where p.organisation_id = %s and p.citizen_id = any(%s) and p.state = 'PENDING' limit 1",
        (organisation_id, list(citizen_ids)),
    ).fetchone()
    return _proposal(row) if row else None


def list_of_citizen(conn: Connection, citizen_ids: Collection[UUID], *, limit: int) -> list[Proposal]:
    """Return what one person proposed, newest first."""
    rows = conn.execute(
        f"{_SELECT} where p.citizen_id = any(%s) order by p.proposal_id desc limit %s", (list(citizen_ids), limit)
    ).fetchall()
    return [_proposal(row) for row in rows]


def list_sealed_of_citizen(conn: Connection, citizen_ids: Collection[UUID]) -> list[tuple[Proposal, bytes | None]]:
    """Return what one person proposed with the documents, closed, newest first."""
    rows = conn.execute(
        f"""select {_COLUMNS}, p.evidence_enc from organisation_proposals p where p.citizen_id = any(%s)
        order by p.proposal_id desc""",  # noqa: S608
        (list(citizen_ids),),
    ).fetchall()
    return [(_proposal(row[:-1]), row[-1]) for row in rows]


def list_pending(conn: Connection, *, organisation_id: UUID) -> list[Proposal]:
    """Return what waits for an organisation."""
    rows = conn.execute(f"{_SELECT} where p.organisation_id = %s and p.state = 'PENDING'", (organisation_id,))
    return [_proposal(row) for row in rows.fetchall()]


def list_pending_of(conn: Connection, citizen_ids: Collection[UUID]) -> list[Proposal]:
    """Return what these people proposed and nobody decided yet."""
    rows = conn.execute(f"{_SELECT} where p.citizen_id = any(%s) and p.state = 'PENDING'", (list(citizen_ids),))
    return [_proposal(row) for row in rows.fetchall()]


def count_waiting(conn: Connection, citizen_ids: Collection[UUID]) -> int:
    """Return how much one person put before officers that nobody decided yet: foundings and proposals."""
    row = conn.execute(
        """select (select count(*) from organisation_members
                where citizen_id = any(%(ids)s) and state = 'AWAITING_CONFIRMATION')
            + (select count(*) from organisation_proposals where citizen_id = any(%(ids)s) and state = 'PENDING')""",
        {"ids": list(citizen_ids)},
    ).fetchone()
    return int(row[0]) if row else 0


def list_cases(conn: Connection, *, after: Position | None, limit: int) -> list[SealedCase]:
    """Return what waits for an officer, the oldest first, after a position."""
    place = {"at": after.at if after else None, "id": after.id if after else None, "limit": limit}
    founded = conn.execute(
        f"""select {repository.COLUMNS}, m.citizen_id from organisations o join organisation_members m
            on m.organisation_id = o.organisation_id and m.state = 'AWAITING_CONFIRMATION'
        where o.state = 'AWAITING_CONFIRMATION' and {_AFTER.format(at="o.created_at", id="o.organisation_id")}
        order by o.created_at, o.organisation_id limit %(limit)s""",  # noqa: S608
        place,
    ).fetchall()
    proposed = conn.execute(
        f"""select {repository.COLUMNS}, p.evidence_enc, {_COLUMNS} from organisation_proposals p
            join organisations o using (organisation_id)
        where p.state = 'PENDING' and {_AFTER.format(at="p.created_at", id="p.proposal_id")}
        order by p.created_at, p.proposal_id limit %(limit)s""",  # noqa: S608
        place,
    ).fetchall()
    cases = [*map(_founding, founded), *map(_claim, proposed)]
    return sorted(cases, key=lambda case: (case.position.at, case.position.id))[:limit]


def _founding(row: tuple[Any, ...]) -> SealedCase:
    organisation = repository.read(row)
    return SealedCase(organisation, None, row[repository.WIDTH], organisation.evidence_enc)


def _claim(row: tuple[Any, ...]) -> SealedCase:
    proposal = _proposal(row[repository.WIDTH + 1 :])
    return SealedCase(repository.read(row), proposal, proposal.citizen_id, row[repository.WIDTH])


def _proposal(row: tuple[Any, ...]) -> Proposal:
    proposal_id, organisation_id, citizen_id, state, version, created_at = row
    return Proposal(proposal_id, organisation_id, citizen_id, ProposalState(state), version, created_at)
