"""Links a verified identity: makes the citizen, refreshes what changed, or brings an unlinked citizen back."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit import outbox
from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import UNAVAILABLE, DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.corrections import overruled
from songcau_identity.doubts import let_wait
from songcau_identity.errors import CITIZEN_BLOCKED, IDENTIFIER_CANCELLED
from songcau_identity.evidence import verify_evidence
from songcau_identity.facts import StatedFacts, VerifiedFacts, doubts_of, verify_form
from songcau_identity.model import (
    Citizen,
    CitizenAct,
    CitizenStatus,
    Doubt,
    Evidence,
    IdentifierKind,
    IdentifierStatus,
    IdentityLevel,
    ProfileFact,
    find_transition,
)
from songcau_identity.new_records import begin_record
from songcau_identity.officers import Desk
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens as repository
from songcau_identity.repositories import identifiers
from songcau_identity.told_papers import record_told_papers
from songcau_identity.vault import Profile

ATTEMPTS = 3


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
    doubts: tuple[Doubt, ...]

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.citizen.citizen_id]


LINK_OUTCOME = TypeAdapter(LinkOutcome)


@dataclass(frozen=True)
class Renewal:
    """What a verification changed in a profile, and what looks odd about it now."""

    changed: Sequence[ProfileFact]
    doubts: tuple[Doubt, ...]


class Linking:
    """The use case LinkCitizen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def link(self, asker: Asker, request: LinkRequest, access: Access) -> LinkOutcome:
        """Link the identity; the same facts again change nothing and tell nobody.

        Raises IDENTITY_FACTS_INVALID, CITIZEN_BLOCKED, IDENTIFIER_CANCELLED, or the register's reasons.
        """
        now = self._desk.clock.now()
        facts = verify_form(request.facts, today=local_date(now))
        verify_evidence(request.evidence, now=now)
        digest = self._desk.vault.number_digest(facts.identifier_kind, facts.number.reveal())
        papers = [self._desk.vault.paper_digest(paper) for paper in facts.papers]

        def act(conn: Connection) -> LinkOutcome:
            for number in sorted({digest, *papers}):
                identifiers.lock_number(conn, number)
            own = self._find(conn, facts, digest, access)
            if own is None:
                outcome = self._create(conn, asker, facts, digest)
                own = outcome.citizen
            else:
                outcome = self._refresh(conn, asker, own, facts)
            repository.insert_verification(conn, self._desk.clock.new_id(), own, request.evidence, now)
            return self._take_papers(conn, asker, own.citizen_id, facts, outcome)

        asked = Request("LinkCitizen", request.request_id, fingerprint(request, (digest, *papers)))
        return self._desk.writes.run(asker, Operation.LINK_CITIZEN, asked, access, act=act, form=LINK_OUTCOME)

    def _find(self, conn: Connection, facts: VerifiedFacts, digest: bytes, access: Access) -> Citizen | None:
        """Return whose number it is, held until the transaction ends; None where nobody ever had it."""
        holder = identifiers.find_holder(conn, facts.identifier_kind, digest)
        if holder is None:
            return None
        access.subjects.append(holder.citizen_id)
        if holder.status is IdentifierStatus.CANCELLED:
            raise DomainError(IDENTIFIER_CANCELLED)
        return self._hold(conn, holder.citizen_id)

    def _hold(self, conn: Connection, citizen_id: UUID) -> Citizen:
        """Hold a record and the one it was merged into, where there is one, in the order of every other act."""
        for _ in range(ATTEMPTS):
            seen = repository.find_citizen(conn, citizen_id)
            if seen is None:
                break
            own = repository.hold_citizens(conn, {citizen_id, seen.survivor_id})[citizen_id]
            if own.survivor_id == seen.survivor_id:
                return own
        raise DomainError(UNAVAILABLE)

    def _take_papers(
        self, conn: Connection, asker: Asker, own_id: UUID, facts: VerifiedFacts, outcome: LinkOutcome
    ) -> LinkOutcome:
        """Enter the papers that were stated on the record of the number; the citizen who comes in may be another."""
        own, doubts = record_told_papers(self._desk, conn, asker, own_id, facts.papers)
        citizen = own if own is not None and own_id == outcome.citizen.citizen_id else outcome.citizen
        return replace(outcome, citizen=citizen, doubts=(*outcome.doubts, *doubts))

    def _create(self, conn: Connection, asker: Asker, facts: VerifiedFacts, digest: bytes) -> LinkOutcome:
        desk = self._desk
        now, citizen_id, identifier_id = desk.clock.now(), desk.clock.new_id(), desk.clock.new_id()
        citizen = Citizen(citizen_id, CitizenStatus.ACTIVE, facts.account_kind, facts.identity_level, 1, now, now)
        data_key = begin_record(desk, conn, citizen, profile_of(facts))
        number_enc = desk.vault.seal_number(data_key, identifier_id, facts.number)
        identifier = identifiers.NewIdentifier(identifier_id, citizen_id, facts.identifier_kind, number_enc, digest)
        identifiers.insert_identifier(conn, identifier, now)
        let_wait(desk, conn, citizen_id, facts.doubts, facts_changed=True)
        outbox.append(conn, desk.events.linked(citizen, asker.actor, asker.correlation_id, is_first=True))
        return LinkOutcome(citizen, is_created=True, doubts=facts.doubts)

    def _refresh(self, conn: Connection, asker: Asker, own: Citizen, facts: VerifiedFacts) -> LinkOutcome:
        """Renew the record the number belongs to; the citizen who comes in is the one that record stands for."""
        meant = own if own.merged_into is None else repository.hold_citizens(conn, [own.survivor_id])[own.survivor_id]
        step = find_transition(meant.status, CitizenAct.LINK)
        if step is None:
            raise DomainError(CITIZEN_BLOCKED, details={"state": meant.status})
        renewal = self._renew_profile(conn, own, facts)
        let_wait(self._desk, conn, own.citizen_id, renewal.doubts, facts_changed=bool(renewal.changed))
        is_back = meant.status is not step.after
        if own is not meant:
            self._verified(conn, asker, own, facts, renewal)
            meant = self._come_back(conn, asker, meant) if is_back else meant
        elif is_back:
            verified = replace(own, identity_level=facts.identity_level, last_verified_at=self._desk.clock.now())
            meant = self._come_back(conn, asker, verified)
        else:
            meant = self._verified(conn, asker, own, facts, renewal)
        return LinkOutcome(meant, is_created=False, doubts=renewal.doubts)

    def _come_back(self, conn: Connection, asker: Asker, citizen: Citizen, *, is_first: bool = False) -> Citizen:
        now = self._desk.clock.now()
        back = replace(citizen, status=CitizenStatus.ACTIVE, version=citizen.version + 1, linked_at=now)
        repository.update_citizen(conn, back, now)
        outbox.append(conn, self._desk.events.linked(back, asker.actor, asker.correlation_id, is_first=is_first))
        return back

    def _verified(
        self, conn: Connection, asker: Asker, own: Citizen, facts: VerifiedFacts, renewal: Renewal
    ) -> Citizen:
        now = self._desk.clock.now()
        citizen = replace(own, identity_level=facts.identity_level, last_verified_at=now)
        if own.identity_level is IdentityLevel.LEVEL_0:
            # An officer had entered the person on papers: this is their first link.
            return self._come_back(conn, asker, citizen, is_first=True)
        if renewal.changed:
            citizen = replace(citizen, version=own.version + 1)
        repository.update_citizen(conn, citizen, now)
        if renewal.changed:
            told = (asker.actor, asker.correlation_id)
            outbox.append(conn, self._desk.events.profile_changed(citizen, *told, changed=renewal.changed))
        return citizen

    def _renew_profile(self, conn: Connection, before: Citizen, facts: VerifiedFacts) -> Renewal:
        """Write the profile where it differs from the stored one, but no value that an officer corrected."""
        record = repository.find_record(conn, before.citizen_id)
        data_key = self._desk.data_keys.get(conn, before.citizen_id)
        if record is None:
            raise LookupError("a citizen without profile")
        known = self._desk.vault.open(data_key, record.profile)
        stated = profile_of(facts, known)
        doubts = facts.doubts
        if differences(known, stated):
            corrected = overruled(conn, self._desk.vault, data_key)
            profile = keep_corrected(known, stated, corrected)
            if profile != stated:
                odd = (
                    doubts_of(facts.number, profile.birth_date)
                    if facts.identifier_kind is IdentifierKind.PERSONAL_NUMBER
                    else ()
                )
                doubts = (*odd, Doubt.PROVIDER_DIFFERS)
            stated = profile
        changed = differences(known, stated)
        # A profile of an older release has no digest of its telephone number yet.
        is_unfindable = bool(known.phone_number.reveal()) and record.profile.phone_number_bix is None
        if changed or is_unfindable:
            sealed = self._desk.vault.seal(data_key, stated)
            repository.put_profile(conn, before.citizen_id, sealed, self._desk.clock.now())
        if before.identity_level is not facts.identity_level:
            changed.append(ProfileFact.IDENTITY_LEVEL)
        return Renewal(changed, doubts)


