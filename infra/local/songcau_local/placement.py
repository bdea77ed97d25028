"""Where the platform's own processes run: on this machine as they are, or somewhere else that a caller provides."""

from collections.abc import Callable
from dataclasses import dataclass

from songcau_local.databases import Migrate, migrate_here
from songcau_local.programs import Program


def as_it_is(program: Program) -> Program:
    """Leave a program as it is."""
    return program


@dataclass(frozen=True)
class Placement:
    """How a process is started and how a service's database is migrated."""

    program: Callable[[Program], Program] = as_it_is
    migrate: Migrate = migrate_here


HERE = Placement()
