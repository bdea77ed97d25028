"""The commands for wrapping keys, the same in every service that has data keys."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.key_rotation import census, retire, retired_versions, rewrap_data_keys
from songcau_kit.keyring import KeyringError
from songcau_kit.settings import ServiceSettings
from songcau_kit.wrapping_keys import JoinedKeys, open_wrapping_keys

Ready = Callable[[str], ServiceSettings]
Version = Annotated[int, typer.Argument(min=1, help="version of a wrapping key")]


@contextmanager
def key_faults_said() -> Iterator[None]:
    """End the process with one sentence instead of a traceback where the wrapping keys cannot be used."""
    try:
        yield
    except KeyringError as error:
        raise SystemExit(str(error)) from None


def add_key_commands(main: typer.Typer, service: str, ready: Ready) -> None:
    """Add the commands; `ready` reads the settings of a process of this name."""

    @main.command(name="wrapping-keys")
    def wrapping_keys(version: Annotated[int, typer.Argument(min=0, help="say whether it is in use")] = 0) -> None:
        """Count the data keys under each wrapping key; with a version, end with 1 while that one wraps any."""
        with _ground(ready, f"{service}-wrapping-keys") as (database, keys), database.read() as conn:
            counts, retired = census(conn), retired_versions(conn)
            typer.echo("\n".join(_lines(counts, retired, keys)))
        if counts.get(version):
            raise SystemExit(f"wrapping key {version} still wraps {counts[version]} data keys")

    @main.command(name="new-wrapping-key")
    def new_wrapping_key() -> None:
        """Make the next version in the last source, a file or a token; it wraps from then on."""
        with _ground(ready, f"{service}-new-wrapping-key") as (database, keys):
            with database.read() as conn:
                taken = keys.versions | census(conn).keys() | retired_versions(conn)
            keys.add(max(taken, default=0) + 1)
            typer.echo(f"wrapping key {keys.current} made, it is the current one")

    @main.command(name="rewrap-keys")
    def rewrap_keys() -> None:
        """Wrap every data key under the current wrapping key; safe beside running processes and to repeat."""
        with _ground(ready, f"{service}-rewrap-keys") as (database, keys):
            count = rewrap_data_keys(database, keys, _tell)
            typer.echo(f"{count} data keys wrapped anew under version {keys.current}")

    @main.command(name="retire-wrapping-key")
    def retire_wrapping_key(version: Version) -> None:
        """Bar a version from ever wrapping again; refused while any data key names it."""
        with _ground(ready, f"{service}-retire-wrapping-key") as (database, keys):
            is_new = retire(database, keys, version)
        typer.echo(f"wrapping key {version} {'is retired: its key may go' if is_new else 'was retired before'}")


@contextmanager
def key_ground(settings: ServiceSettings, process: str) -> Iterator[tuple[Database, JoinedKeys]]:
    """Lend database and wrapping keys to a command; what refuses it ends the process with one sentence."""
    with key_faults_said():
        keys = open_wrapping_keys(settings)
        database = Database(settings.database_url, min_size=1, max_size=1, application_name=process)
        try:
            yield database, keys
        except DomainError as error:
            cause = "".join(f" ({name} {value})" for name, value in error.details.items())
            raise SystemExit(f"{error.reason.meaning}{cause}") from None
        finally:
            database.close()


@contextmanager
def _ground(ready: Ready, process: str) -> Iterator[tuple[Database, JoinedKeys]]:
    with key_ground(ready(process), process) as ground:
        yield ground


def _lines(counts: dict[int, int], retired: frozenset[int], keys: JoinedKeys) -> Iterator[str]:
    known, current = keys.versions, keys.current
    yield "version  data keys  state"
    for version in sorted(known | counts.keys() | retired):
        states = {
            "current": version == current,
            "opens": version in known and version != current and version not in retired,
            "retired": version in retired,
            "NOT GIVEN HERE": version in counts and version not in known,
        }
        yield f"{version:>7}  {counts.get(version, 0):>9}  {', '.join(name for name, is_so in states.items() if is_so)}"


def _tell(done: int, left: int) -> None:
    typer.echo(f"{done} done, {left} to do", err=True)
