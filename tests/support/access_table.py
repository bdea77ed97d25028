"""The table of access as tests read it, and the callers they make of it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from songcau_kit.caller import Caller
from songcau_kit.errors import DomainError

TABLE: Mapping[str, Any] = yaml.safe_load((Path(__file__).resolve().parents[2] / "proto/access.yaml").read_text())
ROLES: tuple[str, ...] = tuple(TABLE["roles"])
RELATIONS: tuple[str, ...] = tuple(TABLE["relations"])


@dataclass(frozen=True)
class Row:
    """What the table says of one RPC or one route of the gateway's own."""

    name: str
    scopes: frozenset[str]
    who: Mapping[str, tuple[str, ...]]

    @property
    def is_open(self) -> bool:
        """Whether it asks for no token."""
        return "anyone" in self.who

    @property
    def roles(self) -> frozenset[str]:
        """The roles that get past the door by themselves; none where any will do."""
        return frozenset(role for role in ROLES if role in self.who and self.admits(role))

    def admits(self, role: str) -> bool:
        """Whether the door lets a caller in who has this role alone."""
        return self.is_open or "signed-in" in self.who or self.who.get(role, ("assisted",)) != ("assisted",)

    def allows(self, role: str, relation: str) -> bool:
        """Whether that caller may act in this relation."""
        return relation in self.who.get(role, ())


def row(name: str, cells: Mapping[str, Any]) -> Row:
    who = {role: tuple(relations) for role, relations in cells.items() if role != "scope"}
    return Row(name, frozenset(str(cells.get("scope", "")).split()), who)


RPCS: Mapping[str, Row] = {
    f"{service}/{method}": row(f"{service}/{method}", cells)
    for service, methods in TABLE["rpcs"].items()
    for method, cells in methods.items()
}
ROUTES: Mapping[str, Row] = {
    route: RPCS[meant] if isinstance(meant, str) else row(route, meant) for route, meant in TABLE["routes"].items()
}


def caller(roles: Iterable[str], scopes: Iterable[str]) -> Caller:
    """Return a caller as a verified token makes them."""
    return Caller("somebody", "some-app", roles=frozenset(roles), scopes=frozenset(scopes))


def cases(rows: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    """Yield every pair of row and role."""
    return ((name, role) for name in rows for role in ROLES)


def was_allowed(call: Callable[[], Any], denials: Collection[str]) -> bool:
    """Say whether the caller got past the rules of who may; what came afterwards does not matter.

    `denials` are the reasons that tell somebody that they may not; a call that returns False showed nothing.
    """
    try:
        return call() is not False
    except DomainError as error:
        return error.reason.code not in denials
