"""A whole stack as production runs it: every process apart, real ports, real files; made for the run and removed."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from support.e2e_stack import running_stack, shared_stack


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
    with shared_stack(request) as layout:
        yield layout


@pytest.fixture
def stage(stack: Layout) -> Iterator[Stage]:
    """Return the people of the demo in front of the running stack."""
    stage = Stage.open(stack)
    yield stage
    stage.http.close()
