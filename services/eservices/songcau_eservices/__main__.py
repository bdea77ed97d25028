"""The processes and tools of the public services: `python -m songcau_eservices serve|work|migrate|seed|…`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from songcau_kit.clock import SystemClock, local_date
from songcau_kit.data_key_commands import PersonalData, add_data_key_commands, enter_replacement
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.key_commands import add_key_commands, key_faults_said
from songcau_kit.logs import configure_logs
from songcau_kit.migrations import MigrationError, migrate
from songcau_kit.process import run
from songcau_kit.settings import load_settings

from songcau_eservices.rights.repository_sealed import SEALED, family
from songcau_eservices.settings import Settings

main = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


def _ready(process: str) -> Settings:
    settings = load_settings(Settings)
    configure_logs(process, settings.log_format, settings.log_level)
    return settings


@contextmanager
def _database(process: str) -> Iterator[Database]:
    settings = _ready(process)
    database = Database(settings.database_url, min_size=1, max_size=1, application_name=process)
    try:
        yield database
    except DomainError as error:
        raise SystemExit(f"the database cannot be used now: {error.reason.meaning}") from None
    finally:
        database.close()


@main.command()
def serve() -> None:
    """Answer gRPC calls."""
    from songcau_eservices.app import build_serve

    with key_faults_said():
        run(build_serve(_ready("eservices")))


@main.command()
def work() -> None:
    """Publish events and consume those of others."""
    from songcau_eservices.app import build_work

    with key_faults_said():
        run(build_work(_ready("eservices-work")))


@main.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to the schema of this release."""
    settings = _ready("eservices-migrate")
    try:
        applied = migrate(settings.migration_database_url or settings.database_url, package="songcau_eservices")
    except MigrationError as error:
        raise SystemExit(str(error)) from None
    typer.echo("\n".join(applied) or "nothing to apply")


@main.command(name="seed")
def seed_database() -> None:
    """Load the units, agencies and curated procedures that come with this release; safe to repeat."""
    from songcau_eservices.seeding import seed

    with _database("eservices-seed") as database:
        report = seed(database, SystemClock())
    counts = report.procedures
    typer.echo(
        f"{report.units} units, {report.agencies} agencies; "
        f"procedures: {counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged"
    )


@main.command(name="import-catalogue")
def import_catalogue(
    path: Annotated[Path, typer.Argument(help="folder with catalog.jsonl and, if there is one, details.jsonl")],
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day of changed records; default today")
    ] = None,
) -> None:
    """Import the national catalogue of procedures; safe to repeat."""
    from songcau_eservices.catalogue.import_command import run_import

    clock = SystemClock()
    first_day: date = valid_from.date() if valid_from else local_date(clock.now())
    with _database("eservices-import") as database:
        run_import(path, database, clock, valid_from=first_day)


add_key_commands(main, "eservices", _ready)
add_data_key_commands(main, "eservices", _ready, PersonalData(SEALED, family, enter_replacement))


if __name__ == "__main__":
    main()
