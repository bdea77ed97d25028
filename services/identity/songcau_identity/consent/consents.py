"""Gives and withdraws consent, one purpose at a time; every decision is kept with its proof and told to the others."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.consent import repository, repository_halves
from songcau_identity.consent.agreeing import Agreeing
from songcau_identity.consent.declared import CONSENT_ANSWER, Choice, ConsentAnswer, Declared, OwnConsent, Waiting
from songcau_identity.consent.entering import Case, Entering, Standing
from songcau_identity.consent.model import (
    Consent,
    ConsentAct,
    ConsentChannel,
    ConsentState,
    Decider,
    Half,
    Proof,
    find_consent_transition,
)
from songcau_identity.consent.texts import Purpose, Purposes
from songcau_identity.errors import (
    CITIZEN_NOT_ACTIVE,
    CITIZEN_NOT_FOUND,
    CONSENT_NOT_EXPRESSED,
    CONSENT_TEXT_OUTDATED,
    NOT_REPRESENTED,
)
from songcau_identity.model import Citizen, CitizenStatus
from songcau_identity.officers import Desk
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.representations.covering import Covering
from songcau_identity.representations.model import Scope


class Consents:
    """The use cases ListOwnConsents, GiveConsent and WithdrawConsent, and what recording officers share with them."""

    def __init__(self, desk: Desk, purposes: Purposes) -> None:
        self._desk = desk
        self._agreeing = Agreeing(desk)
        self._entering = Entering(desk)
        self._covering = Covering(desk.clock)
        self.purposes = purposes

    def list_own(self, asker: Asker, access: Access) -> list[OwnConsent]:
        """Return every purpose with what was decided for the caller, or for whom the caller stands.

        Raises CITIZEN_NOT_FOUND, NOT_REPRESENTED, and CITIZEN_NOT_ACTIVE for a representative who is blocked.
        """
        with self._desk.database.read() as conn:
            if asker.on_behalf_of is not None:
                self._covering.meant(conn, asker, access, scopes=(Scope.CONSENT_WRITE,))
            family = _family(conn, asker.on_behalf_of or asker.own_citizen_id)
            access.subjects.append(family[0])
            held = repository.list_consents(conn, family)
            decisions = repository.list_decisions(conn, family)
            waiting = {one.purpose: Waiting.of(one) for one in repository_halves.list_waiting(conn, family)}
        return [
            OwnConsent(
                purpose,
                newest([one for one in held if one.purpose == purpose.code]),
                tuple(one for one in decisions if one.purpose == purpose.code),
                waiting.get(purpose.code),
            )
            for purpose in self.purposes.all
        ]

    def decide(
        self, asker: Asker, operation: Operation, request_id: str, declared: Declared, access: Access
    ) -> ConsentAnswer:
        """Enter one decision; the same decision again changes nothing.

        Raises CONSENT_PURPOSE_UNKNOWN, CITIZEN_NOT_FOUND, NOT_REPRESENTED, and for consent given CONSENT_NOT_EXPRESSED,
        CONSENT_TEXT_OUTDATED, CITIZEN_NOT_ACTIVE and REPRESENTATIVE_CONSENT_REQUIRED.
        """
        purpose = self.purposes.get(declared.choice.purpose)
        _require_expressed(declared.choice, purpose)

        def act(conn: Connection) -> ConsentAnswer:
            case = self._case(conn, asker, purpose, declared, access)
            return self._give(case) if declared.choice.act is ConsentAct.GIVE else self._withdraw(case)

        request = Request(operation, request_id, declared.fingerprint())
        return self._desk.writes.run(asker, operation, request, access, act=act, form=CONSENT_ANSWER)

    def withdraw_for(
        self,
        conn: Connection,
        asker: Asker,
        purpose: Purpose,
        citizen_id: UUID,
        *,
        document: Mapping[str, str] | None,
    ) -> None:
        """Enter in the caller's transaction that a person withdrew, as they asked an officer; twice is once.

        `document` is what they asked on, where that was on paper.
        """
        caller, channel = asker.caller, ConsentChannel.PAPER if document else ConsentChannel.APP
        proof = Proof(Decider.SELF, None, channel, caller.subject, asker.organization, caller.client_id)
        declared = Declared(Choice(ConsentAct.WITHDRAW, purpose.code), citizen_id, proof, document)
        self._withdraw(self._case(conn, asker, purpose, declared, Access()))

    def _case(self, conn: Connection, asker: Asker, purpose: Purpose, declared: Declared, access: Access) -> Case:
        family, citizen = _hold(conn, declared.citizen_id, is_named=asker.on_behalf_of is not None)
        access.subjects.append(citizen.citizen_id)
        self._agreeing.hold_standing(conn, declared.proof, family)
        held = repository.hold(conn, family, declared.choice.purpose)
        own = next((one for one in held if one.citizen_id == citizen.citizen_id), None)
        halves = tuple(repository_halves.hold_waiting(conn, family, declared.choice.purpose))
        return Case(conn, asker, purpose, declared, Standing(citizen, newest(held), own, halves))

    def _withdraw(self, case: Case) -> ConsentAnswer:
        # Either side may, and alone: a withdrawal asks for nobody's agreement.
        self._entering.end_waiting(case)
        before = case.standing.before
        if before is not None and is_decided(before, ConsentAct.WITHDRAW, case.purpose):
            return ConsentAnswer(before)
        return ConsentAnswer(self._entering.enter(case))

    def _give(self, case: Case) -> ConsentAnswer:
        _require_active(case.standing.citizen)
        before = case.standing.before
        if before is not None and is_decided(before, ConsentAct.GIVE, case.purpose):
            return ConsentAnswer(before)
        agreement = self._agreeing.agreement(case.conn, case.proof, case.citizen_id)
        if not agreement.is_joint:
            self._entering.end_waiting(case)
            return ConsentAnswer(self._entering.enter(case, lapses_at_age=agreement.lapses_at_age))
        return self._give_half(case, agreement.lapses_at_age)

    def _give_half(self, case: Case, lapses_at_age: int | None) -> ConsentAnswer:
        live = [one for one in case.standing.halves if self._is_live(case, one)]
        half = next((one for one in live if one.waits_for is case.proof.decided_as), None)
        if half is not None:
            after = self._entering.enter(case, lapses_at_age=lapses_at_age)
            self._entering.end_waiting(case, half, after)
            return ConsentAnswer(after)
        if live:
            return ConsentAnswer(waiting=Waiting.of(live[0]))
        self._entering.end_waiting(case)
        return ConsentAnswer(waiting=Waiting.of(self._entering.wait(case)))

    def _is_live(self, case: Case, half: Half) -> bool:
        """Say whether a half is of the text in use, and of somebody who may decide still."""
        family = _family(case.conn, case.citizen_id)
        return half.text_version == case.purpose.text.version and self._agreeing.stands(case.conn, half.proof, family)


def newest(held: Sequence[Consent]) -> Consent | None:
    """Return the decision that holds among those under a person's ids."""
    return max(held, key=lambda one: one.decided_at, default=None)


def is_decided(before: Consent, act: ConsentAct, purpose: Purpose) -> bool:
    """Say whether an act would decide what holds already."""
    if act is ConsentAct.GIVE:
        return before.state is ConsentState.GIVEN and before.text_version == purpose.text.version
    return find_consent_transition(before.state, act) is None


def _hold(conn: Connection, citizen_id: UUID | None, *, is_named: bool) -> tuple[tuple[UUID, ...], Citizen]:
    """Return every id of a person and the citizen, held: decisions wait for one another, and a block stays out.

    Whoever waited for a merge, or for its end, asks again whom the id means.
    """
    family = _family(conn, citizen_id, is_named=is_named)
    while True:
        citizen = citizens.hold_citizens(conn, family[:1])[family[0]]
        found = _family(conn, citizen_id, is_named=is_named)
        if found == family:
            return family, citizen
        family = found


def _family(conn: Connection, citizen_id: UUID | None, *, is_named: bool = False) -> tuple[UUID, ...]:
    family = citizens.find_family(conn, citizen_id) if citizen_id else ()
    if not family:
        # Whoever names somebody does not learn whether there is such a person.
        raise DomainError(NOT_REPRESENTED if is_named else CITIZEN_NOT_FOUND)
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
