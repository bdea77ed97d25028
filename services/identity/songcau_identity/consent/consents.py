"""Gives and withdraws consent, one purpose at a time; every decision is kept with its proof and told to the others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit import outbox
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, encrypt

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.consent import repository
from songcau_identity.consent.events import consent_event
from songcau_identity.consent.model import (
    Consent,
    ConsentAct,
    ConsentChannel,
    ConsentState,
    Decider,
    Decision,
    Proof,
    find_consent_transition,
)
from songcau_identity.consent.texts import Purpose, Purposes
from songcau_identity.errors import (
    CITIZEN_NOT_ACTIVE,
    CITIZEN_NOT_FOUND,
    CONSENT_NOT_EXPRESSED,
    CONSENT_TEXT_OUTDATED,
)
from songcau_identity.model import Citizen, CitizenStatus
from songcau_identity.officers import Desk
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens


@dataclass(frozen=True)
class Choice:
    """What is decided: which act, for which purpose, on which text, and whether yes was said by an act of one's own."""

    act: ConsentAct
    purpose: str
    text_version: str = ""
    agreed: bool = True


@dataclass(frozen=True)
class Declared:
    """A choice as it reached the platform: for whom, how it is proved, and the document where there is one."""

    choice: Choice
    citizen_id: UUID | None
    proof: Proof
    evidence: Mapping[str, str] | None = None

    def fingerprint(self) -> bytes:
        """Return what tells two requests apart."""
        words = "\x00".join((self.evidence or {}).values())
        return f"{self.citizen_id} {self.choice} {self.proof.channel} {words}".encode()


@dataclass(frozen=True)
class ConsentAnswer:
    """What holds after a decision."""

    consent: Consent

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.consent.citizen_id]


@dataclass(frozen=True)
class OwnConsent:
    """One purpose as it stands for a person: None where nothing was decided; the newest decision first."""

    purpose: Purpose
    consent: Consent | None
    decisions: tuple[Decision, ...]


CONSENT_ANSWER = TypeAdapter(ConsentAnswer)


class Consents:
    """The use cases ListOwnConsents, GiveConsent and WithdrawConsent, and what recording officers share with them."""

    def __init__(self, desk: Desk, purposes: Purposes) -> None:
        self._desk = desk
        self.purposes = purposes

    def list_own(self, asker: Asker, access: Access) -> list[OwnConsent]:
        """Return every purpose with what the caller decided; raises CITIZEN_NOT_FOUND."""
        with self._desk.database.read() as conn:
            family = _family(conn, asker.own_citizen_id)
            access.subjects.append(family[0])
            held = repository.list_consents(conn, family)
            decisions = repository.list_decisions(conn, family)
        return [
            OwnConsent(
                purpose,
                newest([one for one in held if one.purpose == purpose.code]),
                tuple(one for one in decisions if one.purpose == purpose.code),
            )
            for purpose in self.purposes.all
        ]

    def decide(
        self, asker: Asker, operation: Operation, request_id: str, declared: Declared, access: Access
    ) -> Consent:
        """Enter one decision; the same decision again changes nothing.

        Raises CONSENT_PURPOSE_UNKNOWN, CITIZEN_NOT_FOUND, and for consent given CONSENT_NOT_EXPRESSED,
        CONSENT_TEXT_OUTDATED and CITIZEN_NOT_ACTIVE.
        """
        purpose = self.purposes.get(declared.choice.purpose)
        _require_expressed(declared.choice, purpose)

        def act(conn: Connection) -> ConsentAnswer:
            return ConsentAnswer(self._decide(conn, asker, purpose, declared, access))

        request = Request(operation, request_id, declared.fingerprint())
        answer = self._desk.writes.run(asker, operation, request, access, act=act, form=CONSENT_ANSWER)
        return answer.consent

    def withdraw_for(self, conn: Connection, asker: Asker, purpose: Purpose, citizen_id: UUID) -> None:
        """Enter in the caller's transaction that a person withdrew, as they asked an officer; twice is once."""
        caller = asker.caller
        proof = Proof(Decider.SELF, None, ConsentChannel.APP, caller.subject, asker.organization, caller.client_id)
        declared = Declared(Choice(ConsentAct.WITHDRAW, purpose.code), citizen_id, proof)
        self._decide(conn, asker, purpose, declared, Access())

    def _decide(self, conn: Connection, asker: Asker, purpose: Purpose, declared: Declared, access: Access) -> Consent:
        family = _family(conn, declared.citizen_id)
        # Holding the citizen lets decisions of one person wait for one another, and keeps a block out.
        citizen = citizens.hold_citizens(conn, family[:1])[family[0]]
        access.subjects.append(citizen.citizen_id)
        if declared.choice.act is ConsentAct.GIVE:
            _require_active(citizen)
        held = repository.hold(conn, family, purpose.code)
        before = newest(held)
        if before is not None and is_decided(before, declared.choice.act, purpose):
            return before
        own = next((one for one in held if one.citizen_id == citizen.citizen_id), None)
        return self._enter(conn, asker, purpose, declared, _Standing(citizen, before, own))

    def _enter(
        self, conn: Connection, asker: Asker, purpose: Purpose, declared: Declared, standing: "_Standing"
    ) -> Consent:
        before, act = standing.before, declared.choice.act
        step = find_consent_transition(before.state if before else None, act)
        if step is None:
            raise LookupError(f"no step {act} from {before}")
        after = standing.after(step.after, purpose, self._desk)
        proof = replace(declared.proof, decided_by=declared.proof.decided_by or standing.citizen.citizen_id)
        evidence = self._seal(conn, after, declared.evidence)
        write_decision(conn, after, proof, purpose.text.sha256, evidence_enc=evidence)
        by = (asker.actor, asker.correlation_id)
        outbox.append(conn, consent_event(self._desk.clock, after, step.fact, proof, by=by))
        return after

    def _seal(self, conn: Connection, consent: Consent, evidence: Mapping[str, str] | None) -> bytes | None:
        if evidence is None:
            return None
        data_key = self._desk.data_keys.get(conn, consent.citizen_id)
        place = evidence_place(consent.consent_id, consent.version)
        return encrypt(data_key, place, json.dumps(dict(evidence), ensure_ascii=False))


