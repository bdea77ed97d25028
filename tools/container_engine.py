"""The program that builds and runs images on this machine: Docker where it answers, else Podman."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# As production runs a container: nothing to write to but /tmp, no capabilities, none to gain.
AS_IN_PRODUCTION = (
    "--read-only", "--tmpfs", "/tmp:mode=1777", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
)  # fmt: skip


class EngineError(Exception):
    """Images cannot be built or run here; the text says what is missing and what to do."""


@dataclass(frozen=True)
class Engine:
    """One container engine with the flags this machine needs."""

    name: str
    build_flags: tuple[str, ...] = ()
    run_flags: tuple[str, ...] = ()
    local: str = ""  # how images without a registry are called

    def call(self, *arguments: str, check: bool = True) -> str:
        """Run the engine and return what it printed; raises EngineError with its last words."""
        done = subprocess.run([self.name, *arguments], capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise EngineError(f"{self.name} {arguments[0]} failed: {done.stderr.strip()[-800:]}")
        return done.stdout.strip()

    def has(self, image: str) -> bool:
        """Say whether an image is on this machine."""
        return bool(self.call("images", "--quiet", image, check=False))

    def can_pull(self, image: str) -> bool:
        """Try to bring an image from its registry."""
        done = subprocess.run([self.name, "pull", "--quiet", image], capture_output=True, timeout=600, check=False)
        return done.returncode == 0

    def build(self, folder: Path, dockerfile: Path, tag: str, arguments: Sequence[str]) -> None:
        """Build one image; its log is shown only where it fails."""
        done = subprocess.run(
            [self.name, "build", *self.build_flags, *arguments, "--file", str(dockerfile), "--tag", tag, str(folder)],
            capture_output=True, text=True, check=False, env={**os.environ, "DOCKER_BUILDKIT": "1"},
        )  # fmt: skip
        if done.returncode:
            raise EngineError(f"{tag} was not built: {(done.stdout + done.stderr).strip()[-3000:]}")

    def run(self, image: str, *command: str, flags: Sequence[str] = ()) -> str:
        """Run a container to its end and return what it printed."""
        return self.call("run", "--rm", *self.run_flags, *flags, image, *command)


def find_engine() -> Engine:
    """Return the engine of this machine; raises EngineError where there is none."""
    if shutil.which("docker") and _answers("docker", "version", "--format", "{{.Server.Version}}"):
        return Engine("docker")
    if shutil.which("podman"):
        return Engine(
            "podman",
            build_flags=("--isolation", "chroot", "--format", "docker"),
            run_flags=_podman_flags(),
            local="localhost/",
        )
    raise EngineError("no container engine: start Docker, or install Podman (apt-get install podman buildah runc)")


def _answers(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _podman_flags() -> tuple[str, ...]:
    flags: tuple[str, ...] = ("--ulimit", "nofile=20000:20000", "--ulimit", "nproc=8000:8000")
    # The default runtime refuses the older layout of control groups.
    if not Path("/sys/fs/cgroup/cgroup.controllers").exists() and shutil.which("runc"):
        flags = ("--runtime", "runc", *flags)
    return flags
