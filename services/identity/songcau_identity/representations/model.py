"""The words of representation: on what, for what, from when to when, and its lifecycle as one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """On what one person stands for another, or for an organisation."""

    PARENT = "PARENT"
    GUARDIAN = "GUARDIAN"
    LIMITED_CAPACITY = "LIMITED_CAPACITY"
    ORGANISATION = "ORGANISATION"
    AUTHORISATION = "AUTHORISATION"
    HEIR = "HEIR"


class RepresentedKind(StrEnum):
    """What the represented party is."""

    CITIZEN = "CITIZEN"
    ORGANISATION = "ORGANISATION"


class Scope(StrEnum):
    """What a representative may do in the name of the represented; named like the scopes of access tokens."""

    IDENTITY_READ = "IDENTITY_READ"
    ACCESS_READ = "ACCESS_READ"
    CONSENT_WRITE = "CONSENT_WRITE"
    DOSSIER_READ = "DOSSIER_READ"
    DOSSIER_WRITE = "DOSSIER_WRITE"
    CONSULTATION_READ = "CONSULTATION_READ"
    CONSULTATION_WRITE = "CONSULTATION_WRITE"


class AuthorisationPurpose(StrEnum):
    """What a written authorisation is for: one of these, never several."""

    PUBLIC_SERVICES = "PUBLIC_SERVICES"
    CARE = "CARE"


class Status(StrEnum):
    """Where a representation stands."""

    ACTIVE = "ACTIVE"
    AWAITING_CHILD = "AWAITING_CHILD"
    OBJECTED = "OBJECTED"
    REVOKED = "REVOKED"
    ENDED = "ENDED"


class EndCause(StrEnum):
    """Why a representation is over."""

    REVOKED_BY_REPRESENTED = "REVOKED_BY_REPRESENTED"
    RENOUNCED = "RENOUNCED"
    MAJORITY = "MAJORITY"
    EXPIRED = "EXPIRED"
    COURT_DECISION = "COURT_DECISION"
    DEATH = "DEATH"
    ENTERED_WRONGLY = "ENTERED_WRONGLY"
    RECORD_ERASED = "RECORD_ERASED"
    ROLE_CHANGED = "ROLE_CHANGED"
    REPRESENTATIVE_CHANGED = "REPRESENTATIVE_CHANGED"
    ORGANISATION_DISSOLVED = "ORGANISATION_DISSOLVED"


class Act(StrEnum):
    """What happens to a representation."""

    GRANT = "GRANT"
    GRANT_UNHEARD = "GRANT_UNHEARD"
    ASK_CHILD = "ASK_CHILD"
    CONFIRM = "CONFIRM"
    OBJECT = "OBJECT"
    REVOKE = "REVOKE"
    END = "END"
    RUN_OUT = "RUN_OUT"


class Party(StrEnum):
    """Who takes a step."""

    OFFICER = "OFFICER"
    REPRESENTED = "REPRESENTED"
    REPRESENTATIVE = "REPRESENTATIVE"
    SYSTEM = "SYSTEM"


class Fact(StrEnum):
    """What the other services learn; the names of the event's oneof."""

    REPRESENTATION_GRANTED = "REPRESENTATION_GRANTED"
    CHILD_ASKED = "CHILD_ASKED"
    CHILD_CONFIRMED = "CHILD_CONFIRMED"
    CHILD_OBJECTED = "CHILD_OBJECTED"
    REPRESENTATION_REVOKED = "REPRESENTATION_REVOKED"
    REPRESENTATION_ENDED = "REPRESENTATION_ENDED"


@dataclass(frozen=True)
class Transition:
    """One legal step: from, act, to, who may, what the others learn."""

    before: Status | None
    act: Act
    after: Status
    who: frozenset[Party]
    fact: Fact


def _rows(before: tuple[Status, ...], act: Act, after: Status, who: frozenset[Party], fact: Fact) -> list[Transition]:
    return [Transition(status, act, after, who, fact) for status in before]


_OPEN = (Status.ACTIVE, Status.AWAITING_CHILD, Status.OBJECTED)
_CHILD, _SYSTEM, _OFFICER = (frozenset({party}) for party in (Party.REPRESENTED, Party.SYSTEM, Party.OFFICER))
_EITHER = frozenset({Party.REPRESENTED, Party.REPRESENTATIVE})

LIFECYCLE: tuple[Transition, ...] = (
    Transition(None, Act.GRANT, Status.ACTIVE, _OFFICER | _EITHER, Fact.REPRESENTATION_GRANTED),
    Transition(None, Act.GRANT_UNHEARD, Status.AWAITING_CHILD, _OFFICER, Fact.REPRESENTATION_GRANTED),
    Transition(Status.ACTIVE, Act.ASK_CHILD, Status.AWAITING_CHILD, _SYSTEM, Fact.CHILD_ASKED),
    *_rows((Status.AWAITING_CHILD, Status.OBJECTED), Act.CONFIRM, Status.ACTIVE, _CHILD, Fact.CHILD_CONFIRMED),
    *_rows((Status.AWAITING_CHILD,), Act.OBJECT, Status.OBJECTED, _CHILD, Fact.CHILD_OBJECTED),
    *_rows(_OPEN, Act.REVOKE, Status.REVOKED, _EITHER, Fact.REPRESENTATION_REVOKED),
    *_rows(_OPEN, Act.END, Status.ENDED, _OFFICER, Fact.REPRESENTATION_ENDED),
    *_rows(_OPEN, Act.RUN_OUT, Status.ENDED, _SYSTEM, Fact.REPRESENTATION_ENDED),
)

