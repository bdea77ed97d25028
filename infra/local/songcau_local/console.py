"""What the person at the terminal sees: sentences, a progress line, tables."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from songcau_local.full.versions import describe
from songcau_local.layout import Layout
from songcau_local.people import demo_accounts
from songcau_local.status import State, find_status

OUT = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
ERRORS = Console(stderr=True, highlight=False)
COLOURS = {State.READY: "green", State.STARTING: "yellow", State.RESTARTING: "yellow", State.FAILED: "red"}
TOLD_AGAIN_AFTER_SECONDS = 2.0


def say(text: str) -> None:
    """Print one sentence."""
    OUT.print(f"[cyan]▸[/] {escape(text)}")


def complain(text: str) -> None:
    """Print what went wrong and what to do."""
    ERRORS.print(f"[bold red]✗[/] {escape(text)}", soft_wrap=True)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show what goes on: a live line at a terminal, else a line whenever something new lasts."""
    if OUT.is_terminal:
        with OUT.status(f"[cyan]{escape(title)}") as line:
            yield lambda detail: line.update(f"[cyan]{escape(title)}[/] {escape(detail)}")
        return
    said, said_at = "", time.monotonic()

    def tell(detail: str) -> None:
        nonlocal said, said_at
        if detail != said and time.monotonic() - said_at >= TOLD_AGAIN_AFTER_SECONDS:
            say(f"{title}: {detail}")
            said, said_at = detail, time.monotonic()

    yield tell


def show_addresses(layout: Layout) -> None:
    """Print where everything is, who can sign in and what to try next."""
    table = Table(title="Sông Cầu", title_justify="left", show_header=False, box=None, padding=(0, 2))
    for name, address in (
        ("API", f"{layout.url('gateway')}/v1"),
        ("API documentation", f"{layout.url('gateway')}/docs"),
        ("sign-in (Keycloak)" if layout.is_full else "sign-in (issuer)", layout.realm),
        *((("Kafka", layout.address("kafka")),) if layout.is_full else ()),
        ("VNeID simulator", layout.url("vneid")),
        ("payment simulator", layout.url("payment")),
        ("national portal simulator", layout.url("portal")),
        ("message sink", layout.url("messages")),
        ("PostgreSQL", layout.database("postgres", "postgres")),
        ("logs", str(layout.logs / "stack.log")),
    ):
        table.add_row(f"[bold]{name}[/]", escape(address))
    OUT.print(table)
    people = Table(title="\nDemo accounts", title_justify="left", box=None, padding=(0, 2))
    for title in ("name", "sign-in", "what they are"):
        people.add_column(title, style="bold" if title == "name" else "", header_style="dim")
    for account in demo_accounts():
        people.add_row(account.name, account.sign_in, account.description)
    OUT.print(people)
    OUT.print("\n[dim]next:[/] [bold]make demo[/]   [dim]or[/]   [bold].venv/bin/songcau token an[/]")


def show_status(layout: Layout) -> bool:
    """Print each process of the stack; return whether the stack is up."""
    status = find_status(layout.status_file)
    if status is None or not status.is_alive:
        say("the stack is not up: `songcau up` starts it")
        return False
    table = Table(
        title=f"{status.phase.value.lower()}: {escape(status.detail)}", title_justify="left", box=None, padding=(0, 2)
    )
    for title in ("process", "state", "pid", "up for", "restarts", "what it is"):
        table.add_column(title, header_style="dim")
    for item in status.processes:
        process = item.running.find() if item.running else None
        since = f"{time.time() - process.create_time():.0f} s" if process else "-"
        state = f"[{COLOURS.get(item.state, 'dim')}]{item.state.value.lower()}[/]"
        pid = str(process.pid) if process else "-"
        table.add_row(item.name, state, pid, since, str(item.restarts), describe(item.name))
    OUT.print(table)
    return True


def plain(text: str) -> None:
    """Print text for another program to read."""
    sys.stdout.write(text + "\n")
