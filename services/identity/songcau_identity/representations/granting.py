"""Representations begin: entered by officers on a document, or given by people with their own sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.documents import require_kind
from songcau_identity.errors import CITIZEN_NOT_FOUND, REPRESENTATION_EXISTS
from songcau_identity.identifiers import IdentifierInvalidError
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, refuse_own_record
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.representations import repository
from songcau_identity.representations.frame import ANSWER, Answer, By, begin
from songcau_identity.representations.model import (
    KIND_RULES,
    PURPOSE_SCOPES,
    Act,
    AuthorisationPurpose,
    Kind,
    Period,
    Representation,
    Represented,
    RepresentedKind,
    Scope,
    Status,
)
from songcau_identity.representations.parties import Parties, invalid
from songcau_identity.representations.repository import Proof

LONGEST_AUTHORISATION = timedelta(days=366)


@dataclass(frozen=True)
class Grant:
    """What an officer enters; an empty day means today, or an open end; None is an id or word that is none."""

    kind: Kind | None
    represented_kind: RepresentedKind | None
    represented_id: UUID | None
    representative_id: UUID | None
    scopes: Sequence[Scope]
    valid_from: str
    valid_until: str


@dataclass(frozen=True)
class Authorisation:
    """Whom a citizen authorises, for what, until when."""

    number: Personal
    full_name: Personal
    purpose: AuthorisationPurpose | None
    valid_until: str


class Granting:
    """The use cases GrantRepresentation and AuthoriseRepresentative."""

    def __init__(self, desk: Desk, namings: LookUpLimits) -> None:
        self._desk = desk
        self._namings = namings
        self._acts = OfficerActs(desk)
        self._parties = Parties(desk)

    def grant(self, order: Order, grant: Grant) -> Answer:
        """Enter a representation on a document; raises what the contract names."""
        today = local_date(self._desk.clock.now())
        wanted = self._wanted(grant, today)
        require_kind(order.evidence, KIND_RULES[wanted.kind].documents, code="NOT_FOR_THIS_KIND")

        def act(conn: Connection) -> Answer:
            order.access.subjects.extend(wanted.parties)
            self._parties.hold(conn, wanted)
            for citizen_id in wanted.parties:
                refuse_own_record(conn, order.asker, citizen_id)
            first = self._parties.first_act(conn, wanted, today)
            refuse_second(conn, wanted)
            act_id = self._acts.finish(conn, order, Entry(wanted.represented.id, wanted.representative_id))
            return self._begin(conn, wanted, (first, Proof(act_id)), order.asker)

        return self._acts.run(order, Operation.GRANT_REPRESENTATION, f"{grant}".encode(), act=act, form=ANSWER)

    def authorise(self, asker: Asker, request_id: str, given: Authorisation, access: Access) -> Answer:
        """Let another citizen act for the asker in one matter; raises what the contract names."""
        own_id, today = asker.own_citizen_id, local_date(self._desk.clock.now())
        if own_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        access.subjects.append(own_id)
        if given.purpose is None:
            raise invalid("/purpose", "REQUIRED")
        scopes, period = PURPOSE_SCOPES[given.purpose], period_of(Kind.AUTHORISATION, "", given.valid_until, today)
        try:
            named = self._parties.named(given.number, given.full_name)
        except IdentifierInvalidError as error:
            raise invalid("/representative_number", error.code) from None
        self._namings.take(asker.caller.subject)

        def act(conn: Connection) -> Answer:
            wanted = self._new(
                Kind.AUTHORISATION,
                Represented(RepresentedKind.CITIZEN, citizens.find_family(conn, own_id)[0]),
                self._parties.find_named(conn, named),
                scopes,
                period,
            )
            if wanted.representative_id == wanted.represented.id:
                raise invalid("/representative_number", "YOURSELF")
            self._parties.hold(conn, wanted)
            first = self._parties.first_act(conn, wanted, today)
            refuse_second(conn, wanted)
            return self._begin(conn, wanted, (first, proof_of(asker)), asker)

        asked = b"\x00".join((named.number_digest, named.name_digest, f"{given.purpose} {given.valid_until}".encode()))
        request = Request("AUTHORISE_REPRESENTATIVE", request_id, asked)
        return self._desk.writes.run(asker, Operation.AUTHORISE_REPRESENTATIVE, request, access, act=act, form=ANSWER)

    def _wanted(self, grant: Grant, today: date) -> Representation:
        if grant.kind is None:
            raise invalid("/kind", "REQUIRED")
        if grant.kind is Kind.ORGANISATION:
            raise invalid("/kind", "BY_MEMBERSHIP_ONLY")
        if grant.represented_kind is not RepresentedKind.CITIZEN:
            raise invalid("/represented_kind", "NOT_FOR_THIS_KIND")
        if grant.represented_id is None or grant.representative_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        if grant.represented_id == grant.representative_id:
            raise invalid("/representative_id", "SAME_PERSON")
        rule = KIND_RULES[grant.kind]
        allowed = rule.scopes
        if rule.are_scopes_named and not grant.scopes:
            raise invalid("/scopes", "REQUIRED")
        if not set(grant.scopes) <= set(allowed):
            raise invalid("/scopes", "NOT_FOR_THIS_KIND")
        scopes = tuple(scope for scope in allowed if scope in (grant.scopes or allowed))
        period = period_of(grant.kind, grant.valid_from, grant.valid_until, today)
        represented = Represented(grant.represented_kind, grant.represented_id)
        return self._new(grant.kind, represented, grant.representative_id, scopes, period)

    def _new(
        self,
        kind: Kind,
        represented: Represented,
        representative_id: UUID,
        scopes: tuple[Scope, ...],
        period: Period,
    ) -> Representation:
        identity = self._desk.clock.new_id()
        return Representation(identity, kind, represented, representative_id, scopes, Status.ACTIVE, period, 1)

    def _begin(self, conn: Connection, wanted: Representation, what: tuple[Act, Proof], asker: Asker) -> Answer:
        return Answer(begin(conn, self._desk.clock, wanted, what, by_of(asker)))


def refuse_second(conn: Connection, wanted: Representation) -> None:
    """Raise REPRESENTATION_EXISTS where one like it is in force; two at once are the unique index's to settle."""
    if (found := repository.find_in_force(conn, wanted)) is not None:
        raise DomainError(REPRESENTATION_EXISTS, details={"representation_id": str(found)})


