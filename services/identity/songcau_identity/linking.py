"""Links a verified identity: makes the citizen, refreshes what changed, or brings an unlinked citizen back."""

import hashlib
import json
from dataclasses import dataclass, replace

from songcau_kit import outbox
from songcau_kit.clock import Clock, local_date
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister

from songcau_identity.auditing import Access, Asker, Auditor, Operation
from songcau_identity.errors import CITIZEN_BLOCKED, IDENTIFIER_CANCELLED
from songcau_identity.events import CitizenEvents
from songcau_identity.evidence import verify_evidence
from songcau_identity.facts import StatedFacts, VerifiedFacts, verify_form
from songcau_identity.model import (
    Citizen,
    CitizenAct,
    CitizenStatus,
    Evidence,
    IdentifierStatus,
    ProfileFact,
    find_transition,
)
from songcau_identity.repositories import citizens as repository
from songcau_identity.stored_answers import read_citizen, write_citizen
from songcau_identity.vault import Profile, Vault


@dataclass(frozen=True)
class LinkRequest:
    """What a linker says: whose facts, and how they were verified."""

    request_id: str
    facts: StatedFacts
    evidence: Evidence


@dataclass(frozen=True)
class LinkOutcome:
    """What became of a link; holds no personal value, so that a repeated request may get it from the register."""

    citizen: Citizen
    is_created: bool
    doubts: tuple[str, ...]
    is_replayed: bool = False


class Linking:
    """The use case LinkCitizen."""

    def __init__(
        self, *, database: Database, clock: Clock, data_keys: DataKeys, vault: Vault, auditor: Auditor
    ) -> None:
        self._database = database
        self._clock = clock
        self._data_keys = data_keys
        self._vault = vault
        self._auditor = auditor
        self._register = IdempotencyRegister()
        self._events = CitizenEvents(clock)

    def link(self, asker: Asker, request: LinkRequest, access: Access) -> LinkOutcome:
        """Link the identity; the same facts again change nothing and tell nobody.

        Raises IDENTITY_FACTS_INVALID, CITIZEN_BLOCKED, IDENTIFIER_CANCELLED, or the register's reasons.
        """
        now = self._clock.now()
        facts = verify_form(request.facts, today=local_date(now))
        verify_evidence(request.evidence, now=now)
        digest = self._vault.number_digest(facts.identifier_kind, facts.number.reveal())
        key = IdempotencyKey(f"{asker.caller.client_id}/{asker.caller.subject}", "LinkCitizen", request.request_id)
        with self._database.transaction() as conn:
            stored = self._register.begin(conn, key, fingerprint(request, digest))
            if stored is not None:
                outcome = read_outcome(stored.response)
                access.subjects.append(outcome.citizen.citizen_id)
                self._auditor.record(conn, asker, Operation.LINK_CITIZEN, access)
                return outcome
            repository.lock_number(conn, digest)
            citizen = self._find(conn, facts, digest, access)
            if citizen is None:
                outcome = self._create(conn, asker, facts, digest)
            else:
                outcome = self._refresh(conn, asker, citizen, facts)
            access.subjects[:] = [outcome.citizen.citizen_id]
            repository.insert_verification(conn, self._clock.new_id(), outcome.citizen, request.evidence, now)
            self._register.finish(conn, key, write_outcome(outcome))
            self._auditor.record(conn, asker, Operation.LINK_CITIZEN, access)
            return outcome

    def _find(self, conn: Connection, facts: VerifiedFacts, digest: bytes, access: Access) -> Citizen | None:
        """Return whose number it is, held until the transaction ends; None where nobody ever had it."""
        holder = repository.find_holder(conn, facts.identifier_kind, digest)
        if holder is None:
            return None
        access.subjects.append(holder.citizen_id)
        if holder.status is IdentifierStatus.CANCELLED:
            raise DomainError(IDENTIFIER_CANCELLED)
        return repository.find_citizen_for_update(conn, holder.citizen_id)

    def _create(self, conn: Connection, asker: Asker, facts: VerifiedFacts, digest: bytes) -> LinkOutcome:
        now, citizen_id, identifier_id = self._clock.now(), self._clock.new_id(), self._clock.new_id()
        data_key = self._data_keys.get_or_create(conn, citizen_id)
        citizen = Citizen(citizen_id, CitizenStatus.ACTIVE, facts.account_kind, facts.identity_level, 1, now, now)
        number_enc = self._vault.seal_number(data_key, identifier_id, facts.number)
        identifier = repository.NewIdentifier(identifier_id, citizen_id, facts.identifier_kind, number_enc, digest)
        repository.insert_citizen(conn, citizen, now)
        repository.put_profile(conn, citizen_id, self._vault.seal(data_key, facts), now)
        repository.insert_identifier(conn, identifier, now)
        outbox.append(conn, self._events.linked(citizen, asker.actor, asker.correlation_id, is_first=True))
        return LinkOutcome(citizen, is_created=True, doubts=facts.doubts)

    def _refresh(self, conn: Connection, asker: Asker, before: Citizen, facts: VerifiedFacts) -> LinkOutcome:
        step = find_transition(before.status, CitizenAct.LINK)
        if step is None:
            raise DomainError(CITIZEN_BLOCKED, details={"state": before.status})
        now = self._clock.now()
        changed = self._renew_profile(conn, before, facts)
        is_back = before.status is not step.after
        citizen = replace(before, identity_level=facts.identity_level, last_verified_at=now, status=step.after)
        if changed or is_back:
            citizen = replace(citizen, version=before.version + 1, linked_at=now if is_back else before.linked_at)
        repository.update_citizen(conn, citizen, now)
        told = (asker.actor, asker.correlation_id)
        if is_back:
            outbox.append(conn, self._events.linked(citizen, *told, is_first=False))
        elif changed:
            outbox.append(conn, self._events.profile_changed(citizen, *told, changed=changed))
        return LinkOutcome(citizen, is_created=False, doubts=facts.doubts)

    def _renew_profile(self, conn: Connection, before: Citizen, facts: VerifiedFacts) -> list[ProfileFact]:
        """Write the profile where it differs from the stored one and return which facts did."""
        record = repository.find_record(conn, before.citizen_id)
        data_key = self._data_keys.get(conn, before.citizen_id)
        if record is None:
            raise LookupError("a citizen without profile or active number")
        known = self._vault.open(data_key, record.profile)
        if not facts.phone_number.reveal():  # an unstated phone number is unknown, not withdrawn
            facts = replace(facts, phone_number=known.phone_number)
        changed = differences(known, facts)
        if changed:
            profile = self._vault.seal(data_key, facts)
            repository.put_profile(conn, before.citizen_id, profile, self._clock.now())
        if before.identity_level is not facts.identity_level:
            changed.append(ProfileFact.IDENTITY_LEVEL)
        return changed


