"""Starting a whole stack and running the `songcau` command against it, as a person would."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from songcau_local import control
from songcau_local.layout import Layout
from support.port_offsets import reserved_offset

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240
FULL_START_SECONDS = 900  # with the download of the real parts
# With `make test-full` the stories run on a real Kafka and a real Keycloak.
IS_FULL = os.environ.get("SONGCAU_FULL") == "1"


def songcau(
    layout: Layout,
    *words: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = START_SECONDS,
    state: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    where = ("--state", str(layout.state)) if state else ()
    command = [sys.executable, "-m", "songcau_local", *words, *where]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        env={**os.environ, **(environment or {})},
    )


@contextmanager
def running_stack(
    request: pytest.FixtureRequest, environment: Mapping[str, str] | None = None, *, is_full: bool = IS_FULL
) -> Iterator[Layout]:
    """Start a stack of its own; afterwards it is stopped and removed, its logs stay where a test has failed."""
    folder = Path(tempfile.mkdtemp(prefix="songcau-e2e-"))
    failed_before = request.session.testsfailed
    kind, seconds = ("--full", FULL_START_SECONDS) if is_full else ("--embedded", START_SECONDS)
    with reserved_offset() as port_offset:
        layout = Layout(folder / "state", port_offset, is_full=is_full)
        try:
            offset = ("--port-offset", str(port_offset))
            done = songcau(layout, "up", kind, *offset, environment=environment, seconds=seconds)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
            yield layout
        finally:
            songcau(layout, "down")
            if request.session.testsfailed > failed_before and layout.logs.exists():
                kept = ROOT / ".songcau" / "e2e-logs" / folder.name
                shutil.copytree(layout.logs, kept)
                print(f"the logs of the stack are in {kept}")
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def shared_stack(request: pytest.FixtureRequest, *, is_full: bool = IS_FULL) -> Iterator[Layout]:
    """Return the full stack that SONGCAU_FULL_STATE names and that is up, else a stack of the run's own."""
    given = os.environ.get("SONGCAU_FULL_STATE")
    if is_full and given and control.is_up(Layout.open(Path(given))):
        yield Layout.open(Path(given))
        return
    with running_stack(request, is_full=is_full) as layout:
        yield layout
