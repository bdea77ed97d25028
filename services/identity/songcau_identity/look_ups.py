"""Finds citizens for officers at work: by number, telephone number or exact folded name; every hit learns of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import Clock, local_date
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal
from songcau_kit.text import normalize, sort_key

from songcau_identity.auditing import Access, Asker, require_agency, require_purpose
from songcau_identity.errors import LOOK_UP_INVALID
from songcau_identity.facts import FactInvalidError, is_within, parse_birth_date, parse_full_name
from songcau_identity.identifiers import IdentifierInvalidError, parse_phone_number, possible_identifiers
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.model import CitizenStatus
from songcau_identity.paper_numbers import PaperNumber, StatedPaper, possible_papers, read_paper
from songcau_identity.profiles import OpenedCitizen, Profiles
from songcau_identity.repositories import citizens as repository
from songcau_identity.repositories import identifiers, papers
from songcau_identity.repositories.citizens import CitizenRecord
from songcau_identity.vault import Vault

HITS = 20
CANDIDATES = 200  # opened at most, to sift by month and day of birth


@dataclass(frozen=True)
class Search:
    """What an officer typed; exactly one of number, telephone number, paper and name says something."""

    number: Personal
    full_name: Personal
    birth_date: Personal
    phone_number: Personal
    paper: StatedPaper | None = None


@dataclass(frozen=True)
class Found:
    """The hits, and whether there were more than may be shown."""

    citizens: tuple[OpenedCitizen, ...]
    more_exist: bool


class LookUps:
    """The use case LookUpCitizen."""

    def __init__(
        self, *, database: Database, clock: Clock, vault: Vault, profiles: Profiles, limits: LookUpLimits
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._profiles = profiles
        self._limits = limits

    def look_up(self, asker: Asker, search: Search, access: Access) -> Found:
        """Return who matches; nobody is an empty answer whatever the cause.

        Raises OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, PURPOSE_UNKNOWN, LOOK_UP_LIMIT_REACHED and LOOK_UP_INVALID.
        """
        try:
            require_agency(asker)
            require_purpose(asker)
            self._limits.take(asker.caller.subject)
        except DomainError:
            access.subjects.extend(self._sought(search))
            raise
        with self._database.read() as conn:
            birth_date = ""
            if search.number.reveal():
                records = self._by_number(conn, search.number.reveal())
            elif search.paper:
                records = self._by_papers(conn, [self._read_paper(search.paper)])
            elif search.phone_number.reveal():
                records = self._by_phone_number(conn, search.phone_number.reveal())
            else:
                records, birth_date = self._by_name(conn, search)
            opened = (self._profiles.open(conn, record) for record in records)
            matching = [hit for hit in opened if is_within(hit.profile.birth_date.reveal(), birth_date)]
            hits = in_order(self._meant(conn, matching), search.full_name.reveal())
        access.subjects.extend(hit.citizen.citizen_id for hit in hits[:HITS])
        return Found(tuple(hits[:HITS]), more_exist=len(hits) > HITS or len(records) > CANDIDATES)

    def _meant(self, conn: Connection, matching: list[OpenedCitizen]) -> list[OpenedCitizen]:
        """Return each citizen once, the surviving record where one was merged, unless that citizen is unlinked."""
        meant: dict[UUID, OpenedCitizen] = {}
        for hit in matching:
            survivor_id = hit.citizen.merged_into
            record = repository.find_record(conn, survivor_id) if survivor_id else None
            found = self._profiles.open(conn, record) if record else hit
            if found.citizen.status is not CitizenStatus.UNLINKED:
                meant.setdefault(found.citizen.citizen_id, found)
        return list(meant.values())

    def _sought(self, search: Search) -> list[UUID]:
        """Return whose number or paper it is, so that a refused look-up is on that citizen's list, too."""
        number = search.number.reveal()
        try:
            possible = possible_identifiers(number) if number else ()
            stated = [self._read_paper(search.paper)] if search.paper else possible_papers(number)
        except (IdentifierInvalidError, DomainError):
            return []
        with self._database.read() as conn:
            holders = [
                identifiers.find_holder(conn, kind, self._vault.number_digest(kind, text)) for kind, text in possible
            ]
            people = [papers.find_people(conn, paper.kind, self._vault.paper_digest(paper)) for paper in stated]
        sought = [holder.citizen_id for holder in holders if holder is not None]
        return list(dict.fromkeys(sought + [one for found in people for one in found]))

    def _by_number(self, conn: Connection, number: str) -> list[CitizenRecord]:
        try:
            possible = possible_identifiers(number)
        except IdentifierInvalidError as error:
            raise DomainError(LOOK_UP_INVALID, violations=[Violation("/number", error.code)]) from None
        digests = [(kind, self._vault.number_digest(kind, value)) for kind, value in possible]
        found = [record for kind, digest in digests for record in repository.find_by_number(conn, kind, digest)]
        return found + self._by_papers(conn, possible_papers(number))

    def _by_papers(self, conn: Connection, stated: Sequence[PaperNumber]) -> list[CitizenRecord]:
        digests = [(paper.kind, self._vault.paper_digest(paper)) for paper in stated]
        return [record for kind, digest in digests for record in repository.find_by_paper(conn, kind, digest)]

    def _read_paper(self, stated: StatedPaper) -> PaperNumber:
        try:
            return read_paper(stated, at="/paper")
        except DomainError as error:
            raise DomainError(LOOK_UP_INVALID, violations=error.violations) from None

    def _by_phone_number(self, conn: Connection, typed: str) -> list[CitizenRecord]:
        try:
            phone_number = parse_phone_number(typed)
        except IdentifierInvalidError as error:
            raise DomainError(LOOK_UP_INVALID, violations=[Violation("/phone_number", error.code)]) from None
        digest = self._vault.phone_digest(phone_number)
        return repository.find_by_phone_number(conn, digest, limit=CANDIDATES + 1)

    def _by_name(self, conn: Connection, search: Search) -> tuple[list[CitizenRecord], str]:
        pointer = "/full_name"
        try:
            name, birth_date = parse_full_name(search.full_name.reveal()), search.birth_date.reveal()
            pointer = "/birth_date"
            if birth_date:
                birth_date = parse_birth_date(birth_date, today=local_date(self._clock.now()))
        except FactInvalidError as error:
            raise DomainError(LOOK_UP_INVALID, violations=[Violation(pointer, error.code)]) from None
        records = repository.find_by_name(
            conn,
            name_digest=self._vault.name_digest(name),
            exact_digest=self._vault.exact_name_digest(name),
            name_year_digest=self._vault.name_and_year_digest(name, birth_date[:4]) if birth_date else None,
            limit=CANDIDATES + 1,
        )
        return records, birth_date


def in_order(hits: list[OpenedCitizen], searched_name: str) -> list[OpenedCitizen]:
    """Return hits with exactly the searched accents first, then by given, family and middle name, the older first."""
    searched = normalize(searched_name).lower()

    def place(hit: OpenedCitizen) -> tuple[bool, str, str, str]:
        name, birth_date = hit.profile.full_name.reveal(), hit.profile.birth_date.reveal()
        return name.lower() != searched, sort_key(name), birth_date, str(hit.citizen.citizen_id)

    return sorted(hits, key=place)