def evidence_place(consent_id: UUID, version: int) -> Place:
    """Return where the evidence of one decision stands."""
    return Place("consent_decisions", "evidence_enc", f"{consent_id} {version}")


@dataclass(frozen=True)
class _Standing:
    """What holds before a decision: under any id of the person, and in the row of the person's own record."""

    citizen: Citizen
    before: Consent | None
    own: Consent | None

    def after(self, state: ConsentState, purpose: Purpose, desk: Desk) -> Consent:
        own = self.own
        return Consent(
            consent_id=own.consent_id if own else desk.clock.new_id(),
            citizen_id=self.citizen.citizen_id,
            purpose=purpose.code,
            state=state,
            text_version=purpose.text.version,
            version=own.version + 1 if own else 1,
            decided_at=desk.clock.now(),
        )


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


def newest(held: Sequence[Consent]) -> Consent | None:
    """Return the decision that holds among those under a person's ids."""
    return max(held, key=lambda one: one.decided_at, default=None)


def is_decided(before: Consent, act: ConsentAct, purpose: Purpose) -> bool:
    """Say whether an act would decide what holds already."""
    if act is ConsentAct.GIVE:
        return before.state is ConsentState.GIVEN and before.text_version == purpose.text.version
    return find_consent_transition(before.state, act) is None


def _family(conn: Connection, citizen_id: UUID | None) -> tuple[UUID, ...]:
    family = citizens.find_family(conn, citizen_id) if citizen_id else ()
    if not family:
        raise DomainError(CITIZEN_NOT_FOUND)
    return family


def _require_expressed(choice: Choice, purpose: Purpose) -> None:
    if choice.act is not ConsentAct.GIVE:
        return
    if not choice.agreed:
        raise DomainError(CONSENT_NOT_EXPRESSED)
    if choice.text_version != purpose.text.version:
        raise DomainError(CONSENT_TEXT_OUTDATED, details={"text_version": purpose.text.version})


def _require_active(citizen: Citizen) -> None:
    if citizen.status is not CitizenStatus.ACTIVE:
        raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": citizen.status})
