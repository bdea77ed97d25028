"""What the commands for the key of the erasure ledger say to whoever replaces it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import typer
from click.testing import Result
from songcau_identity.ledger_commands import add_ledger_commands
from songcau_identity.settings import Settings
from songcau_kit.erasure_ledger import Erasure, ErasureLedgerWriter, public_key_of
from songcau_kit.objects import ObjectStore
from songcau_kit.settings import DEVELOPMENT_ERASURE_LEDGER_KEY, DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY
from typer.testing import CliRunner

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def running(command: str, keys: str = DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY) -> Result:
        main = typer.Typer()
        settings = Settings(erasure_ledger_url=tmp_path.as_uri(), erasure_ledger_public_key=keys)
        add_ledger_commands(main, lambda _: settings)
        return CliRunner().invoke(main, [command])

    return running


def write(folder: Path, key: str) -> None:
    """Append an entry, after one that begins the ledger where there is none."""
    writer = ErasureLedgerWriter(ObjectStore(folder.as_uri()), key)
    writer.begin(uuid4())
    begun = writer.ledger.find(0)
    assert begun
    assert writer.append(begun.place, Erasure(uuid4(), uuid4(), (uuid4(),), datetime.now(UTC)))


def test_the_last_entry_is_told_by_which_the_former_key_is_closed(run: Run, tmp_path: Path) -> None:
    write(tmp_path, DEVELOPMENT_ERASURE_LEDGER_KEY)
    told = run("erasure-ledger")
    assert (told.exit_code, told.output) == (0, "entries 0 to 1 are believed\n")


def test_a_ledger_that_is_not_believed_or_not_there_ends_with_1(run: Run, tmp_path: Path) -> None:
    missing = run("erasure-ledger")
    assert (missing.exit_code, "no erasure ledger" in str(missing.exception)) == (1, True)
    write(tmp_path, DEVELOPMENT_ERASURE_LEDGER_KEY)
    closed = run("erasure-ledger", f"{DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY}:0")
    assert closed.exit_code == 1
    assert str(closed.exception) == "entry 1 of the erasure ledger is not signed by its key"


def test_a_new_key_is_printed_with_its_public_half_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    private, public = (line.partition("=")[2] for line in run("new-erasure-ledger-key").output.splitlines())
    assert public_key_of(private) == public
    assert list(tmp_path.iterdir()) == []
