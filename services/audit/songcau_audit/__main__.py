"""The processes of the audit service: `python -m songcau_audit serve|work|sign|witness|migrate`."""

from collections.abc import Callable, Sequence
from pathlib import Path

import typer
from songcau_kit.data_key_commands import PersonalData, add_data_key_commands, enter_replacement
from songcau_kit.key_commands import add_key_commands, key_faults_said
from songcau_kit.logs import configure_logs
from songcau_kit.migrations import MigrationError, migrate
from songcau_kit.process import Component, run
from songcau_kit.settings import load_settings

from songcau_audit.repository_citizens import family_of
from songcau_audit.sealing import SEALED
from songcau_audit.settings import Settings

main = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


def _ready(process: str) -> Settings:
    settings = load_settings(Settings)
    configure_logs(process, settings.log_format, settings.log_level)
    return settings


@main.command()
def serve() -> None:
    """Answer gRPC calls."""
    from songcau_audit.app import build_serve

    with key_faults_said():
        run(build_serve(_ready("audit")))


@main.command()
def work() -> None:
    """Take accesses in and let the tree grow."""
    from songcau_audit.app import build_work

    run(build_work(_ready("audit-work")))


@main.command()
def sign() -> None:
    """Sign checkpoints and have them witnessed."""
    from songcau_audit.app import build_sign

    _run_with_key(build_sign, "audit-sign")


@main.command()
def witness() -> None:
    """Sign the checkpoints of logs that only grow."""
    from songcau_audit.witness.app import build_witness

    _run_with_key(build_witness, "audit-witness")


@main.command()
def keys(folder: Path, public: Path | None = None) -> None:
    """Make the keys of a development log and its witness where missing; write the public halves too (to PUBLIC)."""
    from songcau_audit.keys import create_missing_keys, write_public_keys

    settings = load_settings(Settings)
    made = create_missing_keys(folder)
    told = write_public_keys(folder, public or folder, settings.origin, settings.witness_name)
    typer.echo("\n".join(str(file) for file in (*made, *told)))


@main.command(name="public-key")
def public_key(file: Path, name: str, cosignature: bool = False) -> None:
    """Print the public half of a key under a name, as verifiers and witnesses want it."""
    from songcau_kit.signed_notes import NoteError, NoteSigner, Use

    try:
        use = Use.COSIGNATURE if cosignature else Use.NOTE
        typer.echo(NoteSigner.from_pem(name, use, file.read_bytes()).verifier.text)
    except (OSError, NoteError) as error:
        raise SystemExit(f"{file} cannot be used: {error}") from None


@main.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to the schema of this release."""
    settings = _ready("audit-migrate")
    try:
        applied = migrate(settings.migration_database_url or settings.database_url, package="songcau_audit")
    except MigrationError as error:
        raise SystemExit(str(error)) from None
    typer.echo("\n".join(applied) or "nothing to apply")


def _run_with_key(build: Callable[[Settings], Sequence[Component]], process: str) -> None:
    from songcau_kit.signed_notes import NoteError

    from songcau_audit.app import KeyMissingError

    settings = _ready(process)
    try:
        components = build(settings)
    except (KeyMissingError, NoteError) as error:
        raise SystemExit(str(error)) from None
    run(components)


add_key_commands(main, "audit", _ready)
add_data_key_commands(main, "audit", _ready, PersonalData(SEALED, family_of, enter_replacement))


if __name__ == "__main__":
    main()
