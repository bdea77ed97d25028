"""`songcau topics`: brings a Kafka cluster to what the topic files declare, after showing what that means."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from songcau_kit.clock import SystemClock

if TYPE_CHECKING:
    from kafka.admin import KafkaAdminClient
    from songcau_kit._kafka_bus.plan import ClusterPlanner, Step

from songcau_local import console
from songcau_local.databases import SERVICES
from songcau_local.errors import StackError

Bus = Annotated[str, typer.Option("--bus", envvar="SONGCAU_BUS_URL", help="kafka://[user:password@]host:port[?…]")]
Permissions = Annotated[bool, typer.Option("--permissions/--no-permissions", help="grant to each service's principal")]
TIMES = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]
# What `apply` does not do.
LEFT = ("refused", "undeclared")
STYLES = {"refused": "red", "undeclared": "red", "create": "green", "add partitions": "green", "grant": "cyan"}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    topics = typer.Typer(help="The topics of a Kafka cluster: plan first, never deletes.", no_args_is_help=True)
    topics.command("plan")(plan)
    topics.command("apply")(apply)
    topics.command("rewind")(rewind)
    app.add_typer(topics, name="topics")


def plan(bus: Bus, permissions: Permissions = False) -> None:
    """Show what `apply` would do and what nobody declared; exit 2 where the cluster differs from the topic files."""
    with planner(bus, permissions=permissions) as cluster:
        steps = steps_for(cluster)
    show(steps)
    if steps:
        raise typer.Exit(2)


def apply(bus: Bus, permissions: Permissions = False) -> None:
    """Create missing topics, add partitions, set settings, grant permissions; never delete or make anything smaller."""
    steps = bring(bus, permissions=permissions)
    if any(step.kind.value in LEFT for step in steps):
        raise StackError("some steps are refused or not declared and left to a person; the rest is done")


def bring(bus: str, *, permissions: bool) -> "list[Step]":
    """Show a plan, carry out what can be, and return all of it."""
    with planner(bus, permissions=permissions) as cluster:
        steps = steps_for(cluster)
        show(steps)
        cluster.apply(steps)
    return steps


def rewind(
    group: Annotated[str, typer.Argument(help="the service that reads again; its `work` processes are stopped")],
    topic: Annotated[str, typer.Argument(help="the topic it reads")],
    to: Annotated[datetime, typer.Option("--to", formats=TIMES, help="a time, as 2026-11-27T08:00+07:00")],
    bus: Bus,
) -> None:
    """Set a service back in a topic, so that it reads again what followed; what it handled before it passes over."""
    if group not in SERVICES:
        raise StackError(f"there is no service {group}: {', '.join(SERVICES)}")
    with administration(bus) as admin:
        from songcau_kit._kafka_bus.rewind import RewindRefusedError
        from songcau_kit._kafka_bus.rewind import rewind as rewind_group

        try:
            moves = rewind_group(admin, group, topic, to=to, now=SystemClock().now())
        except RewindRefusedError as error:
            raise StackError(str(error)) from error
    for move in moves:
        console.plain(f"{topic}/{move.partition}: {move.before} → {move.after}")
    console.say(f"{sum(move.before - move.after for move in moves)} records come again to {group}")


def steps_for(cluster: "ClusterPlanner") -> "list[Step]":
    """Return the plan for every declared topic and every consumer's dead letters."""
    from songcau_kit._kafka_bus.plan import with_dead_letters
    from songcau_kit.topics import load_topics, topics_folder

    return cluster.plan(with_dead_letters(load_topics(topics_folder())))


def show(steps: "Sequence[Step]") -> None:
    """Print a plan."""
    if not steps:
        console.say("the cluster is as the topic files declare")
        return
    table = Table(box=None, padding=(0, 2))
    for title in ("step", "topic or group", "detail"):
        table.add_column(title, header_style="dim")
    for step in steps:
        table.add_row(step.kind.value, step.subject, step.detail, style=STYLES.get(step.kind.value, ""))
    console.OUT.print(table)


@contextmanager
def planner(bus: str, *, permissions: bool) -> "Iterator[ClusterPlanner]":
    """Open a planner on the cluster."""
    with administration(bus) as admin:
        from songcau_kit._kafka_bus.plan import ClusterPlanner

        yield ClusterPlanner(admin, has_permissions=permissions)


@contextmanager
def administration(bus: str) -> "Iterator[KafkaAdminClient]":
    """Open the cluster's administration; what goes wrong is one sentence, without the password."""
    # The Kafka client takes a second to import, which no other command should pay.
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError
    from songcau_kit._kafka_bus.address import KafkaAddress

    try:
        address = KafkaAddress.parse(bus)
        address.probe()
        admin = KafkaAdminClient(**address.options("songcau-topics"))
    except (ValueError, OSError, KafkaError) as error:
        raise StackError(f"the cluster cannot be reached: {error}") from error
    try:
        yield admin
    except KafkaError as error:
        raise StackError(f"the cluster refused: {type(error).__name__}") from error
    finally:
        admin.close()
