"""Organisations begin: entered by their legal representative, in force at once where the business register agrees."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError, normalize
from songcau_units.registry import shipped_gazetteer

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.documents import DocumentEvidence, verify_document
from songcau_identity.identifiers import IdentifierInvalidError, parse_personal_number
from songcau_identity.model import IdentifierKind
from songcau_identity.officers import Desk
from songcau_identity.organisation_errors import ORGANISATION_EXISTS, ORGANISATION_NOT_IN_OPERATION
from songcau_identity.organisations import repository
from songcau_identity.organisations.frame import ANSWER, Answer, Place, add_member, invalid, new_member, own_family
from songcau_identity.organisations.identifiers import is_owner_number, parse_organisation_identifier
from songcau_identity.organisations.limits import OrganisationLimits
from songcau_identity.organisations.model import (
    ORGANISATION_LIFECYCLE,
    MemberAct,
    Organisation,
    OrganisationAct,
    OrganisationKind,
    RegisterFinding,
    Role,
    find_step,
)
from songcau_identity.organisations.register import BusinessRegister, compare
from songcau_identity.organisations.repository import SealedOrganisation
from songcau_identity.organisations.rights import MemberRights
from songcau_identity.organisations.sealing import ORGANISATIONS, Names, seal_evidence, seal_names
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.representations.granting import by_of, proof_of

NAME_LENGTH = 300


@dataclass(frozen=True)
class Founding:
    """What a founder enters; None is a word that is none."""

    kind: OrganisationKind | None
    identifier: Personal
    name: Personal
    unit_code: str
    evidence: DocumentEvidence


@dataclass(frozen=True)
class Read:
    """What a founder entered, read."""

    kind: OrganisationKind
    identifier: str
    name: str
    unit_code: str


class OrganisationFounding:
    """The use case CreateOrganisation."""

    def __init__(self, desk: Desk, register: BusinessRegister, limits: OrganisationLimits) -> None:
        self._desk = desk
        self._register = register
        self._limits = limits
        self._rights = MemberRights(desk)

    def found(self, asker: Asker, request_id: str, given: Founding, access: Access) -> Answer:
        """Enter an organisation whose legal representative is the asker; raises what the contract names."""
        verify_document(given.evidence, today=local_date(self._desk.clock.now()))
        read = _read(given)

        def act(conn: Connection) -> Answer:
            family = own_family(conn, asker)
            own_id = family[0]
            access.subjects.append(own_id)
            self._rights.require_representative(conn, own_id)
            finding = self._ask_register(conn, read, own_id)
            if finding is not RegisterFinding.CONFIRMED:
                self._limits.require_room_for_case(conn, family)
            return self._enter(conn, asker, given.evidence, (read, own_id, finding))

        digest = self._desk.vault.organisation_digest(read.identifier)
        words = "\x00".join((read.kind, read.name, read.unit_code, *given.evidence.words().values())).encode()
        request = Request(
            "CREATE_ORGANISATION", request_id, digest + self._desk.vault.exact_name_digest(words.decode())
        )
        return self._desk.writes.run(asker, Operation.CREATE_ORGANISATION, request, access, act=act, form=ANSWER)

    def _ask_register(self, conn: Connection, read: Read, own_id: UUID) -> RegisterFinding:
        if is_owner_number(read.identifier) and not self._holds(conn, own_id, read.identifier):
            raise invalid("/identifier", "NOT_YOUR_NUMBER")
        entry = self._register.find(read.identifier)
        if entry is not None and not entry.is_operating:
            raise DomainError(ORGANISATION_NOT_IN_OPERATION)
        is_representative = entry is not None and self._holds(conn, own_id, entry.representative_number)
        return compare(self._register, entry, is_representative=is_representative)

    def _holds(self, conn: Connection, own_id: UUID, number: str) -> bool:
        digits = parse_personal_number(number).digits
        digest = self._desk.vault.number_digest(IdentifierKind.PERSONAL_NUMBER, digits)
        holders = citizens.find_by_number(conn, IdentifierKind.PERSONAL_NUMBER, digest)
        return any(record.citizen.survivor_id == own_id for record in holders)

    def _enter(
        self, conn: Connection, asker: Asker, evidence: DocumentEvidence, what: tuple[Read, UUID, RegisterFinding]
    ) -> Answer:
        read, own_id, finding = what
        clock, is_owner_s = self._desk.clock, is_owner_number(read.identifier)
        is_confirmed = finding is RegisterFinding.CONFIRMED
        act = OrganisationAct.FOUND_CONFIRMED if is_confirmed else OrganisationAct.FOUND
        step = find_step(ORGANISATION_LIFECYCLE, None, act)
        if step is None:
            raise AssertionError("the table lets every organisation begin")
        made = Organisation(clock.new_id(), read.kind, read.unit_code, step.after, finding, is_owner_s, 1, clock.now())
        self._insert(conn, made, own_id, (read, evidence))
        place = Place(made.organisation_id, own_id, Role.LEGAL_REPRESENTATIVE)
        if not is_confirmed:
            return Answer(made, add_member(conn, new_member(clock, place, MemberAct.FOUND)))
        granted = self._rights.grant(conn, place, proof_of(asker), by_of(asker))
        return Answer(made, add_member(conn, new_member(clock, place, MemberAct.BEGIN, representation_id=granted)))

    def _insert(
        self, conn: Connection, made: Organisation, founder_id: UUID, what: tuple[Read, DocumentEvidence]
    ) -> None:
        (read, evidence), keys = what, self._desk.data_keys
        founder_key = keys.get(conn, founder_id)
        key = founder_key if made.is_owner_s else keys.get_or_create(conn, made.organisation_id)
        names = seal_names(key, made.organisation_id, Names(Personal(read.name), Personal(read.identifier)))
        evidence_enc = seal_evidence(founder_key, ORGANISATIONS, made.organisation_id, evidence)
        sealed = SealedOrganisation(made, founder_id, names, evidence_enc)
        try:
            repository.insert(conn, sealed, self._desk.vault.organisation_digest(read.identifier))
        except UniqueViolation:
            raise DomainError(ORGANISATION_EXISTS) from None


def _read(given: Founding) -> Read:
    if given.kind is None:
        raise invalid("/kind", "REQUIRED")
    try:
        identifier = parse_organisation_identifier(given.kind, given.identifier.reveal())
    except IdentifierInvalidError as error:
        raise invalid("/identifier", error.code) from None
    return Read(given.kind, identifier, _read_name(given.name), _read_unit(given.unit_code))


def _read_name(given: Personal) -> str:
    try:
        name = normalize(given.reveal())
    except LegacyEncodingError:
        raise invalid("/name", "LEGACY_ENCODING") from None
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise invalid("/name", "INVALID")
    return name


def _read_unit(code: str) -> str:
    if code not in {unit.code for unit in shipped_gazetteer().present_communes()}:
        raise invalid("/unit_code", "UNKNOWN_UNIT")
    return code
