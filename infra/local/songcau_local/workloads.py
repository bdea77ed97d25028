"""The processes that know one another by certificate: who serves, who calls, and their development certificates.

`python -m songcau_local.workloads FOLDER` writes them for an installation without an authority of its own.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from songcau_kit.clock import SystemClock
from songcau_kit.development_authority import DevelopmentAuthority, Workload
from songcau_kit.tls import TlsError, TlsFiles

# Workers and migrations neither serve nor call, so they have no certificate that could be stolen from them.
WORKLOADS = (
    Workload("identity", is_server=True),
    Workload("eservices", is_server=True, is_client=True),
    Workload("telehealth", is_server=True),
    Workload("audit", is_server=True),
    Workload("identity-bridge", is_client=True),
    Workload("gateway", is_client=True),
)
RENEWED_BEFORE = timedelta(days=180)


def issue_missing(folder: Path, authority: Path, *, at: datetime) -> None:
    """Give every process a certificate that is good for half a year at least, each in a folder of its name."""
    issuer = DevelopmentAuthority.create(authority, at=at)
    for workload in WORKLOADS:
        try:
            TlsFiles.in_folder(folder / workload.name).read(at + RENEWED_BEFORE)
        except TlsError:
            issuer.issue_workload(workload, folder / workload.name, at=at)


def main(folder: Annotated[Path, typer.Argument(help="where a folder of each process is made")]) -> None:
    """Write development certificates of every process into a folder; safe to repeat."""
    issue_missing(folder, folder / "authority", at=SystemClock().now())
    typer.echo(f"{len(WORKLOADS)} processes have certificates in {folder}")


if __name__ == "__main__":
    typer.run(main)
