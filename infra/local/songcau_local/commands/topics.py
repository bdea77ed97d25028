"""`songcau topics`: brings a Kafka cluster to what the topic files declare, after showing what that means."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

if TYPE_CHECKING:
    from songcau_kit._kafka_bus.plan import ClusterPlanner, Step

from songcau_local import console
from songcau_local.errors import StackError

Bus = Annotated[str, typer.Option("--bus", envvar="SONGCAU_BUS_URL", help="kafka://[user:password@]host:port[?…]")]
Permissions = Annotated[bool, typer.Option("--permissions/--no-permissions", help="grant to each service's principal")]
STYLES = {"refused": "red", "create": "green", "add partitions": "green", "grant": "cyan"}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    topics = typer.Typer(help="The topics of a Kafka cluster: plan first, never deletes.", no_args_is_help=True)
    topics.command("plan")(plan)
    topics.command("apply")(apply)
    app.add_typer(topics, name="topics")


def plan(bus: Bus, permissions: Permissions = False) -> None:
    """Show what `apply` would do; exit 2 where something is refused or differs."""
    with planner(bus, permissions=permissions) as cluster:
        steps = steps_for(cluster)
    show(steps)
    if steps:
        raise typer.Exit(2)


def apply(bus: Bus, permissions: Permissions = False) -> None:
    """Create missing topics, add partitions, set settings, grant permissions; refuse to make anything smaller."""
    with planner(bus, permissions=permissions) as cluster:
        steps = steps_for(cluster)
        show(steps)
        cluster.apply(steps)
    if any(step.kind.value == "refused" for step in steps):
        raise StackError("some steps were refused; the rest is done")


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
    """Open a planner on the cluster; what goes wrong is one sentence, without the password."""
    # The Kafka client takes a second to import, which no other command should pay.
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError
    from songcau_kit._kafka_bus.address import KafkaAddress
    from songcau_kit._kafka_bus.plan import ClusterPlanner

    try:
        address = KafkaAddress.parse(bus)
        address.probe()
        admin = KafkaAdminClient(**address.options("songcau-topics"))
    except (ValueError, OSError, KafkaError) as error:
        raise StackError(f"the cluster cannot be reached: {error}") from error
    try:
        yield ClusterPlanner(admin, has_permissions=permissions)
    except KafkaError as error:
        raise StackError(f"the cluster refused: {type(error).__name__}") from error
    finally:
        admin.close()
