"""A whole stack as production runs it: every process apart, real ports, real files; made for the run and removed."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from support.e2e_stack import free_offset, songcau


@pytest.fixture(scope="module")
def start_stack() -> Iterator[Callable[..., Layout]]:
    """Return a function that starts a stack of its own; all are stopped and removed at the end."""
    started: list[Layout] = []

    def start(environment: Mapping[str, str] | None = None) -> Layout:
        folder = Path(tempfile.mkdtemp(prefix="songcau-e2e-"))
        layout = Layout(folder / "state", free_offset())
        started.append(layout)
        done = songcau(layout, "up", "--port-offset", str(layout.port_offset), environment=environment)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return layout

    yield start
    for layout in started:
        songcau(layout, "down")
        shutil.rmtree(layout.state.parent, ignore_errors=True)


@pytest.fixture(scope="module")
def stack(start_stack: Callable[..., Layout]) -> Layout:
    """Return a running stack."""
    return start_stack()


@pytest.fixture
def stage(stack: Layout) -> Iterator[Stage]:
    """Return the people of the demo in front of the running stack."""
    stage = Stage.open(stack)
    yield stage
    stage.http.close()
