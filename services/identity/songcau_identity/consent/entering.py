"""Enters a decision or half of one: the row that holds, its proof, the event; held rows are the caller's."""

import json
from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.database import Connection
from songcau_kit.field_cipher import Place, encrypt

from songcau_identity.auditing import Asker
from songcau_identity.consent import repository, repository_halves
from songcau_identity.consent.declared import Declared
from songcau_identity.consent.events import consent_event
from songcau_identity.consent.model import Consent, ConsentState, Decision, Half, Proof, find_consent_transition
from songcau_identity.consent.texts import Purpose
from songcau_identity.model import Citizen
from songcau_identity.officers import Desk


@dataclass(frozen=True)
class Standing:
    """What there is before a decision: what holds under any id, the row of the person's own record, what waits.

    Of merged records each may have a half that waits, the newest first.
    """

    citizen: Citizen
    before: Consent | None
    own: Consent | None
    halves: tuple[Half, ...]


@dataclass(frozen=True)
class Case:
    """One decision about to be made: in which transaction, by whom, on which text, and what there was before."""

    conn: Connection
    asker: Asker
    purpose: Purpose
    declared: Declared
    standing: Standing

    @property
    def citizen_id(self) -> UUID:
        """For whom it is made."""
        return self.standing.citizen.citizen_id

    @property
    def proof(self) -> Proof:
        """The proof with whoever decided named."""
        return replace(self.declared.proof, decided_by=self.declared.proof.decided_by or self.citizen_id)


class Entering:
    """Writes what a case comes to."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def enter(self, case: Case, *, lapses_at_age: int | None = None) -> Consent:
        """Write what holds from now on, and tell it."""
        before, act = case.standing.before, case.declared.choice.act
        step = find_consent_transition(before.state if before else None, act)
        if step is None:
            raise LookupError(f"no step {act} from {before}")
        after = self._after(case, step.after, lapses_at_age)
        evidence = self._seal(case, evidence_place(after.consent_id, after.version))
        write_decision(case.conn, after, case.proof, case.purpose.text.sha256, evidence_enc=evidence)
        by = (case.asker.actor, case.asker.correlation_id)
        outbox.append(case.conn, consent_event(self._desk.clock, after, step.fact, case.proof, by=by))
        return after

    def wait(self, case: Case) -> Half:
        """Let a yes wait for the other side's."""
        clock, text = self._desk.clock, case.purpose.text
        half_id = clock.new_id()
        evidence = self._seal(case, half_evidence_place(half_id))
        half = Half(
            half_id,
            case.citizen_id,
            case.purpose.code,
            text.version,
            text.sha256,
            case.proof,
            clock.now(),
            evidence,
        )
        repository_halves.insert(case.conn, half)
        return half

    def end_waiting(self, case: Case, joined: Half | None = None, part_of: Consent | None = None) -> None:
        """Let nothing wait any more; `part_of` is the decision that `joined` became part of."""
        for half in case.standing.halves:
            became = part_of if half is joined else None
            repository_halves.end(case.conn, half.half_id, self._desk.clock.now(), became)

    def _after(self, case: Case, state: ConsentState, lapses_at_age: int | None) -> Consent:
        own = case.standing.own
        return Consent(
            consent_id=own.consent_id if own else self._desk.clock.new_id(),
            citizen_id=case.citizen_id,
            purpose=case.purpose.code,
            state=state,
            text_version=case.purpose.text.version,
            version=own.version + 1 if own else 1,
            decided_at=self._desk.clock.now(),
            lapses_at_age=lapses_at_age,
        )

    def _seal(self, case: Case, place: Place) -> bytes | None:
        evidence = case.declared.evidence
        if evidence is None:
            return None
        data_key = self._desk.data_keys.get(case.conn, case.citizen_id)
        return encrypt(data_key, place, json.dumps(dict(evidence), ensure_ascii=False))


def evidence_place(consent_id: UUID, version: int) -> Place:
    """Return where the evidence of one decision stands."""
    return Place("consent_decisions", "evidence_enc", f"{consent_id} {version}")


def half_evidence_place(half_id: UUID) -> Place:
    """Return where the evidence of one half stands."""
    return Place("consent_halves", "evidence_enc", str(half_id))


def write_decision(
    conn: Connection, after: Consent, proof: Proof, text_sha256: bytes, *, evidence_enc: bytes | None = None
) -> None:
    """Write what holds after a decision, and its proof."""
    if after.version == 1:
        repository.insert(conn, after)
    else:
        repository.update(conn, after)
    decision = Decision(
        after.purpose,
        after.version,
        after.state,
        after.text_version,
        text_sha256,
        proof,
        after.decided_at,
        evidence_enc,
    )
    repository.insert_decision(conn, after.consent_id, decision)
