"""The processes of telehealth: `python -m songcau_telehealth serve|work|migrate|seed`."""

import typer
from songcau_kit.data_key_commands import PersonalData, add_data_key_commands, enter_replacement
from songcau_kit.key_commands import add_key_commands, key_faults_said
from songcau_kit.logs import configure_logs
from songcau_kit.migrations import MigrationError, migrate
from songcau_kit.process import run
from songcau_kit.settings import load_settings

from songcau_telehealth.citizens.repository import find_family
from songcau_telehealth.rights.repository_sealed import SEALED
from songcau_telehealth.settings import Settings

main = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


def _ready(process: str) -> Settings:
    settings = load_settings(Settings)
    configure_logs(process, settings.log_format, settings.log_level)
    return settings


@main.command()
def serve() -> None:
    """Answer gRPC calls."""
    from songcau_telehealth.app import build_serve

    with key_faults_said():
        run(build_serve(_ready("telehealth")))


@main.command()
def work() -> None:
    """Publish events, consume those of others, release what has run out."""
    from songcau_telehealth.app import build_work

    with key_faults_said():
        run(build_work(_ready("telehealth-work")))


@main.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to the schema of this release."""
    settings = _ready("telehealth-migrate")
    try:
        applied = migrate(settings.migration_database_url or settings.database_url, package="songcau_telehealth")
    except MigrationError as error:
        raise SystemExit(str(error)) from None
    typer.echo("\n".join(applied) or "nothing to apply")


@main.command()
def seed() -> None:
    """Fill a development database with invented facilities, practitioners and slots; a second run only adds slots."""
    from songcau_telehealth.seeding import seed_development

    typer.echo(seed_development(_ready("telehealth-seed")))


add_key_commands(main, "telehealth", _ready)
add_data_key_commands(main, "telehealth", _ready, PersonalData(SEALED, find_family, enter_replacement))


if __name__ == "__main__":
    main()