def profile_of(facts: VerifiedFacts, known: Profile | None = None) -> Profile:
    """Return the profile that facts make; what a provider does not state stays as it is known."""
    phone_number, sex = facts.phone_number, known.sex if known else Personal("")
    if known and not phone_number.reveal():
        phone_number = known.phone_number
    return Profile(facts.full_name, facts.birth_date, phone_number, sex, facts.nationality)


def keep_corrected(known: Profile, stated: Profile, corrected: Mapping[ProfileFact, Personal]) -> Profile:
    """Return the stated profile, but the known value of a fact that is stated as it was before its correction."""
    name = known.full_name if corrected.get(ProfileFact.FULL_NAME) == stated.full_name else stated.full_name
    birth_date = known.birth_date if corrected.get(ProfileFact.BIRTH_DATE) == stated.birth_date else stated.birth_date
    return replace(stated, full_name=name, birth_date=birth_date)


def differences(known: Profile, stated: Profile) -> list[ProfileFact]:
    """Return which personal facts are not what they were."""
    pairs = {
        ProfileFact.FULL_NAME: (known.full_name, stated.full_name),
        ProfileFact.BIRTH_DATE: (known.birth_date, stated.birth_date),
        ProfileFact.PHONE_NUMBER: (known.phone_number, stated.phone_number),
        ProfileFact.NATIONALITY: (known.nationality, stated.nationality),
    }
    return [fact for fact, (before, after) in pairs.items() if before != after]


def fingerprint(request: LinkRequest, digests: Sequence[bytes]) -> bytes:
    """Return what tells two requests apart; keyed through the numbers' blind index, so it cannot be guessed back."""
    facts, evidence = request.facts, request.evidence
    parts = (
        *(digest.hex() for digest in digests),
        facts.full_name.reveal(),
        facts.birth_date.reveal(),
        str(facts.identity_level),
        facts.phone_number.reveal(),
        facts.nationality,
        evidence.method,
        evidence.transaction_id,
    )
    return hashlib.sha256("\x00".join(parts).encode()).digest()
