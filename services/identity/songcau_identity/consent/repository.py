"""SQL of consents and the decisions that prove them; evidence arrives here closed."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.consent import repository_halves
from songcau_identity.consent.model import Consent, ConsentChannel, ConsentState, Decider, Decision, Proof

_COLUMNS = "consent_id, citizen_id, purpose, state, text_version, version, decided_at, lapses_at_age"


def hold(conn: Connection, citizen_ids: Collection[UUID], purpose: str) -> list[Consent]:
    """Return what holds for a purpose under the ids of one person, held until the transaction ends."""
    rows = conn.execute(
        f"select {_COLUMNS} from consents where citizen_id = any(%s) and purpose = %s order by consent_id for update",  # noqa: S608
        (list(citizen_ids), purpose),
    ).fetchall()
    return [_consent(row) for row in rows]


def list_consents(conn: Connection, citizen_ids: Collection[UUID]) -> list[Consent]:
    """Return what holds for a person, for every purpose and under every id."""
    rows = conn.execute(
        f"select {_COLUMNS} from consents where citizen_id = any(%s)",  # noqa: S608
        (list(citizen_ids),),
    ).fetchall()
    return [_consent(row) for row in rows]


def hold_given_under_old_texts(conn: Connection, in_use: Sequence[tuple[str, str]], *, limit: int) -> list[Consent]:
    """Return consents whose purpose and text are in use no more, held; rows somebody else holds are passed over."""
    rows = conn.execute(
        f"""select {_COLUMNS} from consents where state = 'GIVEN' and (purpose, text_version) not in (
            select purpose, text_version from unnest(%s::text[], %s::text[]) as used (purpose, text_version))
        order by consent_id limit %s for update skip locked""",  # noqa: S608
        ([purpose for purpose, _ in in_use], [version for _, version in in_use], limit),
    ).fetchall()
    return [_consent(row) for row in rows]


def hold_lapsing_by_age(conn: Connection, today: date, apart: Collection[UUID], limit: int) -> list[Consent]:
    """Return a portion of the consents that end at an age and nobody looked at today, `apart` from these, held."""
    rows = conn.execute(
        f"""select {_COLUMNS} from consents where state = 'GIVEN' and lapses_at_age is not null
            and (looked_on is null or looked_on < %s) and consent_id <> all(%s)
        order by looked_on nulls first, consent_id limit %s for update skip locked""",  # noqa: S608
        (today, list(apart), limit),
    ).fetchall()
    return [_consent(row) for row in rows]


def hold_given_since(conn: Connection, citizen_ids: Collection[UUID], since: datetime) -> list[Consent]:
    """Return consents given under these ids at a moment or later, held."""
    rows = conn.execute(
        f"""select {_COLUMNS} from consents where citizen_id = any(%s) and state = 'GIVEN' and decided_at >= %s
        order by consent_id for update""",  # noqa: S608
        (list(citizen_ids), since),
    ).fetchall()
    return [_consent(row) for row in rows]


def note_look(conn: Connection, consent_ids: Collection[UUID], today: date) -> None:
    """Remember that these were looked at today."""
    conn.execute("update consents set looked_on = %s where consent_id = any(%s)", (today, list(consent_ids)))


def insert(conn: Connection, consent: Consent) -> None:
    """Add the first decision of a person on a purpose; a second first one raises UniqueViolation."""
    conn.execute(
        f"insert into consents ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
        tuple(vars(consent).values()),
    )


def update(conn: Connection, consent: Consent) -> None:
    """Write what holds after a further decision; the caller holds the row."""
    conn.execute(
        """update consents set state = %s, text_version = %s, version = %s, decided_at = %s, lapses_at_age = %s
        where consent_id = %s""",
        (
            consent.state,
            consent.text_version,
            consent.version,
            consent.decided_at,
            consent.lapses_at_age,
            consent.consent_id,
        ),
    )


def insert_decision(conn: Connection, consent_id: UUID, decision: Decision) -> None:
    """Add the proof of a decision."""
    proof = decision.proof
    conn.execute(
        """insert into consent_decisions (consent_id, version, state, text_version, text_sha256, channel, decided_as,
            decided_by, recorded_by, recorded_for, client_id, evidence_enc, decided_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            consent_id,
            decision.version,
            decision.state,
            decision.text_version,
            decision.text_sha256,
            proof.channel,
            proof.decided_as,
            proof.decided_by,
            proof.recorded_by,
            proof.recorded_for,
            proof.client_id,
            decision.evidence_enc,
            decision.decided_at,
        ),
    )


def find_text_digest(conn: Connection, consent: Consent) -> bytes:
    """Return the digest of the text that a consent was given under."""
    row = conn.execute(
        "select text_sha256 from consent_decisions where consent_id = %s and version = %s",
        (consent.consent_id, consent.version),
    ).fetchone()
    if row is None:
        raise LookupError("a consent without its proof")
    return bytes(row[0])


def list_decisions(conn: Connection, citizen_ids: Collection[UUID]) -> list[Decision]:
    """Return every decision of a person, the newest first."""
    rows = conn.execute(
        f"""select c.purpose, d.version, d.state, d.text_version, d.text_sha256, d.decided_as, d.decided_by, d.channel,
            d.recorded_by, d.recorded_for, d.client_id, d.decided_at, {repository_halves.COLUMNS_OF_HALF}
        from consents c join consent_decisions d using (consent_id)
        left join consent_halves h on h.consent_id = d.consent_id and h.version = d.version
        where c.citizen_id = any(%s) order by d.decided_at desc, d.version desc""",  # noqa: S608
        (list(citizen_ids),),
    ).fetchall()
    return [_decision(row) for row in rows]


def _consent(row: tuple[Any, ...]) -> Consent:
    return Consent(row[0], row[1], row[2], ConsentState(row[3]), row[4], row[5], row[6], row[7])


def _decision(row: tuple[Any, ...]) -> Decision:
    channel = ConsentChannel(row[7]) if row[7] else None
    proof = Proof(Decider(row[5]), row[6], channel, row[8], row[9], row[10])
    first_half = repository_halves.half_of(row[12:]) if row[12] else None
    return Decision(row[0], row[1], ConsentState(row[2]), row[3], row[4], proof, row[11], first_half=first_half)
