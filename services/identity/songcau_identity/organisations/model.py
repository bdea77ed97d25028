"""The words of organisations: kinds, roles and what they let do, and three lifecycles as tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from songcau_identity.representations.model import EndCause, Scope


class OrganisationKind(StrEnum):
    """What an organisation is; it decides which form its identifier has."""

    ENTERPRISE = "ENTERPRISE"
    COOPERATIVE = "COOPERATIVE"
    DEPENDENT_UNIT = "DEPENDENT_UNIT"
    HOUSEHOLD_BUSINESS = "HOUSEHOLD_BUSINESS"
    OTHER = "OTHER"


class OrganisationState(StrEnum):
    """Where an organisation stands."""

    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    ACTIVE = "ACTIVE"
    AWAITING_REPRESENTATIVE = "AWAITING_REPRESENTATIVE"
    REFUSED = "REFUSED"
    DISSOLVED = "DISSOLVED"


class RegisterFinding(StrEnum):
    """What the business register said of a founder."""

    CONFIRMED = "CONFIRMED"
    REPRESENTATIVE_DIFFERS = "REPRESENTATIVE_DIFFERS"
    NOT_FOUND = "NOT_FOUND"
    NOT_CONNECTED = "NOT_CONNECTED"


class Role(StrEnum):
    """What a member is in an organisation."""

    LEGAL_REPRESENTATIVE = "LEGAL_REPRESENTATIVE"
    ADMINISTRATOR = "ADMINISTRATOR"
    SUBMITTER = "SUBMITTER"
    VIEWER = "VIEWER"


class MemberState(StrEnum):
    """Where a membership stands."""

    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class MemberEnd(StrEnum):
    """Why a membership is over."""

    DECLINED = "DECLINED"
    LEFT = "LEFT"
    REMOVED = "REMOVED"
    ROLE_CHANGED = "ROLE_CHANGED"
    REPRESENTATIVE_CHANGED = "REPRESENTATIVE_CHANGED"
    ORGANISATION_REFUSED = "ORGANISATION_REFUSED"
    ORGANISATION_DISSOLVED = "ORGANISATION_DISSOLVED"
    REPRESENTATION_ENDED = "REPRESENTATION_ENDED"
    RECORD_ERASED = "RECORD_ERASED"
    DEATH = "DEATH"


class ProposalState(StrEnum):
    """Where a claim to be the legal representative stands."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    LAPSED = "LAPSED"


class OrganisationAct(StrEnum):
    """What happens to an organisation."""

    FOUND = "FOUND"
    FOUND_CONFIRMED = "FOUND_CONFIRMED"
    CONFIRM = "CONFIRM"
    REFUSE = "REFUSE"
    CHANGE_REPRESENTATIVE = "CHANGE_REPRESENTATIVE"
    LOSE_REPRESENTATIVE = "LOSE_REPRESENTATIVE"
    DISSOLVE = "DISSOLVE"


class MemberAct(StrEnum):
    """What happens to a membership."""

    FOUND = "FOUND"
    INVITE = "INVITE"
    BEGIN = "BEGIN"
    CONFIRM = "CONFIRM"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    LEAVE = "LEAVE"
    REMOVE = "REMOVE"
    END = "END"


class ProposalAct(StrEnum):
    """What happens to a claim to be the legal representative."""

    PROPOSE = "PROPOSE"
    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    LAPSE = "LAPSE"


class Party(StrEnum):
    """Who takes a step."""

    FOUNDER = "FOUNDER"
    MEMBER = "MEMBER"
    MANAGER = "MANAGER"
    OFFICER = "OFFICER"
    SYSTEM = "SYSTEM"


State = TypeVar("State", bound=StrEnum)
Act = TypeVar("Act", bound=StrEnum)


@dataclass(frozen=True)
class Transition(Generic[State, Act]):
    """One legal step: from (None: there is nothing yet), act, to, who may."""

    before: State | None
    act: Act
    after: State
    who: frozenset[Party]


_O, _OA, _M, _MA, _P, _PA = OrganisationState, OrganisationAct, MemberState, MemberAct, ProposalState, ProposalAct
_FOUNDER, _MEMBER, _MANAGER, _OFFICER, _SYSTEM = (frozenset({party}) for party in Party)
OPEN_STATES = (_O.AWAITING_CONFIRMATION, _O.ACTIVE, _O.AWAITING_REPRESENTATIVE)

ORGANISATION_LIFECYCLE: tuple[Transition[OrganisationState, OrganisationAct], ...] = (
    Transition(None, _OA.FOUND, _O.AWAITING_CONFIRMATION, _FOUNDER),
    Transition(None, _OA.FOUND_CONFIRMED, _O.ACTIVE, _FOUNDER),
    Transition(_O.AWAITING_CONFIRMATION, _OA.CONFIRM, _O.ACTIVE, _OFFICER),
    Transition(_O.AWAITING_CONFIRMATION, _OA.REFUSE, _O.REFUSED, _OFFICER),
    *(Transition(before, _OA.CHANGE_REPRESENTATIVE, _O.ACTIVE, _OFFICER) for before in OPEN_STATES),
    # Nobody confirms an organisation whose founder is gone; its identifier is free for whoever comes next.
    Transition(_O.AWAITING_CONFIRMATION, _OA.LOSE_REPRESENTATIVE, _O.REFUSED, _SYSTEM),
    Transition(_O.ACTIVE, _OA.LOSE_REPRESENTATIVE, _O.AWAITING_REPRESENTATIVE, _OFFICER | _SYSTEM),
    Transition(_O.ACTIVE, _OA.DISSOLVE, _O.DISSOLVED, _OFFICER | _SYSTEM),
    Transition(_O.AWAITING_REPRESENTATIVE, _OA.DISSOLVE, _O.DISSOLVED, _OFFICER),
)

