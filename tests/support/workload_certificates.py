"""Certificates of processes as a test wants them: right ones, foreign ones, expired ones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from songcau_kit.development_authority import DevelopmentAuthority, Workload
from songcau_kit.tls import TlsFiles

DAY = timedelta(days=1)


class Certificates:
    """An authority of its own in a folder; BoringSSL compares with the machine's clock, so nothing is fixed here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = DevelopmentAuthority.create(folder / "authority", at=datetime.now(UTC) - 30 * DAY)

    def issue(self, name: str, *, age: timedelta = timedelta(), valid_for: timedelta = DAY, **roles: bool) -> TlsFiles:
        """Return the files of a process that both serves and calls, written anew at each call."""
        workload = Workload(name, **({"is_server": True, "is_client": True} | roles))
        at = datetime.now(UTC) - age
        return self._authority.issue_workload(workload, self._folder / name, at=at, valid_for=valid_for)

    def expired(self, name: str) -> TlsFiles:
        """Return the files of a process whose certificate ended an hour ago."""
        return self.issue(name, age=DAY, valid_for=DAY - timedelta(hours=1))
