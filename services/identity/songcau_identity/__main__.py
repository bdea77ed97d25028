"""The processes of the identity service: `python -m songcau_identity serve|work|bridge|migrate`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from songcau_kit.data_key_commands import PersonalData, add_data_key_commands, enter_replacement
from songcau_kit.database import Database
from songcau_kit.key_commands import add_key_commands, key_faults_said
from songcau_kit.logs import configure_logs
from songcau_kit.migrations import MigrationError, migrate
from songcau_kit.process import run
from songcau_kit.settings import load_settings
from songcau_units.boundaries import BoundariesError

from songcau_identity.ledger_commands import add_ledger_commands
from songcau_identity.repositories.citizens import find_family
from songcau_identity.rights.repository_sealed import SEALED
from songcau_identity.settings import Settings

main = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


def _ready(process: str) -> Settings:
    settings = load_settings(Settings)
    configure_logs(process, settings.log_format, settings.log_level)
    return settings


@contextmanager
def boundary_faults_said() -> Iterator[None]:
    """End a process with a sentence where the boundaries of the communes cannot be used."""
    try:
        yield
    except BoundariesError as error:
        raise SystemExit(f"IDENTITY_COMMUNE_BOUNDARIES_FILE: {error}") from None


@main.command()
def serve() -> None:
    """Answer gRPC calls."""
    from songcau_identity.app import build_serve

    with key_faults_said(), boundary_faults_said():
        run(build_serve(_ready("identity")))


@main.command()
def work() -> None:
    """Publish events and consume those of others."""
    from songcau_identity.app import build_work

    with boundary_faults_said():
        run(build_work(_ready("identity-work")))


@main.command(name="load-hamlets")
def load_hamlet_list(file: Path) -> None:
    """Let a CSV file be the province's list of hamlets; open addresses are placed again with it."""
    from songcau_identity.addresses.hamlet_list import HamletListError, load_hamlets

    settings = _ready("identity-hamlets")
    database = Database(settings.database_url, application_name="identity-hamlets")
    try:
        loaded = load_hamlets(database, file)
    except HamletListError as error:
        raise SystemExit(str(error)) from None
    finally:
        database.close()
    typer.echo(f"{loaded.hamlets} hamlets listed; {loaded.addresses} open addresses are placed again by `work`")


@main.command()
def bridge() -> None:
    """Serve the OIDC face of VNeID."""
    from songcau_identity.bridge.app import build_bridge
    from songcau_identity.bridge.keys import KeyMissingError

    settings = _ready("identity-bridge")
    try:
        components = build_bridge(settings)
    except KeyMissingError as error:
        raise SystemExit(str(error)) from None
    run(components)


@main.command()
def keys(folder: Path) -> None:
    """Make the keys of a development bridge where they are missing."""
    from songcau_identity.bridge.keys import create_missing_keys

    typer.echo("\n".join(str(file) for file in create_missing_keys(folder)))


@main.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to the schema of this release."""
    settings = _ready("identity-migrate")
    try:
        applied = migrate(settings.migration_database_url or settings.database_url, package="songcau_identity")
    except MigrationError as error:
        raise SystemExit(str(error)) from None
    typer.echo("\n".join(applied) or "nothing to apply")


add_key_commands(main, "identity", _ready)
add_ledger_commands(main, _ready)
add_data_key_commands(main, "identity", _ready, PersonalData(SEALED, find_family, enter_replacement))


if __name__ == "__main__":
    main()
