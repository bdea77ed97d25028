"""A whole stack as production runs it: every process apart, real ports, real files; made for the run and removed."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from support.e2e_stack import running_stack, shared_stack
from support.staff_sessions import StaffSessions
from support.typed_texts import TypedTexts

# It searches for what all the others typed, and kills the stack they share.
LAST = "test_e2e_leaks.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == LAST)


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


@pytest.fixture(scope="session")
def typed() -> TypedTexts:
    """Return what the people of this run's stories have typed so far on the stack they share."""
    return TypedTexts()


@pytest.fixture(scope="session")
def staff_sessions() -> StaffSessions:
    """Return the sessions of the staff at the stack that the stories share."""
    return StaffSessions()


@pytest.fixture
def stage(stack: Layout, typed: TypedTexts, staff_sessions: StaffSessions) -> Iterator[Stage]:
    """Return the people of the demo in front of the running stack; what they type is searched for at the end."""
    stage = Stage.open(stack, staff_sessions.sign_in)
    typed.listen_to(stage.http)
    yield stage
    stage.http.close()
    typed.add(stage.secrets, "the people of the seed and the steps of the demo")
