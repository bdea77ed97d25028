"""Corrects facts of a record on evidence; what was there before stays, closed, in the history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from songcau_kit.clock import local_date
from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.doubts import judge_again
from songcau_identity.errors import CORRECTION_INVALID, NOTHING_TO_CHANGE
from songcau_identity.facts import FactInvalidError, parse_birth_date, parse_full_name
from songcau_identity.model import Citizen, ProfileFact, Sex
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, Seen
from songcau_identity.renumbering import RECORD_ANSWER, RecordAnswer, refuse_unlinked
from songcau_identity.repositories import citizens, records
from songcau_identity.vault import Profile, Vault

CORRECTABLE: Mapping[ProfileFact, Callable[[Profile], Personal]] = {
    ProfileFact.FULL_NAME: lambda profile: profile.full_name,
    ProfileFact.BIRTH_DATE: lambda profile: profile.birth_date,
    ProfileFact.SEX: lambda profile: profile.sex,
}


@dataclass(frozen=True)
class Correction:
    """The right facts; an empty one is not corrected."""

    full_name: Personal
    birth_date: Personal
    sex: Sex | None

    def fingerprint(self) -> bytes:
        """Return what tells two corrections apart."""
        return "\x00".join((self.full_name.reveal(), self.birth_date.reveal(), str(self.sex or ""))).encode()


class Corrections:
    """The use case CorrectCitizen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)

    def correct(self, order: Order, seen: Seen, correction: Correction) -> RecordAnswer:
        """Write the right facts.

        Raises CORRECTION_INVALID, NOTHING_TO_CHANGE, CITIZEN_NOT_ACTIVE and what every act of an officer raises.
        """

        def act(conn: Connection) -> RecordAnswer:
            before = self._acts.hold_one(conn, order, seen.citizen_id, seen.version)
            refuse_unlinked(before)
            old = self._write(conn, before, self._read(correction))
            citizen = replace(before, version=before.version + 1)
            citizens.update_citizen(conn, citizen, self._desk.clock.now())
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.corrected(citizen, *told, corrected=[ProfileFact(name) for name in old])
            act_id = self._acts.finish(conn, order, Entry(citizen.citizen_id, before=old), event)
            return RecordAnswer(citizen, judge_again(self._desk, conn, citizen, act_id), act_id)

        asked = f"{seen} ".encode() + correction.fingerprint()
        return self._acts.run(order, Operation.CORRECT_CITIZEN, asked, act=act, form=RECORD_ANSWER)

    def _read(self, correction: Correction) -> Correction:
        """Return the facts in canonical form; raises CORRECTION_INVALID naming each wrong one."""
        today = local_date(self._desk.clock.now())
        violations: list[Violation] = []

        def read(pointer: str, parse: Callable[[str], str], value: Personal) -> Personal:
            try:
                return Personal(parse(value.reveal())) if value.reveal() else value
            except FactInvalidError as error:
                violations.append(Violation(pointer, error.code))
                return value

        name = read("/full_name", parse_full_name, correction.full_name)
        birth_date = read("/birth_date", lambda text: parse_birth_date(text, today=today), correction.birth_date)
        if not (name.reveal() or birth_date.reveal() or correction.sex):
            violations.append(Violation("", "REQUIRED"))
        if violations:
            raise DomainError(CORRECTION_INVALID, violations=violations)
        return Correction(name, birth_date, correction.sex)

    def _write(self, conn: Connection, citizen: Citizen, right: Correction) -> Mapping[str, str]:
        """Write the profile and return what the facts were that changed."""
        record = citizens.find_record(conn, citizen.citizen_id)
        if record is None:
            raise LookupError("a citizen without profile")
        data_key = self._desk.data_keys.get(conn, citizen.citizen_id)
        known = self._desk.vault.open(data_key, record.profile)
        corrected = replace(
            known,
            full_name=right.full_name if right.full_name.reveal() else known.full_name,
            birth_date=right.birth_date if right.birth_date.reveal() else known.birth_date,
            sex=Personal(right.sex) if right.sex else known.sex,
        )
        old = {str(fact): of(known).reveal() for fact, of in CORRECTABLE.items() if of(known) != of(corrected)}
        if not old:
            raise DomainError(NOTHING_TO_CHANGE)
        sealed = self._desk.vault.seal(data_key, corrected)
        citizens.put_profile(conn, citizen.citizen_id, sealed, self._desk.clock.now())
        return old


def overruled(conn: Connection, vault: Vault, data_key: DataKey) -> Mapping[ProfileFact, Personal]:
    """Return the value each corrected fact had before its last correction: a provider may state it still."""
    before: dict[ProfileFact, Personal] = {}
    for act_id, closed in records.list_corrections(conn, data_key.subject_id):
        words = vault.open_words(data_key, act_id, "before_enc", closed)
        before |= {ProfileFact(name): value for name, value in words.items()}
    return before
