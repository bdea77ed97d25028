"""Tells the demo story against the built images, run as production runs them; what surrounds them are processes.

PostgreSQL, the development issuer and the simulators run on this machine; `serve`, `work`, `bridge`, `migrate` and
`seed` are containers. After the story each container is told to end in turn, and the story is told again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from container_engine import AS_IN_PRODUCTION, Engine, EngineError, find_engine
from images import IMAGES, ROOT, image_name, say
from songcau_kit.migrations import MigrationError
from songcau_local.demo import story
from songcau_local.errors import StackError
from songcau_local.key_material import load_or_make
from songcau_local.layout import Layout
from songcau_local.placement import Placement
from songcau_local.process_table import BUSINESS_REGISTER_FILE, service_command
from songcau_local.programs import Program
from songcau_local.status import Phase, State, find_status
from songcau_local.supervisor import Supervisor

STATE = ROOT / ".songcau-images"
PORT_OFFSET = 2000
USER = 10001  # as the Dockerfiles say
END_SECONDS = 25.0
TOPICS = "/opt/songcau/lib/python3.11/site-packages/songcau/topics"


@dataclass(frozen=True)
class Containers:
    """The platform's processes as containers of one engine."""

    engine: Engine
    layout: Layout

    def place(self, program: Program) -> Program:
        """Return the program as a container; what is no part of the platform stays a process."""
        module, *words = program.command[2:]
        image = module.removeprefix("songcau_")
        if image not in IMAGES:
            return program
        folders = self._folders()
        settings = {name: value for name, value in program.environment.items() if name.startswith(image.upper())}
        if image == "identity":
            settings["IDENTITY_TOPICS_FOLDER"] = TOPICS
        flags = [*self.engine.run_flags, *AS_IN_PRODUCTION, "--network", "host", "--name", self.name(program.name)]
        # By name alone: the values of secrets stand in no list of processes.
        flags += [word for name in settings for word in ("--env", name)]
        flags += [word for folder in folders for word in ("--volume", f"{folder}:{folder}")]
        command = (self.engine.name, "run", "--rm", *flags, image_name(self.engine, image, "dev"), *words)
        return replace(program, command=command, environment={**os.environ, **settings})

    def migrate(self, layout: Layout, service: str) -> list[str]:
        """Run a service's `migrate` to its end and return what it said."""
        command, environment = service_command(layout, load_or_make(layout), service, ("migrate",))
        program = self.place(Program(f"{service}-migrate", command, environment))
        done = subprocess.run(
            program.command, env=dict(program.environment), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise MigrationError(f"migrate ended with code {done.returncode}: {done.stderr.strip()[-500:]}")
        return done.stdout.strip().splitlines()

    def name(self, program: str) -> str:
        """Return what the container of a program is called."""
        return f"{STATE.name.removeprefix('.')}-{program}"

    def _folders(self) -> Iterator[Path]:
        """Return what is mounted in reach of the image's user: keys, files, erasure ledger, boundaries, register."""
        layout = self.layout
        folders = (layout.secrets, layout.objects, layout.erasure_ledger, layout.commune_boundaries.parent)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, USER, USER)
        # Read as they stand: they are in the tree, and readable by everybody.
        return iter((*folders, BUSINESS_REGISTER_FILE.parent))


def main() -> int:
    """Return 0 where the story passed twice; 1 with one sentence where it cannot be told."""
    if os.geteuid() != 0:
        print("images-demo: needs root, to give the containers' user its keys and files", file=sys.stderr)
        return 1
    try:
        engine = find_engine()
        missing = [name for name in IMAGES if not engine.has(image_name(engine, name, "dev"))]
        if missing:
            raise EngineError(f"not built: {', '.join(missing)}; `make images` builds them")
        shutil.rmtree(STATE, ignore_errors=True)
        return 0 if tell(Containers(engine, Layout(STATE, PORT_OFFSET))) else 1
    except (EngineError, StackError) as error:
        print(f"images-demo: {error}", file=sys.stderr)
        return 1


def tell(containers: Containers) -> bool:
    """Start everything, tell the story, restart every container in turn, tell it again, stop everything."""
    supervisor = Supervisor(containers.layout, placement=Placement(containers.place, containers.migrate))
    running = threading.Thread(target=supervisor.run)
    running.start()
    try:
        wait_ready(containers.layout, running)
        if not story.run(containers.layout):
            return False
        restart_each(containers, running)
        say("the story once more, on the restarted containers")
        return story.run(containers.layout)
    finally:
        supervisor.end()
        running.join()


def restart_each(containers: Containers, running: threading.Thread) -> None:
    """Tell each container to end; raises StackError where one does not, or does not come back."""
    status = find_status(containers.layout.status_file)
    names = [process.name for process in status.processes] if status else []
    for name in names:
        container = containers.name(name)
        before = containers.engine.call("ps", "--quiet", "--filter", f"name=^{container}$")
        if not before:
            continue
        began = time.monotonic()
        containers.engine.call("kill", "--signal", "TERM", container)
        while containers.engine.call("ps", "--quiet", "--filter", f"id={before}"):
            if time.monotonic() - began > END_SECONDS:
                raise StackError(f"{name} does not end within {END_SECONDS:g} s")
            time.sleep(0.1)
        ended = time.monotonic() - began
        wait_ready(containers.layout, running, name)
        say(f"{name}: ended {ended:.1f} s after SIGTERM, ready again after {time.monotonic() - began:.1f} s")


def wait_ready(layout: Layout, running: threading.Thread, name: str = "") -> None:
    """Wait until the stack is ready, or one process of it is back; raises StackError where it gave up."""
    until = time.monotonic() + 180
    while time.monotonic() < until and running.is_alive():
        status = find_status(layout.status_file)
        if status and status.phase is Phase.READY:
            process = next((process for process in status.processes if process.name == name), None)
            if not name or (process and process.restarts and process.state is State.READY):
                return
        time.sleep(0.1)
    raise StackError(f"{name or 'the stack'} does not get ready: see {layout.logs / 'stack.log'}")


if __name__ == "__main__":
    sys.exit(main())
