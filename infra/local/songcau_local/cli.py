"""The `songcau` command: starts, shows, seeds, tries and stops the local stack."""

import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from songcau_local import console, control
from songcau_local.errors import StackError
from songcau_local.layout import Layout
from songcau_local.options import DEFAULT_STATE, Full, Offset, State

app = typer.Typer(
    name="songcau",
    help="Sông Cầu on this machine: a whole province in a folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def up(
    state: State = DEFAULT_STATE,
    port_offset: Offset = None,
    full: Full = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="stay and show the log; Ctrl-C stops")] = False,
) -> None:
    """Start the stack and wait until every process is ready."""
    layout = Layout.open(state, port_offset=port_offset, is_full=full)
    if control.is_up(layout):
        if layout.is_full is not Layout.open(state).is_full:
            raise StackError("the stack is up with other parts: `songcau down` first, then start it again")
        console.say("the stack is already up")
    elif foreground:
        run_supervisor(layout, echo=True)
        return
    else:
        control.start(layout)
    console.show_addresses(layout)


@app.command()
def down(state: State = DEFAULT_STATE) -> None:
    """Stop the stack; its data stays."""
    console.say("stopped" if control.stop(Layout.open(state)) else "the stack is not up")


@app.command()
def reset(
    state: State = DEFAULT_STATE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Stop the stack and forget its data, keys and logs."""
    if not state.exists():
        console.say(f"there is nothing at {state}")
        return
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Remove everything in {state}?", abort=True)
    control.remove(state)
    console.say(f"{state} is gone; `songcau up` starts anew")


@app.command()
def status(state: State = DEFAULT_STATE) -> None:
    """Show each process: whether it runs, since when, how often it was restarted."""
    if not console.show_status(Layout.open(state)):
        raise typer.Exit(1)


@app.command(hidden=True)
def supervise(state: State = DEFAULT_STATE, port_offset: Offset = None, full: Full = None) -> None:
    """Be the supervisor; `up` starts this."""
    run_supervisor(Layout.open(state, port_offset=port_offset, is_full=full), echo=False)


def run_supervisor(layout: Layout, *, echo: bool) -> None:
    """Run a supervisor in this process until a signal ends it."""
    from songcau_local.supervisor import Supervisor

    supervisor = Supervisor(layout, echo=echo)
    _on_signals(supervisor.end)
    supervisor.run()


def main() -> None:
    """Run a command; what a person can mend is told in one sentence."""
    from songcau_local.commands import audit, data, realm, topics, trying

    audit.add_to(app)
    data.add_to(app)
    realm.add_to(app)
    topics.add_to(app)
    trying.add_to(app)
    try:
        app()
    except StackError as error:
        console.complain(str(error))
        sys.exit(1)


def _on_signals(end: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end())