def differences(known: Profile, facts: VerifiedFacts) -> list[ProfileFact]:
    """Return which personal facts are not what they were."""
    pairs = {
        ProfileFact.FULL_NAME: (known.full_name, facts.full_name),
        ProfileFact.BIRTH_DATE: (known.birth_date, facts.birth_date),
        ProfileFact.PHONE_NUMBER: (known.phone_number, facts.phone_number),
    }
    return [fact for fact, (before, after) in pairs.items() if before != after]


def fingerprint(request: LinkRequest, number_digest: bytes) -> bytes:
    """Return what tells two requests apart; keyed through the number's blind index, so it cannot be guessed back."""
    facts, evidence = request.facts, request.evidence
    parts = (
        number_digest.hex(),
        facts.full_name.reveal(),
        facts.birth_date.reveal(),
        str(facts.identity_level),
        facts.phone_number.reveal(),
        evidence.method,
        evidence.transaction_id,
    )
    return hashlib.sha256("\x00".join(parts).encode()).digest()


def write_outcome(outcome: LinkOutcome) -> bytes:
    """Return an outcome as the register keeps it."""
    return json.dumps(
        {"citizen": write_citizen(outcome.citizen), "is_created": outcome.is_created, "doubts": outcome.doubts}
    ).encode()


def read_outcome(stored: bytes) -> LinkOutcome:
    """Return the outcome of the first request with this key."""
    raw = json.loads(stored)
    return LinkOutcome(read_citizen(raw["citizen"]), raw["is_created"], tuple(raw["doubts"]), is_replayed=True)
