"""`songcau events`, `songcau dlq`, `songcau catalogue`, `songcau check`: what is in the stack and what goes in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from songcau_kit import dead_letters
from songcau_kit.bus import Bus, BusUnavailableError, RecordTooLargeError, open_bus

from songcau_local import console, control
from songcau_local.databases import SERVICES
from songcau_local.errors import StackError
from songcau_local.event_log import read_events
from songcau_local.layout import Layout
from songcau_local.machine import check_ports, check_room
from songcau_local.national_catalogue import run_import
from songcau_local.options import DEFAULT_STATE, Offset, State

BusAddress = Annotated[
    str, typer.Option("--bus", envvar="SONGCAU_BUS_URL", help="kafka://… of a cluster; none: the bus of the stack")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(events)
    dead = typer.Typer(help="Events that a consumer could not handle or the bus refused.", no_args_is_help=True)
    dead.command("list")(list_dead_letters)
    dead.command("replay")(replay_dead_letters)
    app.add_typer(dead, name="dlq")
    catalogue = typer.Typer(help="The catalogue of procedures.", no_args_is_help=True)
    catalogue.command("import")(import_catalogue)
    app.add_typer(catalogue, name="catalogue")
    check = typer.Typer(help="Whether this machine can take a stack.", no_args_is_help=True)
    check.command("ports")(ports)
    app.add_typer(check, name="check")


def events(
    dossier: Annotated[str, typer.Option("--dossier", help="only the events of this dossier (its id)")] = "",
    topic: Annotated[str, typer.Option("--topic", help="only this topic")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="each event's content as JSON")] = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show the event log, oldest first."""
    found = read_events(Layout.open(state), topics=[topic] if topic else None, aggregate_id=dossier)
    table = Table(box=None, padding=(0, 2))
    for title in ("time", "topic", "aggregate", "version", "fact"):
        table.add_column(title, header_style="dim")
    for event in found:
        if whole:
            console.plain(json.dumps(event.content, ensure_ascii=False))
        time = event.published_at.strftime("%H:%M:%S.%f")[:-3]
        table.add_row(time, event.topic, event.key, str(event.version), event.fact)
    if not whole:
        console.OUT.print(table)


def list_dead_letters(bus: BusAddress = "", state: State = DEFAULT_STATE) -> None:
    """Show what consumers gave up on or the bus refused, and nobody replayed yet, with the reason."""
    table = Table(box=None, padding=(0, 2))
    for title in ("group", "event", "topic", "key", "fault", "cause", "time"):
        # An id is there to be copied, at the narrowest terminal too.
        table.add_column(title, header_style="dim", min_width=36 if title == "event" else None)
    with _opened(bus, state) as opened:
        for group in SERVICES:
            for letter in dead_letters.list_dead_letters(opened, group):
                time = letter.died_at.strftime("%Y-%m-%d %H:%M:%S")
                table.add_row(group, letter.event_id, letter.topic, letter.key, letter.fault, letter.cause, time)
    console.OUT.print(table if table.row_count else "[green]no dead letters[/]")


def replay_dead_letters(
    group: Annotated[str, typer.Argument(help="the service whose dead letters go back to their topics")],
    discard: Annotated[
        list[str] | None, typer.Option("--discard", help="id of an event that is given up instead; may be repeated")
    ] = None,
    bus: BusAddress = "",
    state: State = DEFAULT_STATE,
) -> None:
    """Put a service's dead letters back on the topics they came from; who handled one before passes it over."""
    given_up = discard or []
    if group not in SERVICES:
        raise StackError(f"there is no service {group}: {', '.join(SERVICES)}")
    with _opened(bus, state) as opened:
        replayed = dead_letters.replay_dead_letters(
            opened, group, is_wanted=lambda letter: letter.event_id not in given_up
        )
    console.say(f"{len(replayed)} events are back on their topics")


def import_catalogue(
    path: Annotated[Path, typer.Argument(help="folder of the national catalogue's files")], state: State = DEFAULT_STATE
) -> None:
    """Import the national catalogue of procedures; safe to repeat. Says what was read, normalised, refused and why."""
    layout = Layout.open(state)
    control.require_up(layout)
    if not path.is_dir():
        raise StackError(f"there is no folder {path}: give the one with catalog.jsonl")
    for line in run_import(layout, path):
        console.plain(line)


def ports(state: State = DEFAULT_STATE, port_offset: Offset = None) -> None:
    """Check that every port of the stack is free and that there is room on the disk."""
    layout = Layout.open(state, port_offset=port_offset)
    check_room(layout)
    if control.is_up(layout):
        console.say("the stack is up and holds its ports")
        return
    check_ports(layout)
    console.say(f"all {len(layout.ports)} ports are free")


@contextmanager
def _opened(address: str, state: Path) -> Iterator[Bus]:
    """Open the bus that is named, else the one of the stack; raises StackError where it does not answer."""
    if not address:
        layout = Layout.open(state)
        control.require_up(layout)
        address = layout.bus
    try:
        bus = open_bus(address, "songcau-command")
    except ValueError as error:
        raise StackError(str(error)) from error
    try:
        yield bus
    except BusUnavailableError as error:
        raise StackError(f"the bus cannot be reached: {error}") from error
    except RecordTooLargeError as error:
        raise StackError(f"{error}: let the topic take more, or give it up with --discard") from error
    finally:
        bus.close()
