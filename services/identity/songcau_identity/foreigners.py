"""Registers foreigners without electronic identity at a counter: by their passport, which signs in nobody."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from songcau_kit import outbox
from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.errors import FOREIGNER_INVALID, PAPER_TAKEN
from songcau_identity.facts import FactInvalidError, parse_birth_date, parse_full_name, parse_nationality
from songcau_identity.identifiers import IdentifierInvalidError
from songcau_identity.model import PaperKind, Sex
from songcau_identity.new_records import begin_record, registered_citizen
from songcau_identity.officers import Desk, Entry, OfficerActs, Order
from songcau_identity.paper_numbers import PaperNumber, StatedPaper, read_paper
from songcau_identity.papers import PAPER_ANSWER, PaperAnswer, enter_paper, find_other_holder
from songcau_identity.repositories import citizens, identifiers
from songcau_identity.vault import Profile


@dataclass(frozen=True)
class Foreigner:
    """What a passport says of its holder, as it was typed; an empty nationality is that of the issuing state."""

    full_name: Personal
    birth_date: Personal
    sex: Sex | None
    nationality: str
    passport_number: Personal
    issuing_state: str

    def fingerprint(self) -> bytes:
        """Return what tells two foreigners apart."""
        parts = (self.full_name.reveal(), self.birth_date.reveal(), str(self.sex), self.nationality)
        return "\x00".join(parts).encode()


class Foreigners:
    """The use case RegisterForeigner."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)

    def register(self, order: Order, foreigner: Foreigner) -> PaperAnswer:
        """Enter a foreigner who shows a passport.

        Raises FOREIGNER_INVALID, PAPER_INVALID, PAPER_TAKEN where the passport is known, and what every act of an
        officer raises.
        """
        profile = read_foreigner(foreigner, today=local_date(self._desk.clock.now()))
        passport = read_paper(StatedPaper(PaperKind.HO_CHIEU, foreigner.passport_number, foreigner.issuing_state))
        digest = self._desk.vault.paper_digest(passport)

        def act(conn: Connection) -> PaperAnswer:
            return self._begin(conn, order, profile, passport, digest)

        asked = foreigner.fingerprint() + b"\x00" + digest
        return self._acts.run(order, Operation.REGISTER_FOREIGNER, asked, act=act, form=PAPER_ANSWER)

    def _begin(
        self, conn: Connection, order: Order, profile: Profile, passport: PaperNumber, digest: bytes
    ) -> PaperAnswer:
        desk = self._desk
        identifiers.lock_number(conn, digest)
        registered = registered_citizen(desk, desk.clock.new_id())
        known = find_other_holder(conn, passport.kind, digest, registered.citizen_id)
        if known is not None:
            order.access.subjects.append(known)
            raise DomainError(PAPER_TAKEN, details={"citizen_id": str(known)})
        begin_record(desk, conn, registered, profile)
        told = (order.asker.actor, order.asker.correlation_id)
        outbox.append(conn, desk.events.registered(registered, *told))
        citizen, paper_id = replace(registered, version=registered.version + 1), desk.clock.new_id()
        citizens.update_citizen(conn, citizen, desk.clock.now())
        event = desk.events.paper_recorded(citizen, *told, paper_id=paper_id, kind=passport.kind)
        act_id = self._acts.finish(conn, order, Entry(citizen.citizen_id), event)
        enter_paper(desk, conn, citizen.citizen_id, passport, paper_id=paper_id, act_id=act_id)
        return PaperAnswer(citizen, paper_id, ())


def read_foreigner(foreigner: Foreigner, *, today: date) -> Profile:
    """Return the profile of a foreigner; raises FOREIGNER_INVALID naming each wrong fact."""
    violations: list[Violation] = []

    def read(pointer: str, parse: Callable[[str], str], text: str) -> str:
        try:
            return parse(text)
        except (FactInvalidError, IdentifierInvalidError) as error:
            violations.append(Violation(pointer, error.code))
            return ""

    name = read("/full_name", parse_full_name, foreigner.full_name.reveal())
    birth_date = read("/birth_date", lambda text: parse_birth_date(text, today=today), foreigner.birth_date.reveal())
    nationality = read("/nationality", parse_nationality, foreigner.nationality or foreigner.issuing_state)
    if not (nationality or violations):
        violations.append(Violation("/nationality", "NOT_FOREIGN"))
    if violations:
        raise DomainError(FOREIGNER_INVALID, violations=violations)
    return Profile(
        Personal(name), Personal(birth_date), Personal(""), Personal(foreigner.sex or ""), Personal(nationality)
    )
