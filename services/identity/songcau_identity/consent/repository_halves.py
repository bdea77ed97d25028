"""SQL of what a child or a representative agreed to before the other did."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.consent.model import Consent, ConsentChannel, Decider, Half, Proof

COLUMNS_OF_HALF = """h.half_id, h.citizen_id, h.purpose, h.text_version, h.text_sha256, h.decided_as, h.decided_by,
    h.channel, h.recorded_by, h.recorded_for, h.client_id, h.decided_at"""
_WAITING = f"""select {COLUMNS_OF_HALF} from consent_halves h
    where h.citizen_id = any(%s) and h.ended_at is null"""  # noqa: S608 -- names of this module


def hold_waiting(conn: Connection, citizen_ids: Collection[UUID], purpose: str) -> list[Half]:
    """Return what waits for the other side, one under each id of a person at most, newest first, held until the
    transaction ends.
    """
    rows = conn.execute(
        f"{_WAITING} and h.purpose = %s order by h.decided_at desc for update", (list(citizen_ids), purpose)
    ).fetchall()
    return [half_of(row) for row in rows]


def list_waiting(conn: Connection, citizen_ids: Collection[UUID]) -> list[Half]:
    """Return what waits for the other side, for every purpose, oldest first."""
    rows = conn.execute(f"{_WAITING} order by h.decided_at", (list(citizen_ids),)).fetchall()
    return [half_of(row) for row in rows]


def list_all(conn: Connection, citizen_ids: Collection[UUID]) -> list[Half]:
    """Return every half of a person with its closed evidence, waiting or not, newest first."""
    rows = conn.execute(
        f"select {COLUMNS_OF_HALF}, h.evidence_enc from consent_halves h where h.citizen_id = any(%s) "  # noqa: S608
        "order by h.decided_at desc, h.half_id",
        (list(citizen_ids),),
    ).fetchall()
    return [replace(half_of(row[:12]), evidence_enc=row[12]) for row in rows]


def insert(conn: Connection, half: Half) -> None:
    """Let a half wait; a second one of the person and purpose raises UniqueViolation."""
    proof = half.proof
    conn.execute(
        """insert into consent_halves (half_id, citizen_id, purpose, text_version, text_sha256, channel, decided_as,
            decided_by, recorded_by, recorded_for, client_id, evidence_enc, decided_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            half.half_id,
            half.citizen_id,
            half.purpose,
            half.text_version,
            half.text_sha256,
            proof.channel,
            proof.decided_as,
            proof.decided_by,
            proof.recorded_by,
            proof.recorded_for,
            proof.client_id,
            half.evidence_enc,
            half.decided_at,
        ),
    )


def end(conn: Connection, half_id: UUID, at: datetime, consent: Consent | None = None) -> None:
    """Let a half wait no more; with the decision it became part of, where it did."""
    conn.execute(
        "update consent_halves set ended_at = %s, consent_id = %s, version = %s where half_id = %s",
        (at, consent.consent_id if consent else None, consent.version if consent else None, half_id),
    )


def end_since(conn: Connection, citizen_ids: Collection[UUID], since: datetime, at: datetime) -> None:
    """Let nothing wait any more that was said under these ids at a moment or later."""
    conn.execute(
        "update consent_halves set ended_at = %s where citizen_id = any(%s) and ended_at is null and decided_at >= %s",
        (at, list(citizen_ids), since),
    )


def half_of(row: tuple[Any, ...]) -> Half:
    """Return the half of COLUMNS_OF_HALF."""
    proof = Proof(Decider(row[5]), row[6], ConsentChannel(row[7]), row[8], row[9], row[10])
    return Half(row[0], row[1], row[2], row[3], bytes(row[4]), proof, row[11])
