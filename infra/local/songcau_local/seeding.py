"""Fills a fresh stack with what the services ship: units, agencies, procedures, facilities, practitioners."""

import hashlib
import importlib.util
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from songcau_local.errors import StackError
from songcau_local.key_material import Secrets
from songcau_local.layout import Layout
from songcau_local.placement import as_it_is
from songcau_local.process_table import service_command
from songcau_local.programs import Program

SEEDED = ("eservices", "telehealth")
EVERY_TIME = ("telehealth",)  # its seed adds the slots of the coming days
SEED_WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Seeding:
    """The seed commands of the services, under way beside everything else that starts."""

    layout: Layout
    processes: dict[str, subprocess.Popen[str]]
    fingerprints: dict[str, str]

    @classmethod
    def start(cls, layout: Layout, secrets: Secrets, place: Callable[[Program], Program] = as_it_is) -> "Seeding":
        """Start the seed command of each service whose shipped data this stack does not have yet."""
        known = _known(layout)
        fingerprints = {service: _fingerprint(service) for service in SEEDED}
        processes = {}
        for service in SEEDED:
            if service in EVERY_TIME or known.get(service) != fingerprints[service]:
                command, environment = service_command(layout, secrets, service, ("seed",))
                program = place(Program(f"{service}-seed", command, environment))
                processes[service] = subprocess.Popen(
                    program.command,
                    env=dict(program.environment),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
        return cls(layout, processes, fingerprints)

    def finish(self, say: Callable[[str], None]) -> None:
        """Wait for the commands to end; raises StackError with the last words of one that failed."""
        for service, process in self.processes.items():
            try:
                output, _ = process.communicate(timeout=SEED_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self.stop()
                raise StackError(f"seeding {service} does not end within {SEED_WITHIN_SECONDS:g} s") from None
            words = output.strip().splitlines() or [""]
            if process.returncode:
                raise StackError(f"seeding {service} failed: {words[-1]}")
            say(f"{service}: {words[-1]}")
        (self.layout.state / "seeded.json").write_text(json.dumps(self.fingerprints))

    def stop(self) -> None:
        """End what still runs."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.communicate()


def _known(layout: Layout) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads((layout.state / "seeded.json").read_text())
    except (OSError, ValueError):
        return {}
    return known


def _fingerprint(service: str) -> str:
    digest = hashlib.sha256()
    for path in _files(service):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _files(service: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(f"songcau_{service}")
    if spec is None or spec.origin is None:
        raise StackError(f"the service {service} is not installed: `make setup` installs it")
    package = Path(spec.origin).parent
    folders = (package / "seed", package / "catalogue")
    yield from sorted(path for folder in folders for path in folder.rglob("*.*") if path.suffix != ".pyc")
    yield from sorted(package.glob("seed*.py"))
