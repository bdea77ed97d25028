"""`songcau audit`: keep a checkpoint of the audit log, export an access list with its proofs, check it anywhere."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from songcau_local import console, control
from songcau_local.audit_export import ExportError, export_list, newest_checkpoint
from songcau_local.audit_keys import audit_keys
from songcau_local.errors import StackError
from songcau_local.layout import Layout
from songcau_local.options import DEFAULT_STATE, State

audit = typer.Typer(help="The audit log: keep checkpoints, export and verify access lists.", no_args_is_help=True)
Gateway = Annotated[str, typer.Option(help="address of a gateway; empty: that of the local stack")]
Since = Annotated[Path | None, typer.Option(help="file with a checkpoint that was kept earlier")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(audit, name="audit")


@audit.command()
def key(state: State = DEFAULT_STATE, witness: bool = False) -> None:
    """Print the public key of the local stack's log, or of its witness."""
    keys = audit_keys(Layout.open(Path(state)))
    console.plain((keys.witness if witness else keys.log).text)


@audit.command()
def checkpoint(gateway: Gateway = "", state: State = DEFAULT_STATE) -> None:
    """Print the newest checkpoint, to be kept."""
    sys.stdout.write(newest_checkpoint(_url(gateway, state)))


@audit.command()
def export(
    person: Annotated[str, typer.Option("--as", help="a demo account of the local stack, such as `an`")] = "",
    since: Since = None,
    gateway: Gateway = "",
    token: Annotated[str, typer.Option(envvar="SONGCAU_TOKEN", help="an access token, in place of --as")] = "",
    state: State = DEFAULT_STATE,
) -> None:
    """Print a citizen's whole access list with the proof of every entry, as `verify` wants it."""
    from songcau_local.browser import sign_in

    if bool(person) == bool(token):
        raise StackError("say whose list it is: --as with a demo account, or --token")
    url = _url(gateway, state)
    access = token or sign_in(Layout.open(Path(state)), person).access
    try:
        sys.stdout.write(json.dumps(export_list(url, access, since=_read(since)), indent=1, ensure_ascii=False) + "\n")
    except ExportError as error:
        raise StackError(str(error)) from error


@audit.command()
def verify(
    list_file: Annotated[Path, typer.Argument(metavar="LIST", help="what `export` printed")],
    key: Annotated[str, typer.Option(help="public key of the log, from somewhere else than the platform")],
    since: Since = None,
    witness_key: Annotated[list[str] | None, typer.Option(help="witnesses that must have signed, too")] = None,
) -> None:
    """Check an exported list against the log, without any connection; ends with 1 where something is wrong."""
    from songcau_audit.verification import faults_of
    from songcau_kit.signed_notes import NoteError, NoteVerifier

    try:
        keys = [NoteVerifier.parse(one) for one in (key, *(witness_key or ()))]
        export_content = json.loads(_read(list_file) or "")
    except (NoteError, ValueError) as error:
        raise StackError(f"cannot be checked: {error}") from error
    faults = faults_of(export_content, _read(since), keys)
    for fault in faults:
        console.plain(f"✗ {fault}")
    if faults:
        raise typer.Exit(1)
    count = len(export_content["accesses"])
    console.plain(f"✓ {count} entries stand in the signed log as the list says, and none is missing between them")


def _url(gateway: str, state: Path) -> str:
    layout = Layout.open(Path(state))
    if not gateway:
        control.require_up(layout)
    return gateway.rstrip("/") or layout.url("gateway")


def _read(file: Path | None) -> str | None:
    try:
        return file.read_text() if file else None
    except OSError as error:
        raise StackError(f"{file} cannot be read: {error.strerror}") from error
