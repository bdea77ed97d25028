"""`songcau demo`, `songcau token`: the stack as outside people use it."""

from pathlib import Path
from typing import Annotated

import typer

from songcau_local import console, control
from songcau_local.layout import Layout
from songcau_local.options import DEFAULT_STATE, State


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(demo)
    app.command()(token)
    app.command()(code)


def demo(state: State = DEFAULT_STATE) -> None:
    """Run the main job over HTTP, from sign-in to signed result, and tell each step."""
    from songcau_local.demo.story import run

    layout = Layout.open(Path(state))
    if not control.is_up(layout):
        control.start(layout)
    if not run(layout):
        raise typer.Exit(1)


def token(
    person: Annotated[str, typer.Argument(help="a demo account, such as `an` or `officer.lahien`")],
    state: State = DEFAULT_STATE,
) -> None:
    """Sign a demo person in and print their access token, for `curl -H "Authorization: Bearer $(songcau token an)"`."""
    from songcau_local.browser import sign_in

    layout = Layout.open(Path(state))
    control.require_up(layout)
    console.plain(sign_in(layout, person).access)


def code(
    person: Annotated[str, typer.Argument(help="a member of staff, such as `officer.lahien`")],
    state: State = DEFAULT_STATE,
) -> None:
    """Show the second factor to type into the sign-in page, as an authenticator app would."""
    from songcau_local.browser import second_factor

    (shown,) = second_factor(Layout.open(Path(state)), person).values()
    console.plain(shown)
