"""`songcau realm`: brings a running Keycloak to what the realm file declares, after showing what that means."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

if TYPE_CHECKING:
    from songcau_local.realm.planner import RealmPlanner, Step

from songcau_local import console, control, key_material
from songcau_local.client_keys import create_missing
from songcau_local.client_keys import realm_variables as realm_variables_of
from songcau_local.errors import StackError
from songcau_local.layout import Layout
from songcau_local.options import DEFAULT_STATE, State
from songcau_local.process_table import REALM_FILE, realm_variables

Server = Annotated[
    str, typer.Option("--server", help="address of a Keycloak; none: the one of the full stack in the state folder")
]
User = Annotated[str, typer.Option("--user", help="administrator of the server's master realm")]
Password = Annotated[
    str, typer.Option("--password", envvar="SONGCAU_KEYCLOAK_PASSWORD", help="that administrator's password")
]
ClientKeys = Annotated[
    Path | None,
    typer.Option("--client-keys", help="folder of `client-keys`, whose public halves the server gets; with --server"),
]
STYLES = {"create": "green", "change": "yellow", "undeclared": "red"}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    realm = typer.Typer(help="The realm of a running Keycloak: plan first, never deletes.", no_args_is_help=True)
    realm.command("plan")(plan)
    realm.command("apply")(apply)
    realm.command("client-keys")(make_client_keys)
    app.add_typer(realm, name="realm")


def plan(
    server: Server = "",
    user: User = "",
    password: Password = "",
    client_keys: ClientKeys = None,
    state: State = DEFAULT_STATE,
) -> None:
    """Show where the server has drifted from the realm file; exit 2 where it has."""
    from songcau_local.full.administration import told

    with told():
        steps = _planner(Access(server, user, password, client_keys), state).plan()
    show(steps)
    if steps:
        raise typer.Exit(2)


def apply(
    server: Server = "",
    user: User = "",
    password: Password = "",
    client_keys: ClientKeys = None,
    state: State = DEFAULT_STATE,
) -> None:
    """Create what is missing and change what differs; what nobody declared is named and left to a person."""
    from songcau_local.full.administration import told
    from songcau_local.realm.planner import Kind

    with told():
        steps = _planner(Access(server, user, password, client_keys), state).apply()
    show(steps)
    if any(step.kind is Kind.UNDECLARED for step in steps):
        raise StackError("some objects are not declared; the rest is done")


def make_client_keys(folder: Annotated[Path, typer.Argument(help="where the keys are, or are made")]) -> None:
    """Make the keys of the gateway's own clients at Keycloak where they are missing; safe to repeat."""
    for file in create_missing(folder):
        console.say(str(file))


def show(steps: "list[Step]") -> None:
    """Print steps."""
    if not steps:
        console.say("the realm is as its file declares")
        return
    table = Table(box=None, padding=(0, 2))
    for title in ("step", "what", "detail"):
        table.add_column(title, header_style="dim")
    for step in steps:
        table.add_row(step.kind.value, step.subject, step.detail, style=STYLES[step.kind.value])
    console.OUT.print(table)


@dataclass(frozen=True)
class Access:
    """How a Keycloak that is not the stack's own is reached, and the keys its clients get."""

    server: str
    user: str
    password: str = field(repr=False)
    client_keys: Path | None


def _planner(access: Access, state: Path) -> "RealmPlanner":
    from songcau_local.full.administration import administration_at, open_administration
    from songcau_local.realm.declared import is_loopback, load_declared, require_no_loopback
    from songcau_local.realm.planner import RealmPlanner

    if access.server:
        keys = realm_variables_of(access.client_keys) if access.client_keys else {}
        variables = {**os.environ, **keys}
        if not is_loopback(access.server):
            require_no_loopback(REALM_FILE, variables)
        admin = administration_at(access.server, access.user, access.password)
        return RealmPlanner(admin, load_declared(REALM_FILE, variables))
    layout = Layout.open(state)
    if not layout.is_full:
        raise StackError("this stack has no Keycloak: name one with --server, or start one with `songcau up --full`")
    control.require_up(layout)
    secrets = key_material.load_or_make(layout)
    return RealmPlanner(
        open_administration(layout, secrets), load_declared(REALM_FILE, realm_variables(layout, secrets))
    )
