"""A whole stack as production runs it: every process apart, real ports, real files; made for the run and removed."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from support.e2e_stack import free_offset, songcau

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running_stack(request: pytest.FixtureRequest, environment: Mapping[str, str] | None = None) -> Iterator[Layout]:
    """Start a stack of its own; afterwards it is stopped and removed, its logs stay where a test has failed."""
    folder = Path(tempfile.mkdtemp(prefix="songcau-e2e-"))
    layout = Layout(folder / "state", free_offset())
    failed_before = request.session.testsfailed
    try:
        done = songcau(layout, "up", "--port-offset", str(layout.port_offset), environment=environment)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        yield layout
    finally:
        songcau(layout, "down")
        if request.session.testsfailed > failed_before and layout.logs.exists():
            kept = ROOT / ".songcau" / "e2e-logs" / folder.name
            shutil.copytree(layout.logs, kept)
            print(f"the logs of the stack are in {kept}")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start_stack(request: pytest.FixtureRequest) -> Iterator[Callable[..., Layout]]:
    """Return a function that starts one stack with settings of its own for one test."""
    opened = []

    def start(environment: Mapping[str, str]) -> Layout:
        opened.append(running_stack(request, environment))
        return opened[-1].__enter__()

    yield start
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Layout]:
    """Return the stack that the tests of a run share."""
    with running_stack(request) as layout:
        yield layout


@pytest.fixture
def stage(stack: Layout) -> Iterator[Stage]:
    """Return the people of the demo in front of the running stack."""
    stage = Stage.open(stack)
    yield stage
    stage.http.close()
