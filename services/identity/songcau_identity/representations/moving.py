"""Representations go on or end: a child answers, a party takes it back, an officer ends it on a document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.documents import require_kind
from songcau_identity.errors import REPRESENTATION_NOT_FOUND, REPRESENTATION_NOT_YOURS_TO_END
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, check_version, refuse_own_record
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.representations import repository
from songcau_identity.representations.frame import ANSWER, Answer, By, move
from songcau_identity.representations.granting import by_of
from songcau_identity.representations.model import (
    END_DOCUMENTS,
    KIND_RULES,
    OFFICER_END_CAUSES,
    Act,
    EndCause,
    Party,
    Representation,
)
from songcau_identity.representations.parties import invalid


@dataclass(frozen=True)
class Seen:
    """A representation and the version of it somebody saw; None is an id that is none."""

    representation_id: UUID | None
    version: int


class Memberships(Protocol):
    """What of an organisation depends on the representations of its members."""

    def hold(self, conn: Connection, representation_id: UUID) -> None:
        """Hold the organisation a representation is of, before the representation itself."""

    def refuse_own(self, conn: Connection, asker: Asker, representation_id: UUID) -> None:
        """Raise OWN_RECORD where the representation is of an organisation of the officer's."""

    def follow(self, conn: Connection, ended: Representation, by: By) -> None:
        """End the membership of a representation that was ended."""


class Moving:
    """The use cases AnswerRepresentation, RevokeRepresentation and EndRepresentation."""

    def __init__(self, desk: Desk, memberships: Memberships) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)
        self._memberships = memberships

    def answer(self, asker: Asker, request_id: str, seen: Seen, act: Act | None, access: Access) -> Answer:
        """Take the child's own answer, CONFIRM or OBJECT."""
        if act is None:
            raise invalid("/answer", "REQUIRED")

        def take(conn: Connection, before: Representation, party: Party) -> Answer:
            if party is not Party.REPRESENTED:
                raise DomainError(REPRESENTATION_NOT_FOUND)
            return Answer(move(conn, self._desk.clock, before, act, by_of(asker)))

        request = Request("ANSWER_REPRESENTATION", request_id, f"{seen} {act}".encode())
        return self._own(asker, (Operation.ANSWER_REPRESENTATION, request), seen, access, take)

    def revoke(self, asker: Asker, request_id: str, seen: Seen, access: Access) -> Answer:
        """Take it back or give it up; raises REPRESENTATION_NOT_YOURS_TO_END for what only an officer ends."""

        def take(conn: Connection, before: Representation, party: Party) -> Answer:
            if party not in KIND_RULES[before.kind].enders:
                raise DomainError(REPRESENTATION_NOT_YOURS_TO_END)
            is_represented = party is Party.REPRESENTED
            cause = EndCause.REVOKED_BY_REPRESENTED if is_represented else EndCause.RENOUNCED
            return Answer(move(conn, self._desk.clock, before, Act.REVOKE, by_of(asker), cause=cause))

        request = Request("REVOKE_REPRESENTATION", request_id, f"{seen}".encode())
        return self._own(asker, (Operation.REVOKE_REPRESENTATION, request), seen, access, take)

    def end(self, order: Order, seen: Seen, cause: EndCause | None) -> Answer:
        """End it on a document.

        Raises REPRESENTATION_INVALID for a cause that is not an officer's, EVIDENCE_INVALID for a document that does
        not say so.
        """
        if cause not in OFFICER_END_CAUSES or cause is None:
            raise invalid("/cause", "NOT_AN_OFFICERS")
        if cause in END_DOCUMENTS:
            require_kind(order.evidence, END_DOCUMENTS[cause], code="NOT_FOR_THIS_CAUSE")

        def act(conn: Connection) -> Answer:
            if seen.representation_id is not None:
                self._memberships.hold(conn, seen.representation_id)
            before = hold(conn, seen, order.access)
            for citizen_id in before.parties:
                refuse_own_record(conn, order.asker, citizen_id)
            self._memberships.refuse_own(conn, order.asker, before.representation_id)
            check_version(before, seen.version)
            by = by_of(order.asker)
            after = move(conn, self._desk.clock, before, Act.END, by, cause=cause)
            self._memberships.follow(conn, after, by)
            about, other = (*after.parties, None)[:2]
            self._acts.finish(conn, order, Entry(about or after.representative_id, other))
            return Answer(after)

        return self._acts.run(order, Operation.END_REPRESENTATION, f"{seen} {cause}".encode(), act=act, form=ANSWER)

    def _own(
        self,
        asker: Asker,
        what: tuple[Operation, Request],
        seen: Seen,
        access: Access,
        take: Callable[[Connection, Representation, Party], Answer],
    ) -> Answer:
        operation, request = what

        def act(conn: Connection) -> Answer:
            own_id = asker.own_citizen_id
            family = citizens.find_family(conn, own_id) if own_id else ()
            access.subjects.extend(family[:1])
            before = hold(conn, seen, access)
            party = find_party(before, family)
            if party is None:
                raise DomainError(REPRESENTATION_NOT_FOUND)
            check_version(before, seen.version)
            return take(conn, before, party)

        return self._desk.writes.run(asker, operation, request, access, act=act, form=ANSWER)


def hold(conn: Connection, seen: Seen, access: Access) -> Representation:
    """Return the representation, held, and note whom it is about; raises REPRESENTATION_NOT_FOUND."""
    found = repository.hold(conn, seen.representation_id) if seen.representation_id else None
    if found is None:
        raise DomainError(REPRESENTATION_NOT_FOUND)
    access.subjects[:] = dict.fromkeys((*access.subjects, *found.parties))
    return found


def find_party(one: Representation, own_ids: tuple[UUID, ...]) -> Party | None:
    """Return which of the two somebody is, None for a stranger."""
    if one.represented.id in own_ids:
        return Party.REPRESENTED
    return Party.REPRESENTATIVE if one.representative_id in own_ids else None
