"""The commands for the key of the erasure ledger, which this service alone holds."""

from collections.abc import Callable

import typer
from songcau_kit.erasure_ledger import FIRST, ErasureLedger, ErasureLedgerError, new_ledger_key, public_key_of
from songcau_kit.objects import ObjectStore

from songcau_identity.settings import Settings


def add_ledger_commands(main: typer.Typer, ready: Callable[[str], Settings]) -> None:
    """Add the commands; `ready` reads the settings of a process of this name."""

    @main.command(name="new-erasure-ledger-key")
    def new_erasure_ledger_key() -> None:
        """Print a new key that signs the erasure ledger, and its public half; nothing is changed."""
        key = new_ledger_key()
        typer.echo(f"IDENTITY_ERASURE_LEDGER_KEY={key}")
        typer.echo(f"..._ERASURE_LEDGER_PUBLIC_KEY={public_key_of(key)}")

    @main.command(name="erasure-ledger")
    def erasure_ledger() -> None:
        """Read the whole erasure ledger and print its last entry; ends with 1 where an entry is not believed."""
        settings = ready("identity-erasure-ledger")
        try:
            last = last_entry(
                ErasureLedger(ObjectStore(settings.erasure_ledger_url), settings.erasure_ledger_public_key)
            )
        except ErasureLedgerError as error:
            raise SystemExit(str(error)) from None
        typer.echo(f"entries {FIRST} to {last} are believed")


def last_entry(ledger: ErasureLedger) -> int:
    """Return the number of the last entry; raises ErasureLedgerError for a ledger that is missing or false."""
    entry = ledger.find(FIRST)
    if entry is None:
        raise ErasureLedgerError("there is no erasure ledger at the place the settings name")
    while (following := ledger.next(entry.place)) is not None:
        entry = following
    return entry.number