OVER = frozenset({Status.REVOKED, Status.ENDED})
OF_CHILDREN = frozenset({Kind.PARENT, Kind.GUARDIAN})
# Reading and care protect the child and do not wait for its answer; what disposes does (domain reference 6.1).
UNHEARD_SCOPES = frozenset({Scope.IDENTITY_READ, Scope.DOSSIER_READ, Scope.CONSULTATION_READ, Scope.CONSULTATION_WRITE})
OFFICER_END_CAUSES = frozenset({EndCause.COURT_DECISION, EndCause.DEATH, EndCause.ENTERED_WRONGLY})
# What ends it must say so: one document does not do for another.
END_DOCUMENTS: Mapping[EndCause, frozenset[str]] = {
    EndCause.COURT_DECISION: frozenset({"COURT_DECISION"}),
    # The extract of the death register, or a court declares somebody dead (Civil Code 91/2015/QH13, article 71).
    EndCause.DEATH: frozenset({"DEATH_RECORD", "COURT_DECISION"}),
}
PURPOSE_SCOPES: Mapping[AuthorisationPurpose, tuple[Scope, ...]] = {
    AuthorisationPurpose.PUBLIC_SERVICES: (Scope.DOSSIER_READ, Scope.DOSSIER_WRITE),
    AuthorisationPurpose.CARE: (Scope.CONSULTATION_READ, Scope.CONSULTATION_WRITE),
}


@dataclass(frozen=True)
class KindRule:
    """What holds for one kind: the scopes it may have, the documents it may rest on, who of the two may end it.

    `are_scopes_named`: nothing is meant by itself, the document says what.
    """

    scopes: tuple[Scope, ...]
    documents: frozenset[str]
    enders: frozenset[Party] = frozenset()
    are_scopes_named: bool = False


_EVERYTHING = tuple(Scope)
KIND_RULES: Mapping[Kind, KindRule] = {
    Kind.PARENT: KindRule(_EVERYTHING, frozenset({"BIRTH_CERTIFICATE", "CIVIL_STATUS_RECORD", "COURT_DECISION"})),
    Kind.GUARDIAN: KindRule(_EVERYTHING, frozenset({"COURT_DECISION", "CIVIL_STATUS_RECORD", "OFFICE_RECORD"})),
    # The court decides within which bounds (Civil Code 91/2015/QH13, articles 22 to 24), and when it is over.
    Kind.LIMITED_CAPACITY: KindRule(_EVERYTHING, frozenset({"COURT_DECISION"}), are_scopes_named=True),
    # Rests on a membership, which has the scopes of its role and begins and ends with the organisation's own acts.
    Kind.ORGANISATION: KindRule((), frozenset()),
    Kind.AUTHORISATION: KindRule(
        tuple(scope for scopes in PURPOSE_SCOPES.values() for scope in scopes), frozenset({"OFFICE_RECORD"}), _EITHER
    ),
    Kind.HEIR: KindRule(
        (Scope.IDENTITY_READ, Scope.DOSSIER_READ, Scope.DOSSIER_WRITE),
        frozenset({"INHERITANCE_AGREEMENT", "INHERITANCE_DECLARATION", "COURT_DECISION"}),
        frozenset({Party.REPRESENTATIVE}),
    ),
}


def find_transition(before: Status | None, act: Act) -> Transition | None:
    """Return the legal step of an act from a status (None: there is no representation yet)."""
    return next((step for step in LIFECYCLE if step.before is before and step.act is act), None)


@dataclass(frozen=True)
class Represented:
    """The represented party: what it is, and its id of that kind."""

    kind: RepresentedKind
    id: UUID


@dataclass(frozen=True)
class Period:
    """First and last legal day; None is an open end."""

    first: date
    last: date | None = None


@dataclass(frozen=True)
class End:
    """Why and when it was over."""

    cause: EndCause
    at: datetime


@dataclass(frozen=True)
class Representation:
    """One representation without its evidence; `granted` is what it has once everybody was heard."""

    representation_id: UUID
    kind: Kind
    represented: Represented
    representative_id: UUID
    granted: tuple[Scope, ...]
    status: Status
    period: Period
    version: int
    end: End | None = None
    is_child_heard: bool = False

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What may be done now, between the first and the last day."""
        if self.status in OVER:
            return ()
        if self.status is Status.ACTIVE:
            return self.granted
        return tuple(scope for scope in self.granted if scope in UNHEARD_SCOPES)

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The citizens it is about: an organisation is none."""
        is_citizen = self.represented.kind is RepresentedKind.CITIZEN
        return (self.represented.id, self.representative_id) if is_citizen else (self.representative_id,)
