"""Plans and takes the steps that bring a running realm to what the file declares."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from keycloak import KeycloakAdmin

from songcau_local.realm.administration import (
    AdministrationPermissions,
    AdministrationPolicies,
    Administrators,
    ClosedClients,
)
from songcau_local.realm.differences import differences
from songcau_local.realm.flows import Flows
from songcau_local.realm.sections import Clients, ClientScopes, Groups, RealmSettings, Roles, Section, UserProfile
from songcau_local.realm.sections_of_people import (
    AdministrationScopes,
    IdentityProviders,
    ProviderMappers,
    ScopeMappings,
    SystemAccounts,
)

# What others refer to comes first; the realm's settings name flows, so they come after them. Permissions come before
# the wider roles of systems go, so that a system that works goes on working.
ORDER = (
    Roles,
    Groups,
    Flows,
    RealmSettings,
    UserProfile,
    ClientScopes,
    Clients,
    ClosedClients,
    ScopeMappings,
    AdministrationPolicies,
    AdministrationPermissions,
    Administrators,
    AdministrationScopes,
    SystemAccounts,
    IdentityProviders,
    ProviderMappers,
)


class Kind(StrEnum):
    """What a step does."""

    CREATE = "create"
    CHANGE = "change"
    UNDECLARED = "undeclared"


@dataclass(frozen=True)
class Step:
    """One object that is not as declared."""

    kind: Kind
    subject: str
    detail: str
    section: Section = field(repr=False, compare=False)
    name: str
    wanted: dict[str, Any] = field(repr=False, compare=False, default_factory=dict)
    found: dict[str, Any] = field(repr=False, compare=False, default_factory=dict)

    def take(self) -> None:
        """Do it; what nobody declared is left to a person, for it may be in use."""
        if self.kind is Kind.CREATE:
            self.section.create(self.name, self.wanted)
        elif self.kind is Kind.CHANGE:
            self.section.update(self.name, self.wanted, self.found)


class RealmPlanner:
    """Compares one realm with its file."""

    def __init__(self, admin: KeycloakAdmin, declared: dict[str, Any]) -> None:
        self._sections: Sequence[Section] = [section(admin, declared) for section in ORDER]

    def plan(self) -> list[Step]:
        """Return every step, in the order in which they can be taken."""
        return [step for section in self._sections for step in _steps(section)]

    def apply(self) -> list[Step]:
        """Take the steps section by section, as one may need what the one before made; return those taken and left."""
        done: list[Step] = []
        for section in self._sections:
            for step in _steps(section):
                step.take()
                done.append(step)
        return done


def _steps(section: Section) -> list[Step]:
    declared, found = section.declared(), section.found()
    steps = []
    for name, wanted in declared.items():
        if name not in found:
            steps.append(Step(Kind.CREATE, section.kind, name, section, name, wanted))
            continue
        drift = list(differences(wanted, found[name]))
        if drift:
            told = f"{name}: " + "; ".join(map(str, drift))
            steps.append(Step(Kind.CHANGE, section.kind, told, section, name, wanted, found[name]))
    extra = sorted(found.keys() - declared.keys())
    return steps + [Step(Kind.UNDECLARED, section.kind, name, section, name) for name in extra]