def period_of(kind: Kind, first: str, last: str, today: date) -> Period:
    """Return the first and last day; raises REPRESENTATION_INVALID.

    A child's representation has no last day of its own. An authorisation has one, a year from its first at most, which
    is what the Civil Code gives one that names none (article 563).
    """
    begins = _day(first, "/valid_from") or today
    ends = _day(last, "/valid_until")
    if ends is not None and (ends < begins or ends < today):
        raise invalid("/valid_until", "IN_THE_PAST")
    if kind is Kind.AUTHORISATION and ends is None:
        raise invalid("/valid_until", "REQUIRED")
    if kind is Kind.AUTHORISATION and ends is not None and ends > begins + LONGEST_AUTHORISATION:
        raise invalid("/valid_until", "TOO_LATE")
    return Period(begins, ends)


def by_of(asker: Asker) -> By:
    """Return who acts and in which request."""
    return By(asker.actor, asker.correlation_id)


def proof_of(asker: Asker) -> Proof:
    """Return the sign-in that proves who authorised; raises AUTHENTICATION_INSUFFICIENT where there is none."""
    if asker.caller.auth_time is None:
        raise DomainError(AUTHENTICATION_INSUFFICIENT)
    return Proof(acr=asker.caller.acr or "", signed_in_at=asker.caller.auth_time)


def _day(text: str, pointer: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(pointer, "NOT_A_DATE") from None
