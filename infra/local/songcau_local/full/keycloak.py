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

from songcau_local.postgres import free_port

from .artefacts import ArtefactError, Say, keycloak_home, require_java

ADMINISTRATOR = "songcau-admin"


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

    def start(self, *, wait_seconds: float = 180) -> None:
        """Start and wait until the server says it is ready; raises ArtefactError."""
        require_java()
        home = self._own_home()
        command = [str(home / "bin/kc.sh"), "start-dev", "--import-realm", "--health-enabled=true"]
        command += [
            f"--http-port={self.port}",
            "--http-host=127.0.0.1",
            f"--http-management-port={self.management_port}",
        ]
        command += ["--features=token-exchange,step-up-authentication", "--log-console-color=false"]
        with (self.folder / "keycloak.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env=self._environment(), cwd=home
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
        for entry in shared.iterdir():
            own = home / entry.name
            if entry.name in {"lib", "conf", "bin", "providers", "themes"} and not own.exists():
                # The build writes into lib, so a link would change the shared copy.
                shutil.copytree(entry, own, copy_function=os.link if entry.name == "lib" else shutil.copy2)
        imports = home / "data/import"
        imports.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.realm_file, imports / "songcau-realm.json")
        return home

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.variables,
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self.administrator_password,
            "JAVA_OPTS_APPEND": "-Xmx512m",
        }

    def _wait(self, until: float) -> None:
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise ArtefactError(f"Keycloak ended at start; see {self.folder / 'keycloak.log'}")
            try:
                if httpx.get(f"http://127.0.0.1:{self.management_port}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        self.stop()
        raise ArtefactError(f"Keycloak did not come up in time; see {self.folder / 'keycloak.log'}")
