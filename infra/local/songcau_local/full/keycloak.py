"""One real Keycloak on loopback, as a child process, with the realm file imported at its first start."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from songcau_local.ports import free_port

from .artefacts import MACHINE, ArtefactError, Say, keycloak_home, require_java

ADMINISTRATOR = "songcau-admin"
PROGRAM_FOLDERS = ("lib", "conf", "bin", "providers", "themes")
# The first compiler alone: a server that lives for a demo is up in half the time.
JAVA_OPTIONS = "-Xmx512m -XX:TieredStopAtLevel=1"


@dataclass
class LocalKeycloak:
    """An unmodified Keycloak over one folder; `variables` fill the realm file's placeholders."""

    folder: Path
    realm_file: Path
    administrator_password: str = field(repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    port: int = 0
    management_port: int = 0
    say: Say = lambda _: None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.management_port = self.management_port or free_port()

    @property
    def url(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ready_url(self) -> str:
        """Return what answers 200 once the server serves."""
        return f"http://127.0.0.1:{self.management_port}/health/ready"

    def prepare(self) -> tuple[str, ...]:
        """Fetch the distribution, make the folder the first time, return the command; raises ArtefactError."""
        require_java()
        return (
            str(self._own_home() / "bin/kc.sh"),
            "start",
            "--optimized",
            "--import-realm",
            "--cache=local",
            "--http-enabled=true",
            "--hostname-strict=false",
            f"--http-port={self.port}",
            "--http-host=127.0.0.1",
            f"--http-management-port={self.management_port}",
            "--http-management-host=127.0.0.1",
            "--log-console-color=false",
        )

    def environment(self) -> dict[str, str]:
        """Return what the server finds in its environment: little of the machine, the realm's values, the bootstrap."""
        return {
            **{name: os.environ[name] for name in MACHINE if name in os.environ},
            **self.variables,
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self.administrator_password,
            "JAVA_OPTS_APPEND": JAVA_OPTIONS,
        }

    def start(self, *, wait_seconds: float = 420) -> None:
        """Start and wait until the server says it is ready; raises ArtefactError."""
        command = self.prepare()
        with (self.folder / "keycloak.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env=self.environment()
            )
        self._wait(time.monotonic() + wait_seconds)

    def stop(self, *, wait_seconds: float = 20) -> None:
        """Stop the server; its database stays in the folder."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def _own_home(self) -> Path:
        """Return a Keycloak of this folder: the shared libraries by link, its own configuration and data."""
        shared, home = keycloak_home(self.say), self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        made_from = home / "made-from"
        if not made_from.exists() or made_from.read_text() != shared.name:
            for name in PROGRAM_FOLDERS:
                shutil.rmtree(home / name, ignore_errors=True)
                shutil.copytree(shared / name, home / name, copy_function=_link_library)
            made_from.write_text(shared.name)
        imports = home / "data/import"
        imports.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.realm_file, imports / "songcau-realm.json")
        return home

    def _wait(self, until: float) -> None:
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise ArtefactError(f"Keycloak ended at start; see {self.folder / 'keycloak.log'}")
            try:
                if httpx.get(self.ready_url, timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        self.stop()
        raise ArtefactError(f"Keycloak did not come up in time; see {self.folder / 'keycloak.log'}")


def _link_library(source: str, target: str) -> None:
    """Share the libraries, which nobody writes; copy the rest, which a build of the server would rewrite in place."""
    if "/lib/lib/" in source:
        try:
            os.link(source, target)
        except OSError:  # another file system
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target)