MEMBER_LIFECYCLE: tuple[Transition[MemberState, MemberAct], ...] = (
    Transition(None, _MA.FOUND, _M.AWAITING_CONFIRMATION, _FOUNDER),
    Transition(None, _MA.INVITE, _M.INVITED, _MANAGER),
    # A founder whom the register names, a representative whom an officer accepted, a member in another role.
    Transition(None, _MA.BEGIN, _M.ACTIVE, _FOUNDER | _OFFICER | _MANAGER),
    Transition(_M.AWAITING_CONFIRMATION, _MA.CONFIRM, _M.ACTIVE, _OFFICER),
    Transition(_M.INVITED, _MA.ACCEPT, _M.ACTIVE, _MEMBER),
    Transition(_M.INVITED, _MA.DECLINE, _M.ENDED, _MEMBER),
    Transition(_M.ACTIVE, _MA.LEAVE, _M.ENDED, _MEMBER),
    *(Transition(before, _MA.REMOVE, _M.ENDED, _MANAGER) for before in (_M.INVITED, _M.ACTIVE)),
    *(
        Transition(before, _MA.END, _M.ENDED, _OFFICER | _SYSTEM | _MANAGER)
        for before in (_M.AWAITING_CONFIRMATION, _M.INVITED, _M.ACTIVE)
    ),
)

PROPOSAL_LIFECYCLE: tuple[Transition[ProposalState, ProposalAct], ...] = (
    Transition(None, _PA.PROPOSE, _P.PENDING, _FOUNDER),
    Transition(_P.PENDING, _PA.ACCEPT, _P.ACCEPTED, _OFFICER),
    Transition(_P.PENDING, _PA.REFUSE, _P.REFUSED, _OFFICER),
    Transition(_P.PENDING, _PA.LAPSE, _P.LAPSED, _SYSTEM),
)


def find_step(
    lifecycle: tuple[Transition[State, Act], ...], before: State | None, act: Act
) -> Transition[State, Act] | None:
    """Return the legal step of an act from a state."""
    return next((step for step in lifecycle if step.before is before and step.act is act), None)


@dataclass(frozen=True)
class RoleRule:
    """What a role lets do in the organisation's name, and whose memberships it makes, changes and ends."""

    scopes: tuple[Scope, ...]
    manages: frozenset[Role] = frozenset()


_READ = (Scope.IDENTITY_READ, Scope.DOSSIER_READ)
_FILE = (*_READ, Scope.DOSSIER_WRITE)
# Scopes of care are in no role: an organisation has no consultations.
ROLES: Mapping[Role, RoleRule] = {
    Role.LEGAL_REPRESENTATIVE: RoleRule(
        (*_FILE, Scope.ACCESS_READ), frozenset({Role.ADMINISTRATOR, Role.SUBMITTER, Role.VIEWER})
    ),
    Role.ADMINISTRATOR: RoleRule(_FILE, frozenset({Role.SUBMITTER, Role.VIEWER})),
    Role.SUBMITTER: RoleRule(_FILE),
    Role.VIEWER: RoleRule(_READ),
}

# Why an invitation is over when the membership it was made in is; else it was taken back.
INVITATION_ENDS = frozenset(
    {MemberEnd.REPRESENTATIVE_CHANGED, MemberEnd.ORGANISATION_REFUSED, MemberEnd.ORGANISATION_DISSOLVED}
)

# How the services learn why a membership that was in force is over.
REPRESENTATION_ENDS: Mapping[MemberEnd, EndCause] = {
    MemberEnd.LEFT: EndCause.RENOUNCED,
    MemberEnd.REMOVED: EndCause.REVOKED_BY_REPRESENTED,
    MemberEnd.ROLE_CHANGED: EndCause.ROLE_CHANGED,
    MemberEnd.REPRESENTATIVE_CHANGED: EndCause.REPRESENTATIVE_CHANGED,
    MemberEnd.ORGANISATION_DISSOLVED: EndCause.ORGANISATION_DISSOLVED,
    MemberEnd.RECORD_ERASED: EndCause.RECORD_ERASED,
    MemberEnd.DEATH: EndCause.DEATH,
}


@dataclass(frozen=True)
class Organisation:
    """The state of an organisation without its name and identifier.

    `is_owner_s` says that its identifier is the personal number of its owner.
    """

    organisation_id: UUID
    kind: OrganisationKind
    unit_code: str
    state: OrganisationState
    finding: RegisterFinding
    is_owner_s: bool
    version: int
    created_at: datetime


@dataclass(frozen=True)
class Member:
    """One membership; `representation_id` is what the services know of it once it is in force.

    `invited_in` is the membership in which the invitation was made, None where there was none or nobody wrote it down.
    """

    member_id: UUID
    organisation_id: UUID
    citizen_id: UUID
    role: Role
    state: MemberState
    version: int
    created_at: datetime
    representation_id: UUID | None = None
    end: MemberEnd | None = None
    ended_at: datetime | None = None
    invited_in: UUID | None = None


@dataclass(frozen=True)
class Proposal:
    """One claim to be the legal representative."""

    proposal_id: UUID
    organisation_id: UUID
    citizen_id: UUID
    state: ProposalState
    version: int
    created_at: datetime
